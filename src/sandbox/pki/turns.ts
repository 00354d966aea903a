/** Changes to one PKI directory one after the other, so that the register loses none of them. */

const last = new Map<string, Promise<unknown>>();

export async function inTurn<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const before = last.get(directory) ?? Promise.resolve();
  const mine = before.then(work, work);
  last.set(directory, mine);
  try {
    return await mine;
  } finally {
    if (last.get(directory) === mine) last.delete(directory);
  }
}
