/** The whole call of the API that signs: authenticated, checked, signed, verified, stored, audited. */
import type { ContractRecord } from '../../src/contract/index.js';
import { newId, type FaultPoint } from '../../src/kernel/index.js';
import { TOKENS } from '../installation/ground.js';
import type { Place } from '../installation/place.js';
import { measure, type Rate, type StepWatch } from '../measure.js';

/** What ends at each arrow of the signing service. */
const STEPS: Partial<Readonly<Record<FaultPoint, string>>> = {
  'signing:prepared': 'HTTP, caller, token, certificate, seal, PDF: prepared',
  'signing:intent': 'intent in the audit log and the record',
  'signing:signed': 'sign by the token, check the value',
  'signing:verified': 'embed, verify the result',
  'signing:blob-stored': 'store the file, synced',
  'signing:published': 'publish in the record',
};
const ANSWERED = 'keep the answer, respond';

/** Tells a watch of each arrow, while one is set. */
export class ArrowWatch {
  watch: StepWatch | undefined;

  readonly onArrow = (point: FaultPoint): void => {
    const step = STEPS[point];
    if (step !== undefined) this.watch?.lap(step);
  };
}

/** Copies of a confirmed contract under ids and numbers of their own, on the same document. */
export async function copiesOf(
  place: Place,
  contract: ContractRecord,
  count: number,
): Promise<readonly string[]> {
  const { contracts } = place.serving.service.collections;
  const copies = Array.from({ length: count }, () => {
    const id = newId('ctr');
    return { ...contract, id, number: `BENCH-${id}`, version: 1, pendingEvents: [] };
  });
  await Promise.all(copies.map((copy) => contracts.insert(copy)));
  return copies.map(({ id }) => id);
}

export async function measureCalls(
  place: Place,
  contract: ContractRecord,
  options: { readonly name: string; readonly clients: number; readonly count: number },
  arrows?: { readonly watch: StepWatch; readonly at: ArrowWatch },
): Promise<Rate> {
  const { name, clients, count } = options;
  const ids = await copiesOf(place, contract, count);
  const body = { token: { label: TOKENS.supplier }, pin: place.ground.pin.revealText() };
  if (arrows !== undefined) arrows.at.watch = arrows.watch;
  const rate = await measure({
    name,
    lanes: clients,
    until: { count },
    work: async (index) => {
      arrows?.watch.start();
      await place.supplier.post(`/contracts/${ids[index] ?? ''}/signatures`, body);
      arrows?.watch.lap(ANSWERED);
    },
  });
  if (arrows !== undefined) arrows.at.watch = undefined;
  // What was published has to reach the log too; the next measurement starts with nothing left over.
  await place.serving.service.settle();
  return rate;
}
