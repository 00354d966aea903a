/** Whether a certificate may sign or log in now: our own validation, turned into refusals that say why. */
import { AppError, type ErrorCode } from '../../kernel/index.js';
import { cachedCertificate, isSigningCertificate } from '../../pki/index.js';
import type { CertificateValidator } from '../../signing/index.js';
import type { RevocationSource, TrustStore } from '../../trust/index.js';
import { checkCertificate, type SubIndication } from '../../verification/index.js';

export interface CertificateValidatorOptions {
  readonly trust: TrustStore;
  readonly revocation: RevocationSource | undefined;
}

const CODES: Partial<Readonly<Record<SubIndication, ErrorCode>>> = {
  EXPIRED: 'certificate-expired',
  OUT_OF_BOUNDS_NO_POE: 'certificate-expired',
  NOT_YET_VALID: 'certificate-not-yet-valid',
};

export function createCertificateValidator(
  options: CertificateValidatorOptions,
): CertificateValidator {
  return {
    async validate(certificateDer, chainDer, at) {
      // The same object for the same bytes: what was checked of it before is known.
      const certificate = cachedCertificate(certificateDer);
      if (!isSigningCertificate(certificate)) {
        throw new AppError('certificate-not-for-signing', 'key usage does not allow signing');
      }
      // Between now and the end of its validity nothing else is asked of the dates.
      if (at < certificate.notBefore) {
        throw new AppError('certificate-not-yet-valid', 'not valid yet', {
          params: { notBefore: certificate.notBefore.toISOString() },
        });
      }
      if (at > certificate.notAfter) {
        throw new AppError('certificate-expired', 'expired', {
          params: { notAfter: certificate.notAfter.toISOString() },
        });
      }
      const { verdict, messages, path } = await checkCertificate({
        certificate,
        embedded: chainDer.map(cachedCertificate),
        at,
        trust: options.trust,
        revocation: options.revocation,
      });
      if (verdict.indication !== 'TOTAL-PASSED' || path === undefined) {
        const code = verdict.subIndication === null ? undefined : CODES[verdict.subIndication];
        throw new AppError(code ?? 'certificate-not-of-unit', 'the certificate is not accepted', {
          params: { reason: messages.map((each) => each.text) },
        });
      }
      return path.slice(1, -1).map((each) => each.der);
    },
  };
}
