/** What a start has opened, to be closed the other way round: at the end, or at once where the start fails half-way. */

export class Opened implements AsyncDisposable {
  readonly #resources: (AsyncDisposable | Disposable)[] = [];

  /** Takes `resource` into its care. */
  add<T extends AsyncDisposable | Disposable>(resource: T): T {
    this.#resources.push(resource);
    return resource;
  }

  /** Closes all of it, also where one does not close. @throws what the first that does not close throws */
  async [Symbol.asyncDispose](): Promise<void> {
    const faults: unknown[] = [];
    for (const resource of this.#resources.splice(0).reverse()) {
      try {
        if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
        else resource[Symbol.dispose]();
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw faults[0];
  }
}

/** Runs `start`; where it fails, closes what it had opened, and the failure is what the caller gets. */
export async function openingAll<T>(start: (opened: Opened) => Promise<T>): Promise<T> {
  const opened = new Opened();
  try {
    return await start(opened);
  } catch (error) {
    await opened[Symbol.asyncDispose]().catch(() => undefined);
    throw error;
  }
}
