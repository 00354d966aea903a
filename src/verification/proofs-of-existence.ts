/**
 * What is proved to have existed, and since when. A document time-stamp proves every byte before its
 * end; a signature time-stamp proves one signature value and nothing beside it, since other keys can
 * be made under which the same value signs something else.
 *
 * @see ETSI EN 319 102-1, 5.6.2.3 (proof of existence extraction)
 */
export class ProofsOfExistence {
  readonly #covers: { readonly end: number; readonly at: Date }[] = [];

  /** All bytes before `end` existed at `at`. */
  add(end: number, at: Date): void {
    this.#covers.push({ end, at });
  }

  /** The earliest time at which the bytes before `end` are proved to have existed. */
  earliest(end: number): Date | undefined {
    let best: Date | undefined;
    for (const cover of this.#covers) {
      if (cover.end >= end && (best === undefined || cover.at < best)) best = cover.at;
    }
    return best;
  }
}
