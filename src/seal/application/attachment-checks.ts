/** What may be attached to an application: scans and documents of known types, recognised by what they begin with. */
import { AppError } from '../../kernel/index.js';

const MAX_BYTES = 10 * 1024 * 1024;
export const MAX_ATTACHMENTS = 20;

const SIGNATURES = [
  ['application/pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
] as const;

export const ATTACHMENT_MEDIA_TYPES: readonly string[] = SIGNATURES.map(([type]) => type);

/**
 * The media type of `bytes`; a name is not believed.
 * @throws AppError `seal-attachment-refused`, params `reason` `empty`, `too-large` or `type`
 */
export function attachmentType(bytes: Uint8Array): string {
  if (bytes.length === 0) throw attachmentRefused('empty');
  if (bytes.length > MAX_BYTES) throw attachmentRefused('too-large');
  const found = SIGNATURES.find(([, start]) => start.every((byte, i) => bytes[i] === byte));
  if (found === undefined) throw attachmentRefused('type');
  return found[0];
}

export function attachmentRefused(reason: string): AppError {
  return new AppError('seal-attachment-refused', `the attachment is refused: ${reason}`, {
    params: { reason, maxBytes: MAX_BYTES, accepted: ATTACHMENT_MEDIA_TYPES },
  });
}
