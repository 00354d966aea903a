/** Which of the contract pages is shown: the fragment of the address says so, so that back and forward work. */
import { useSyncExternalStore } from 'react';

export type Place =
  | { readonly kind: 'list' }
  | { readonly kind: 'new' }
  | { readonly kind: 'contract'; readonly id: string }
  | { readonly kind: 'edit'; readonly id: string };

export function addressOf(place: Place): string {
  switch (place.kind) {
    case 'list':
      return '#/';
    case 'new':
      return '#/new';
    case 'contract':
      return `#/${place.id}`;
    case 'edit':
      return `#/${place.id}/edit`;
  }
}

export function placeOf(fragment: string): Place {
  if (fragment === '#/new') return { kind: 'new' };
  const match = /^#\/(ctr_[0-9a-z-]{1,80})(\/edit)?$/.exec(fragment);
  if (match?.[1] === undefined) return { kind: 'list' };
  return { kind: match[2] === undefined ? 'contract' : 'edit', id: match[1] };
}

function subscribe(onChange: () => void): () => void {
  addEventListener('hashchange', onChange);
  return () => removeEventListener('hashchange', onChange);
}

export function usePlace(): Place {
  return placeOf(useSyncExternalStore(subscribe, () => location.hash));
}

export function goTo(place: Place): void {
  location.hash = addressOf(place);
}
