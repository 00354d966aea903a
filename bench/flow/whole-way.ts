/** One contract's whole way by the API: drafted, sent, confirmed, signed by both, filed with the budget system. */
import type { ContractState } from '../../src/contract/index.js';
import { newId, systemClock } from '../../src/kernel/index.js';
import { sampleContractData } from '../../src/sandbox/sample/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { TOKENS } from '../installation/ground.js';
import type { Place } from '../installation/place.js';
import type { StepWatch } from '../measure.js';

/** How often the bench looks, in the same process, whether the contract is filed. */
const LOOK_MS = 5;
const PATIENCE_MS = 60_000;
const NOT_TO_BE_FILED: readonly ContractState[] = ['withdrawn', 'voided', 'expired', 'terminated'];

/** @returns the contract's id, once the budget system's receipt is in its record. */
export async function goWholeWay(place: Place, watch?: StepWatch): Promise<string> {
  const { handler, supplier, buyer, ground } = place;
  const pin = ground.pin.revealText();
  watch?.start();
  const data = sampleContractData({ number: `FLOW-${newId('n')}`, today: systemClock.now() });
  const created = await handler.post<{ readonly id: string }>('/contracts', {
    template: 'goods',
    data,
  });
  watch?.lap('POST /contracts: draft, render');
  const { id } = created.body;
  const path = `/contracts/${id}`;
  const sent = await handler.post(`${path}/submit`, { acknowledged: [] }, created.etag);
  watch?.lap('POST …/submit: checks, send');
  const confirmed = await supplier.post(`${path}/confirm`, {}, sent.etag);
  watch?.lap('POST …/confirm');
  const first = await supplier.post(
    `${path}/signatures`,
    { token: { label: TOKENS.supplier }, pin },
    confirmed.etag,
  );
  watch?.lap('POST …/signatures, supplier');
  await buyer.post(`${path}/signatures`, { token: { label: TOKENS.buyer }, pin }, first.etag);
  watch?.lap('POST …/signatures, buyer');
  await untilFiled(place, id);
  watch?.lap('package, delivery, receipt');
  return id;
}

async function untilFiled(place: Place, id: string): Promise<void> {
  const { contracts } = place.serving.service.collections;
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const state = (await contracts.get(id, SCOPE_ALL))?.state;
    if (state === 'filed') return;
    if (state === undefined || NOT_TO_BE_FILED.includes(state) || performance.now() > endMs) {
      throw new Error(`contract ${id} was not filed: ${state ?? 'gone'}`);
    }
    await new Promise((wake) => setTimeout(wake, LOOK_MS));
  }
}
