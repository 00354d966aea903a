/**
 * The PAdES level that a signature has reached and that can be shown from the file alone.
 *
 * @see ETSI EN 319 142-1, 6.2 (B-B, B-T, B-LT, B-LTA)
 */
import type { CertificateCheck } from './certificate-check.js';
import type { FileEvidence } from './file-evidence.js';
import type { SignatureReport } from './report.js';

export interface LevelInput {
  /** PAdES with a signing-certificate attribute, and the value verifies. */
  readonly isBaseline: boolean;
  readonly certificate: CertificateCheck | undefined;
  /** Of the authority of the trusted time-stamp: in the signature, else over the file. */
  readonly timestamp: CertificateCheck | undefined;
  readonly evidence: FileEvidence;
}

export function reachedLevel(input: LevelInput): SignatureReport['level'] {
  const { certificate, timestamp, evidence } = input;
  if (!input.isBaseline) return null;
  if (timestamp === undefined) return 'B-B';
  const needed = [certificate, timestamp].map((check) => check?.evidence);
  if (needed.includes(undefined)) return 'B-T';
  const material = needed.flatMap((each) => each ?? []);
  const revocation = material.flatMap((each) => each.revocation);
  if (!evidence.hasStore || !revocation.every((item) => evidence.isStored(item))) return 'B-T';
  const items = [...revocation, ...material.flatMap((each) => each.certificates)];
  return items.every((item) => evidence.provedAt(item) !== undefined) ? 'B-LTA' : 'B-LT';
}
