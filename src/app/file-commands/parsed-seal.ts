/** A seal file parsed once, by its own array: one signature asks of it for its signer, its picture and its size. */
import { parseSeal, type SESeal } from '../../eseal/index.js';

const parsed = new WeakMap<Uint8Array, SESeal>();

/**
 * @param der - Remembered by identity and must not change.
 * @throws AppError `eseal-malformed`, params `offset`
 */
export function parsedSeal(der: Uint8Array): SESeal {
  const known = parsed.get(der);
  if (known !== undefined) return known;
  const seal = parseSeal(der);
  parsed.set(der, seal);
  return seal;
}
