/** RC4, which old files are encrypted with and OpenSSL no longer offers everywhere. Its own inverse. */
export function rc4(key: Uint8Array, data: Uint8Array): Uint8Array {
  const state = new Uint8Array(256);
  for (let i = 0; i < 256; i++) state[i] = i;
  for (let i = 0, j = 0; i < 256; i++) {
    const held = state[i] ?? 0;
    j = (j + held + (key[i % key.length] ?? 0)) & 0xff;
    state[i] = state[j] ?? 0;
    state[j] = held;
  }
  const out = new Uint8Array(data.length);
  for (let at = 0, i = 0, j = 0; at < data.length; at++) {
    i = (i + 1) & 0xff;
    const held = state[i] ?? 0;
    j = (j + held) & 0xff;
    const other = state[j] ?? 0;
    state[i] = other;
    state[j] = held;
    out[at] = (data[at] ?? 0) ^ (state[(held + other) & 0xff] ?? 0);
  }
  return out;
}
