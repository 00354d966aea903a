/** A file whose document is untouched and whose CMS is not as it must be. */
import type { Attack, Holders } from './attack.js';
import type { Holder } from './authority.js';
import { buildCms, usualAttributes, withCms, type CmsParts } from './workshop.js';

/** Verdicts on a CMS. What nothing signs decides nothing for good: INDETERMINATE. */
export const FORMAT = 'TOTAL-FAILED/FORMAT_FAILURE';
export const HASH = 'TOTAL-FAILED/HASH_FAILURE';
export const VALUE = 'TOTAL-FAILED/SIG_CRYPTO_FAILURE';
export const IRREGULAR = 'INDETERMINATE/FORMAT_FAILURE';
export const NOT_NAMED = 'INDETERMINATE/NO_SIGNING_CERTIFICATE_FOUND';
export const ALGORITHM = 'INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE';

/** A file of `by` whose CMS is honest but for what `make` says. */
export function cms(
  name: string,
  clause: string,
  reason: string,
  verdict: string,
  make: (content: Uint8Array, holders: Holders) => CmsParts,
  by: (holders: Holders) => Holder = ({ signer }) => signer,
): Attack {
  return {
    name,
    clause,
    reason,
    verdict,
    build: ({ plain, holders }) =>
      withCms(plain, (content) => buildCms(by(holders), content, make(content, holders))),
  };
}

/** The usual attributes with one exchanged: content type, message digest or signing certificate. */
export function exchanged(
  signer: Holder,
  content: Uint8Array,
  place: 0 | 1 | 2,
  ...instead: readonly Uint8Array[]
): readonly Uint8Array[] {
  return [
    ...usualAttributes(signer, content).filter((_each, index) => index !== place),
    ...instead,
  ];
}
