/** A text of a real record, with what differs from copy to copy taken out. */

/** Values of one copy, by slot. */
export type Slots = string[];

/** Stands in the sample's text for slot `slot`. Of tokens that overlap the longer one counts. */
export interface Token {
  readonly text: string;
  readonly slot: number;
}

/** All tokens of a sample, ready to be looked for. */
export class Tokens {
  readonly #slotOf: ReadonlyMap<string, number>;
  readonly #pattern: RegExp | undefined;

  constructor(tokens: readonly Token[]) {
    this.#slotOf = new Map(tokens.map(({ text, slot }) => [text, slot]));
    const texts = [...this.#slotOf.keys()].sort((a, b) => b.length - a.length);
    const choice = texts.map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
    this.#pattern = choice === '' ? undefined : new RegExp(`(${choice})`);
  }

  /** What is between tokens, and the slots of those: one literal more than slots. */
  split(text: string): { readonly literals: readonly string[]; readonly slots: readonly number[] } {
    const parts = this.#pattern === undefined ? [text] : text.split(this.#pattern);
    return {
      literals: parts.filter((_, at) => at % 2 === 0),
      slots: parts.filter((_, at) => at % 2 === 1).map((token) => this.#slotOf.get(token) ?? -1),
    };
  }
}

export class TextTemplate {
  readonly #literals: readonly string[];
  readonly #slots: readonly number[];

  constructor(text: string, tokens: Tokens) {
    const { literals, slots } = tokens.split(text);
    this.#literals = literals;
    this.#slots = slots;
  }

  render(slots: Slots): string {
    let text = this.#literals[0] ?? '';
    for (let at = 0; at < this.#slots.length; at++) {
      text += (slots[this.#slots[at] ?? -1] ?? '') + (this.#literals[at + 1] ?? '');
    }
    return text;
  }
}
