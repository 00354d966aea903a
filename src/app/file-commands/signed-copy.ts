/** Whether a file was signed by an earlier run of the same command. */
import { equalBytes, readChunks, type ByteSource, type Clock } from '../../kernel/index.js';
import { cachedCertificate } from '../../pki/index.js';
import type { SignedBy } from '../../cli/index.js';
import { isAtLeast } from '../../signing/index.js';
import type { TrustStore } from '../../trust/index.js';
import { verifyPdf } from '../../verification/index.js';

/** Chains are nobody's question here: every certificate is left undecided. */
const NO_TRUST: TrustStore = { profiles: () => Promise.resolve([]) };

/** @see CliRuntime.isSignedCopy */
export async function isSignedCopy(
  original: ByteSource,
  signed: ByteSource,
  by: SignedBy,
  clock: Clock,
): Promise<boolean> {
  if (!beginsWith(signed, original)) return false;
  const [before, after] = [
    await soundSignatures(original, by, clock),
    await soundSignatures(signed, by, clock),
  ];
  return after !== undefined && after > (before ?? 0);
}

/** How many are of the certificate and at the level; `undefined` where any signature is broken. */
async function soundSignatures(
  file: ByteSource,
  { certificateDer, level: wanted, trust = NO_TRUST }: SignedBy,
  clock: Clock,
): Promise<number | undefined> {
  const { signatures } = await verifyPdf(file, { fileName: 'signed', trust, at: clock.now() });
  if (signatures.some(({ indication }) => indication === 'TOTAL-FAILED')) return undefined;
  const certificate = cachedCertificate(certificateDer);
  return signatures.filter(
    ({ signer, level }) =>
      signer?.serial === certificate.serialHex &&
      signer.issuer === certificate.issuer.text &&
      level !== null &&
      isAtLeast(level, wanted),
  ).length;
}

function beginsWith(file: ByteSource, start: ByteSource): boolean {
  if (file.size <= start.size) return false;
  let at = 0;
  for (const chunk of readChunks(start, 0, start.size)) {
    if (!equalBytes(file.read(at, chunk.length), chunk)) return false;
    at += chunk.length;
  }
  return true;
}
