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
  readonly messages: ReportMessage[] = [];

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
    for (const each of messages) {
      if (!this.messages.some((known) => known.code === each.code)) this.messages.push(each);
    }
  }
}
