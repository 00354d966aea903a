/** Names and keywords met before, so that `/Type` is one string however often it is read. */

const SLOTS = 1024;
/** Longer ones are rare, and seldom the same. */
const LONGEST = 32;

const table = new Array<string | undefined>(SLOTS).fill(undefined);

/** `bytes[start, end)`, one character a byte. */
export function latin1Name(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > LONGEST) return spell(bytes, start, end);
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  const slot = hash & (SLOTS - 1);
  const known = table[slot];
  if (known !== undefined && isSpelled(known, bytes, start, end)) return known;
  const name = spell(bytes, start, end);
  table[slot] = name;
  return name;
}

function isSpelled(name: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) {
    if (name.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}

function spell(bytes: Uint8Array, start: number, end: number): string {
  let name = '';
  for (let at = start; at < end; at++) name += String.fromCharCode(bytes[at] ?? 0);
  return name;
}
