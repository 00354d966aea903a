/** The checks before signing, of a document: what it holds by the policy, and what it says. */
import { checkDocument, type CheckFinding, type DocumentCheckInput } from '../../contract/index.js';
import { MemorySource } from '../../kernel/index.js';
import { openPdf } from '../../pdf/index.js';
import { inspectDocument, type AdmissionPolicy } from '../../signing/index.js';

/** @throws AppError `pdf-*` as reading does */
export function checkPdf(
  pdf: Uint8Array,
  policy: AdmissionPolicy,
  input: Pick<DocumentCheckInput, 'data' | 'sealPlaces' | 'signatures'>,
): readonly CheckFinding[] {
  const document = openPdf(new MemorySource(pdf), { mode: 'lenient' });
  return checkDocument(document, { ...input, held: inspectDocument(document, policy).findings });
}
