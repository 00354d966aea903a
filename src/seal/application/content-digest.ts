/** What an approval is given for, as one digest: a single changed character makes another. */
import { canonicalJson, sha256Hex, utf8ToBytes } from '../../kernel/index.js';
import type { PreparedSeal, SealApplicationRecord } from './record.js';

/**
 * SHA-256 (hex) of the canonical JSON (RFC 8785) of the form, the attachments' digests and the seals with
 * their pictures' digests.
 */
export function contentDigest(
  application: Pick<
    SealApplicationRecord,
    'id' | 'purpose' | 'sealId' | 'unitId' | 'form' | 'attachments'
  >,
  seals: readonly PreparedSeal[],
): string {
  const { id, purpose, sealId, unitId, form, attachments } = application;
  const content = {
    id,
    purpose,
    sealId,
    unitId,
    form,
    attachments: attachments.map(({ kind, sha256 }) => ({ kind, sha256 })),
    seals,
  };
  return sha256Hex(utf8ToBytes(canonicalJson(content)));
}
