/** The calls about a file. Each sends it anew: the service keeps none. */
import type { PageDifferences, SignaturePicture } from './pictures.js';
import type { VerificationReport } from './report.js';
import { request, requestJson, type RequestOptions } from './request.js';

function formOf(file: File): FormData {
  const form = new FormData();
  form.append('document', file, file.name);
  return form;
}

export function verifyFile(file: File, options: RequestOptions): Promise<VerificationReport> {
  return requestJson('POST', '/verifications', { ...options, body: formOf(file) });
}

/** The report as a PDF. */
export function reportAsPdf(file: File): Promise<Blob> {
  return request('POST', '/verifications', { accept: 'application/pdf', body: formOf(file) });
}

export function comparePages(
  file: File,
  revision: number,
  signal: AbortSignal,
): Promise<PageDifferences> {
  const path = `/verifications/page-differences?revision=${revision}`;
  return requestJson('POST', path, { body: formOf(file), signal });
}

export async function signaturePictures(
  file: File,
  signal: AbortSignal,
): Promise<readonly SignaturePicture[]> {
  const { pictures } = await requestJson<{ pictures: readonly SignaturePicture[] }>(
    'POST',
    '/verifications/signature-pictures',
    { body: formOf(file), signal },
  );
  return pictures;
}
