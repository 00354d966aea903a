/** Whether a file begins as a zip does: with a local file header, or with the end of an empty directory. */
export function looksLikeZip(start: Uint8Array): boolean {
  return start[0] === 0x50 && start[1] === 0x4b && (start[2] === 3 || start[2] === 5);
}
