/** One verdict out of many findings. */
import {
  worseIndication,
  type Indication,
  type ReportMessage,
  type SubIndication,
} from './report.js';

/** Gathers findings; the worst indication wins, and the first sub-indication of that rank stands. */
export class Verdict {
  indication: Indication = 'TOTAL-PASSED';
  subIndication: SubIndication | null = null;
  readonly #found: { readonly indication: Indication; readonly message: ReportMessage }[] = [];

  add(
    indication: Indication,
    subIndication: SubIndication | null,
    ...messages: readonly ReportMessage[]
  ): void {
    const worse = worseIndication(this.indication, indication);
    if (worse !== this.indication) {
      this.indication = worse;
      this.subIndication = subIndication;
    }
    for (const message of messages) {
      if (this.#found.some((known) => known.message.code === message.code)) continue;
      this.#found.push({ indication, message });
    }
  }

  /** Everything that another found, each of its findings with the weight it has there. */
  addAll(other: Verdict): void {
    this.add(other.indication, other.subIndication);
    for (const { indication, message } of other.#found) this.add(indication, null, message);
  }

  /** What decided comes first, what is merely worth knowing last; else in the order found. */
  get messages(): readonly ReportMessage[] {
    return INDICATIONS_BY_WEIGHT.flatMap((weight) =>
      this.#found.filter(({ indication }) => indication === weight).map(({ message }) => message),
    );
  }
}

const INDICATIONS_BY_WEIGHT: readonly Indication[] = [
  'TOTAL-FAILED',
  'INDETERMINATE',
  'TOTAL-PASSED',
];
