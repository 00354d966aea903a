/** A seal that was just made, judged as a stranger would judge it, before it is kept. */
import { AppError, type Clock } from '../../kernel/index.js';
import type { TrustStore } from '../../trust/index.js';
import { verifySeal } from '../../verification/index.js';
import type { Outgoing } from '../outgoing.js';

/** @throws AppError `signature-not-verified`, params `reason`, `subIndication` */
export async function assertMadeSound(
  structureDer: Uint8Array,
  {
    trust,
    outgoing,
    clock,
  }: { readonly trust: TrustStore; readonly outgoing: Outgoing; readonly clock: Clock },
): Promise<void> {
  const at = clock.now();
  const { revocation } = outgoing;
  const report = await verifySeal(structureDer, { fileName: 'seal.esl', trust, at, revocation });
  // A seal that is to begin later is as good.
  const isEarly = report.status === 'not-yet-valid' && report.maker.certificate !== null;
  const isSound =
    report.indication === 'TOTAL-PASSED' ||
    (isEarly && report.maker.certificate.indication === 'TOTAL-PASSED');
  if (isSound) return;
  throw new AppError('signature-not-verified', 'the seal just made does not verify', {
    params: {
      reason: report.messages.map(({ code }) => code),
      subIndication: report.subIndication,
    },
  });
}
