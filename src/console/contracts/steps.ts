/** The steps of a contract's way, and how far one has come. */
import type { ContractSummary } from '../api/contract.js';

export const FILE_STEPS = ['draft', 'sent', 'confirmed', 'signed', 'announced', 'filed'] as const;
export type FileStep = (typeof FILE_STEPS)[number];

export interface StepState {
  readonly step: FileStep;
  readonly doneAt: string | null;
  readonly isNow: boolean;
}

const ENDED: readonly string[] = ['voided', 'expired', 'terminated'];

export function stepsOf({ times, state }: ContractSummary): readonly StepState[] {
  const isReturned = state === 'rejected' || state === 'withdrawn';
  const isWithBuyer = isReturned || state === 'draft';
  const doneAt: Readonly<Record<FileStep, string | null>> = {
    draft: isWithBuyer ? null : times.createdAt,
    sent: isWithBuyer ? null : times.sentAt,
    confirmed: isWithBuyer ? null : times.confirmedAt,
    signed: times.signedAt,
    announced: times.announcedAt,
    filed: times.filedAt,
  };
  const first = FILE_STEPS.find((step) => doneAt[step] === null);
  const now = ENDED.includes(state) ? undefined : first;
  return FILE_STEPS.map((step) => ({ step, doneAt: doneAt[step], isNow: step === now }));
}
