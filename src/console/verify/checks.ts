/** The files of the page and how far each one is: the newest first, verified one after the other. */
import { useCallback, useEffect, useReducer } from 'react';
import type { VerificationReport } from '../api/report.js';
import { verifyFile } from '../api/verifications.js';
import { UnsuitableFile } from '../parts/explain-problem.js';

export type CheckState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'uploading'; readonly share: number }
  | { readonly kind: 'checking' }
  | { readonly kind: 'done'; readonly report: VerificationReport }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface Check {
  readonly id: number;
  readonly file: File;
  readonly state: CheckState;
}

type Action =
  | { readonly type: 'add'; readonly files: readonly File[] }
  | { readonly type: 'set'; readonly id: number; readonly state: CheckState }
  | { readonly type: 'remove'; readonly id: number }
  | { readonly type: 'clear' };

interface Checks {
  readonly nextId: number;
  readonly items: readonly Check[];
  /** The one that came to its end last. */
  readonly lastEndedId: number | undefined;
}

const NOTHING: Checks = { nextId: 1, items: [], lastEndedId: undefined };

function hasEnded({ kind }: CheckState): boolean {
  return kind === 'done' || kind === 'failed';
}

function reduce(checks: Checks, action: Action): Checks {
  const { nextId, items } = checks;
  switch (action.type) {
    case 'add': {
      const added = action.files.map((file, index): Check => ({
        id: nextId + index,
        file,
        state: { kind: 'waiting' },
      }));
      return { ...checks, nextId: nextId + added.length, items: [...added, ...items] };
    }
    case 'set':
      return {
        ...checks,
        ...(hasEnded(action.state) ? { lastEndedId: action.id } : {}),
        items: items.map((each) =>
          each.id === action.id ? { ...each, state: action.state } : each,
        ),
      };
    case 'remove':
      return { ...checks, items: items.filter((each) => each.id !== action.id) };
    case 'clear':
      return { ...NOTHING, nextId };
  }
}

export interface ChecksControl {
  readonly checks: readonly Check[];
  readonly lastEnded: Check | undefined;
  readonly add: (files: readonly File[]) => void;
  readonly retry: (id: number) => void;
  readonly remove: (id: number) => void;
  readonly clear: () => void;
}

export function useChecks(): ChecksControl {
  const [{ items, lastEndedId }, dispatch] = useReducer(reduce, NOTHING);
  const isUnderWay = ({ state }: Check): boolean => !hasEnded(state) && state.kind !== 'waiting';
  // Files that come meanwhile wait for the one under way.
  const current = items.find(isUnderWay) ?? items.find(({ state }) => state.kind === 'waiting');
  const id = current?.id;
  const file = current?.file;
  useEffect(() => {
    if (id === undefined || file === undefined) return undefined;
    const giveUp = new AbortController();
    const set = (state: CheckState): void => {
      if (!giveUp.signal.aborted) dispatch({ type: 'set', id, state });
    };
    const work = async (): Promise<VerificationReport> => {
      set({ kind: 'uploading', share: 0 });
      await assertVerifiable(file);
      return verifyFile(file, {
        signal: giveUp.signal,
        onUpload: (sent, total) =>
          set(sent < total ? { kind: 'uploading', share: sent / total } : { kind: 'checking' }),
      });
    };
    work().then(
      (report) => set({ kind: 'done', report }),
      (error: unknown) => set({ kind: 'failed', error }),
    );
    return () => giveUp.abort();
  }, [id, file]);
  return {
    checks: items,
    lastEnded: items.find((each) => each.id === lastEndedId),
    add: useCallback((files) => dispatch({ type: 'add', files }), []),
    retry: useCallback(
      (each) => dispatch({ type: 'set', id: each, state: { kind: 'waiting' } }),
      [],
    ),
    remove: useCallback((each) => dispatch({ type: 'remove', id: each }), []),
    clear: useCallback(() => dispatch({ type: 'clear' }), []),
  };
}

const HEADER = '%PDF-';
/** How a filing package begins: a zip. */
const ZIP_HEADER = 'PK\x03\x04';
const HEADER_WITHIN_BYTES = 1024;

/** Spares the upload of what cannot be verified anyway. Something called a PDF is left to the service to judge. */
async function assertVerifiable(file: File): Promise<void> {
  if (file.size === 0) throw new UnsuitableFile('empty-file');
  if (/\.pdf$/i.test(file.name)) return;
  let head: string;
  try {
    head = new TextDecoder('latin1').decode(await file.slice(0, HEADER_WITHIN_BYTES).arrayBuffer());
  } catch {
    // A folder, most likely.
    throw new UnsuitableFile('not-a-pdf');
  }
  if (!head.includes(HEADER) && !head.startsWith(ZIP_HEADER)) throw new UnsuitableFile('not-a-pdf');
}
