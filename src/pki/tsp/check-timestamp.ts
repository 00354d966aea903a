/** Checks a time-stamp token by itself: what it covers and who signed it. The TSA's path is for `path/`. */
import { digestBytes, equalBytes, type DigestAlgorithm } from '../../kernel/index.js';
import { OID } from '../asn1/index.js';
import type { CmsFinding } from '../cms/signed-data.js';
import {
  findSignerCertificate,
  verifySignerInfo,
  type SignerInfoVerification,
} from '../cms/verify-signer-info.js';
import { cachedCertificate, type Certificate } from '../x509/index.js';
import { nonceHexOf, type TimestampToken } from './timestamp.js';

export type TimestampFinding =
  | 'imprint-mismatch'
  | 'imprint-algorithm-unsupported'
  | 'nonce-mismatch'
  | 'policy-mismatch'
  | 'signer-count'
  | 'signed-attributes-irregular'
  | 'certificate-missing'
  | 'signature-invalid'
  | 'algorithm-unsupported'
  | 'signing-certificate-missing'
  | 'signing-certificate-mismatch'
  | 'extended-key-usage'
  | 'certificate-not-valid-then'
  | 'unknown-critical-extension'
  | 'algorithms-disagree';

export interface TimestampExpectation {
  /** What the token should cover: its digest, or a function from the token's digest algorithm to it. */
  readonly imprint: Uint8Array | ((algorithm: DigestAlgorithm) => Uint8Array);
  /** Of the request; omitted for tokens found in files. */
  readonly nonce?: Uint8Array;
  readonly policyOid?: string;
  /** Certificates beside those in the token that may be the TSA's. */
  readonly certificates?: readonly Certificate[];
}

export interface TimestampCheck {
  /** No finding at all. */
  readonly isSound: boolean;
  readonly findings: readonly TimestampFinding[];
  readonly generatedAt: Date;
  readonly certificate: Certificate | undefined;
  /** Certificates in the token that could be parsed. */
  readonly certificates: readonly Certificate[];
  readonly verification: SignerInfoVerification | undefined;
}

/**
 * Compares a token with what was asked for and verifies its signature.
 *
 * Faults are findings, not errors: a verifier reports them, a client of a TSA refuses on any.
 *
 * @see RFC 3161 2.2 and 2.3 (critical and only EKU timeStamping), RFC 5816 2.2
 */
export function checkTimestamp(
  token: TimestampToken,
  expectation: TimestampExpectation,
): TimestampCheck {
  const { tstInfo } = token;
  const findings: TimestampFinding[] = [...contentFindings(token, expectation)];
  const certificates = parseReadable(token.signedData.certificatesDer);
  const [signer, ...others] = token.signedData.signerInfos;
  const isSingle = signer !== undefined && others.length === 0;
  if (!isSingle) findings.push('signer-count');
  if (token.signedData.findings.some((each) => IRREGULAR.includes(each))) {
    findings.push('signed-attributes-irregular');
  }
  const candidates = [...certificates, ...(expectation.certificates ?? [])];
  const certificate = signer === undefined ? undefined : findSignerCertificate(signer, candidates);
  let verification: SignerInfoVerification | undefined;
  if (signer !== undefined) {
    if (certificate === undefined) {
      findings.push('certificate-missing');
    } else {
      verification = verifySignerInfo(token.signedData, signer, certificate, {
        digest:
          signer.digest === undefined
            ? new Uint8Array(0)
            : digestBytes(signer.digest, token.tstInfoDer),
        chunks: [token.tstInfoDer],
      });
      findings.push(...signatureFindings(verification));
      findings.push(...certificateFindings(certificate, tstInfo.generatedAt));
    }
  }
  return {
    isSound: findings.length === 0,
    findings,
    generatedAt: tstInfo.generatedAt,
    certificate,
    certificates,
    verification,
  };
}

/** What RFC 5652 5.3 and 11 forbid of signed attributes: which of two values was meant cannot be told. */
const IRREGULAR: readonly CmsFinding[] = [
  'signed-attribute-duplicate',
  'signed-attribute-several-values',
  'unexpected-content-type',
];

function contentFindings(
  { tstInfo }: TimestampToken,
  expectation: TimestampExpectation,
): TimestampFinding[] {
  const findings: TimestampFinding[] = [];
  const { digestAlgorithm, digest } = tstInfo.imprint;
  const { imprint } = expectation;
  if (digestAlgorithm === undefined) {
    findings.push('imprint-algorithm-unsupported');
  } else {
    const expected = imprint instanceof Uint8Array ? imprint : imprint(digestAlgorithm);
    if (!equalBytes(digest, expected)) findings.push('imprint-mismatch');
  }
  if (expectation.nonce !== undefined && tstInfo.nonceHex !== nonceHexOf(expectation.nonce)) {
    findings.push('nonce-mismatch');
  }
  if (expectation.policyOid !== undefined && tstInfo.policyOid !== expectation.policyOid) {
    findings.push('policy-mismatch');
  }
  if (tstInfo.unknownCritical.length > 0) findings.push('unknown-critical-extension');
  return findings;
}

function signatureFindings(verification: SignerInfoVerification): TimestampFinding[] {
  const findings: TimestampFinding[] = [];
  if (verification.status === 'algorithm-unsupported') findings.push('algorithm-unsupported');
  else if (verification.status !== 'valid') findings.push('signature-invalid');
  if (verification.signingCertificate === 'absent') findings.push('signing-certificate-missing');
  else if (verification.signingCertificate !== 'match') {
    findings.push('signing-certificate-mismatch');
  }
  // An announcement that is missing is common in tokens in use and contradicts nothing.
  if (verification.disagreements.some((which) => which !== 'digest-not-announced')) {
    findings.push('algorithms-disagree');
  }
  return findings;
}

function certificateFindings(certificate: Certificate, at: Date): TimestampFinding[] {
  const findings: TimestampFinding[] = [];
  const { all, extendedKeyUsage } = certificate.extensions;
  const isCritical = all.some(({ oid, isCritical: is }) => is && oid === OID.extendedKeyUsage);
  const isOnlyTimestamping =
    extendedKeyUsage?.length === 1 && extendedKeyUsage[0] === OID.timeStamping;
  if (!isCritical || !isOnlyTimestamping) findings.push('extended-key-usage');
  if (at < certificate.notBefore || at > certificate.notAfter) {
    findings.push('certificate-not-valid-then');
  }
  return findings;
}

function parseReadable(certificatesDer: readonly Uint8Array[]): Certificate[] {
  return certificatesDer.flatMap((der) => {
    try {
      return [cachedCertificate(der)];
    } catch {
      // A broken certificate beside the signer's is not the token's fault.
      return [];
    }
  });
}
