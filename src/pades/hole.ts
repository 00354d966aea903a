/** The hole of a signature dictionary: `/Contents` and the `/ByteRange` around it, written first and filled later. */
import { AppError } from '../kernel/index.js';
import {
  PdfArray,
  Placeholder,
  type ByteSpan,
  type FinishedRevision,
  type PdfValue,
} from '../pdf/index.js';

/** Digits of a ByteRange number: files up to 10^12 bytes. */
const NUMBER_WIDTH = 12;

export class Hole {
  readonly #gap: Placeholder;
  readonly #numbers = [NUMBER_WIDTH, NUMBER_WIDTH, NUMBER_WIDTH].map((width) =>
    Placeholder.number(width),
  );

  /** @param contentsBytes - Room for the DER, in bytes. */
  constructor(contentsBytes: number) {
    this.#gap = Placeholder.hexGap(contentsBytes);
  }

  /** The entries of the signature dictionary. */
  get entries(): Readonly<Record<'ByteRange' | 'Contents', PdfValue>> {
    return { ByteRange: new PdfArray([0, ...this.#numbers]), Contents: this.#gap };
  }

  /**
   * Fills the numbers of `/ByteRange` in `finished.appended`.
   * @returns From `<` to past `>` of `/Contents` in the whole file.
   */
  close(finished: FinishedRevision): ByteSpan {
    const { appended, baseSize, placeholders } = finished;
    const at = (placeholder: Placeholder): number => {
      const offset = placeholders.get(placeholder);
      if (offset === undefined) throw new AppError('internal', 'a placeholder was not written');
      return offset;
    };
    const contents = { start: at(this.#gap), end: at(this.#gap) + this.#gap.length };
    const values = [contents.start, contents.end, baseSize + appended.length - contents.end];
    this.#numbers.forEach((number, index) => {
      const digits = String(values[index]);
      const offset = at(number) - baseSize;
      for (let i = 0; i < digits.length; i++) appended[offset + i] = digits.charCodeAt(i);
    });
    return contents;
  }
}
