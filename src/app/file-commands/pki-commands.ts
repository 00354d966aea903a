/** The development PKI as the command line offers it. */
import type { PkiCommands } from '../../cli/index.js';
import { AppError, toRfc3339, type Clock } from '../../kernel/index.js';
import { REVOCATION_REASONS } from '../../pki/index.js';
import { initPki, issue, issuePkcs12, revoke, servePki } from '../../sandbox/pki/index.js';
import { fileAccess } from '../files/file-access.js';
import { derOf, toPem } from './pem.js';

/** RFC 5280 leaves one number of the list unused. */
const REASONS = REVOCATION_REASONS.filter((reason) => reason !== undefined);

const DEFAULT_BASE_URL = 'http://127.0.0.1:8318';

export function pkiCommands(clock: Clock): PkiCommands {
  return {
    async init(directory, baseUrl) {
      const made = await initPki({ directory, baseUrl: baseUrl ?? DEFAULT_BASE_URL, clock });
      return { files: [made.trustDirectory, ...Object.values(made.certificates)] };
    },
    async issueP12(directory, subject, p12Path, password, options) {
      const issued = await issuePkcs12({
        directory,
        subject,
        password,
        keyType: options.key,
        profile: options.profile,
        days: options.days,
        clock,
      });
      fileAccess.write(p12Path, issued.p12Der, 0o600);
      const certificate = `${p12Path}.crt`;
      fileAccess.write(certificate, toPem('CERTIFICATE', issued.certificateDer));
      return { serial: issued.serialHex, p12: p12Path, certificate };
    },
    async issueCsr(directory, csrPath, outPath, options) {
      const csrDer = derOf(fileAccess.read(csrPath));
      const issued = await issue({ directory, key: { csrDer }, days: options.days, clock });
      fileAccess.write(outPath, toPem('CERTIFICATE', issued.certificateDer));
      return { serial: issued.serialHex, certificate: outPath };
    },
    async revoke(directory, serial, reason) {
      const known = REASONS.find((each) => each === reason);
      if (reason !== undefined && known === undefined) {
        throw new AppError('usage', 'no such reason', {
          params: { option: '--reason', allowed: REASONS },
        });
      }
      const revoked = await revoke({
        directory,
        serialHex: serial,
        clock,
        ...(known === undefined ? {} : { reason: known }),
      });
      return { serial, revokedAt: toRfc3339(revoked.revokedAt) };
    },
    serve: (directory, port) => servePki({ directory, port, clock }),
  };
}
