/** Finds candidate paths from a certificate to trust anchors; whether one is valid is decided elsewhere. */
import { canonicalOf, certificateSha256Hex, equalNames, type Certificate } from '../x509/index.js';

export interface PathInput {
  readonly target: Certificate;
  /** Certificates that may lie between; order does not matter. */
  readonly intermediates: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  /** Most certificates in a path, both ends counted; 10 unless given. */
  readonly maxLength?: number;
  /** Most paths returned; 32 unless given. */
  readonly maxPaths?: number;
}

/** A path: the target first, the trust anchor last. A trusted target is a path of one. */
export type CertificatePath = readonly Certificate[];

/** Certificates looked at before the search gives up: a mesh of cross-certificates is exponential. */
const MAX_STEPS = 2000;

/**
 * All candidate paths, shortest first, up to the bounds. Loops are not followed: a path holds no
 * certificate twice and no name with the same key twice.
 */
export function buildPaths(input: PathInput): CertificatePath[] {
  const maxLength = input.maxLength ?? 10;
  const maxPaths = input.maxPaths ?? 32;
  const anchorsBySubject = bySubject(input.anchors);
  const issuersBySubject = bySubject(input.intermediates);
  const anchorNames = new Set(input.anchors.map(certificateSha256Hex));
  const found: CertificatePath[] = [];
  if (anchorNames.has(certificateSha256Hex(input.target))) found.push([input.target]);

  // Breadth first, so that a short path is found before the search runs out of steps.
  let open: Certificate[][] = [[input.target]];
  let steps = 0;
  while (open.length > 0 && found.length < maxPaths) {
    const longer: Certificate[][] = [];
    for (const path of open) {
      const last = path.at(-1);
      if (last === undefined || path.length >= maxLength) continue;
      for (const anchor of candidatesFor(last, anchorsBySubject)) {
        if (found.length < maxPaths && !contains(path, anchor)) found.push([...path, anchor]);
      }
      for (const issuer of candidatesFor(last, issuersBySubject)) {
        if (++steps > MAX_STEPS) return found;
        if (!contains(path, issuer) && !anchorNames.has(certificateSha256Hex(issuer))) {
          longer.push([...path, issuer]);
        }
      }
    }
    open = longer;
  }
  return found;
}

type SubjectIndex = ReadonlyMap<string, readonly Certificate[]>;

function bySubject(certificates: readonly Certificate[]): SubjectIndex {
  const index = new Map<string, Certificate[]>();
  for (const certificate of certificates) {
    const key = canonicalOf(certificate.subject);
    const list = index.get(key);
    if (list === undefined) index.set(key, [certificate]);
    else list.push(certificate);
  }
  return index;
}

/** Certificates of the issuer's name, those whose key identifier matches first. */
function candidatesFor(certificate: Certificate, index: SubjectIndex): Certificate[] {
  const wanted = certificate.extensions.authorityKeyId?.keyIdHex;
  const rank = (candidate: Certificate): number => {
    const own = candidate.extensions.subjectKeyIdHex;
    if (wanted === undefined || own === undefined) return 1;
    return wanted === own ? 0 : 2;
  };
  return (index.get(canonicalOf(certificate.issuer)) ?? [])
    .filter((candidate) => equalNames(candidate.subject, certificate.issuer))
    .sort((a, b) => rank(a) - rank(b));
}

function contains(path: readonly Certificate[], certificate: Certificate): boolean {
  const name = certificateSha256Hex(certificate);
  return path.some(
    (other) =>
      certificateSha256Hex(other) === name ||
      (equalNames(other.subject, certificate.subject) && sameKey(other, certificate)),
  );
}

function sameKey(a: Certificate, b: Certificate): boolean {
  const left = a.publicKey.keyOctets;
  const right = b.publicKey.keyOctets;
  return left.length === right.length && left.every((octet, i) => octet === right[i]);
}
