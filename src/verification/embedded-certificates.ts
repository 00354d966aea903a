/**
 * Certificates that came with a signature and are not needed for its path. Nothing signs them as a
 * set, so that one of them may be altered without the signature telling; an altered one is told by
 * its own issuer's signature, or by the copy of it that is trusted.
 */
import { equalBytes } from '../kernel/index.js';
import { isIssuedBy, type Certificate } from '../pki/index.js';

/** Those of `embedded` that cannot be what an authority issued; `known` are the trusted copies. */
export function alteredCertificates(
  embedded: readonly Certificate[],
  known: readonly Certificate[],
): readonly Certificate[] {
  const all = [...new Set([...embedded, ...known])];
  return embedded.filter((certificate) => {
    if (known.includes(certificate)) return false;
    return known.some((other) => isAlteredCopy(certificate, other)) || isForgery(certificate, all);
  });
}

/** Two encodings that share the signature or what is signed, but are not one certificate. */
function isAlteredCopy(certificate: Certificate, other: Certificate): boolean {
  return (
    !equalBytes(certificate.der, other.der) &&
    (equalBytes(certificate.signature, other.signature) ||
      equalBytes(certificate.tbsDer, other.tbsDer))
  );
}

/** The issuer is at hand, by name and key identifier, and did not sign it. */
function isForgery(certificate: Certificate, all: readonly Certificate[]): boolean {
  const named = certificate.extensions.authorityKeyId?.keyIdHex;
  const issuers = all.filter(
    (issuer) =>
      equalBytes(issuer.subject.der, certificate.issuer.der) &&
      (named === undefined || named === issuer.extensions.subjectKeyIdHex),
  );
  return issuers.length > 0 && !issuers.some((issuer) => isIssuedBy(certificate, issuer));
}
