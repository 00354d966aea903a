/** What is seen of each signature of a file, asked for once its report is there. */
import { useMemo } from 'react';
import type { SignaturePicture } from '../api/pictures.js';
import type { VerificationReport } from '../api/report.js';
import { signaturePictures } from '../api/verifications.js';
import { useAnswer } from '../parts/use-answer.js';

const NONE: ReadonlyMap<string, SignaturePicture> = new Map();

/** By field; none where they cannot be had: the report stands without them. */
export function useSignaturePictures(
  file: File,
  report: VerificationReport,
): ReadonlyMap<string, SignaturePicture> {
  // The pages of a contract in a package are not drawn.
  const isDrawn = report.signatures.length > 0 && report.package === undefined;
  const ask = useMemo(
    () => (isDrawn ? (signal: AbortSignal) => signaturePictures(file, signal) : undefined),
    [file, isDrawn],
  );
  const answer = useAnswer(ask);
  return useMemo(
    () =>
      answer.state === 'answered'
        ? new Map(answer.value.map((picture) => [picture.field, picture]))
        : NONE,
    [answer],
  );
}
