/** Verification: of what strangers bring, in processes of their own, and of what the service just made, in this one. */
import type { Config } from '../../config/index.js';
import { allSignatures } from '../../contract/index.js';
import type { VerificationApi } from '../../http/index.js';
import { looksLikeZip, type Clock } from '../../kernel/index.js';
import type { VerifyOwn } from '../../signing/index.js';
import { SCOPE_ALL } from '../../store/index.js';
import {
  renderReport,
  verifyPdf,
  type SealRegister,
  type VerifyOptions,
} from '../../verification/index.js';
import type { IsolatedReader } from '../isolation/index.js';
import type { Resources } from '../resources.js';
import type { Collections } from '../data-folder/stores.js';
import { trustedServiceKeys } from '../verify-package.js';
import type { ServiceKeys } from './keys.js';
import type { TrustRoom } from './trust.js';

export interface VerificationParts {
  readonly config: Pick<Config, 'trustDirectory'>;
  readonly collections: Pick<Collections, 'contracts'>;
  readonly resources: Pick<Resources, 'fonts'>;
  readonly trust: Pick<TrustRoom, 'trust' | 'outgoing'>;
  readonly seals: SealRegister;
  readonly reader: IsolatedReader;
  readonly keys: Pick<ServiceKeys, 'audit' | 'package'>;
  readonly clock: Clock;
}

export interface VerificationRoom {
  readonly api: VerificationApi;
  readonly verifyOwn: VerifyOwn;
}

/** @throws AppError `input-invalid` where the trust folder's service keys cannot be read */
export function wireVerification(parts: VerificationParts): VerificationRoom {
  const { config, resources, reader, seals, keys, clock } = parts;
  const { contracts } = parts.collections;
  const terms: Pick<VerifyOptions, 'trust' | 'seals' | 'revocation'> = {
    trust: parts.trust.trust,
    seals,
    revocation: parts.trust.outgoing.revocation,
  };
  /** Of services whose packages are believed: this one, and those that the trust folder names. */
  const believedKeys = [
    keys.audit.publicKeyPem,
    keys.package.publicKeyPem,
    ...trustedServiceKeys(config.trustDirectory),
  ];
  /** When this service itself took a signed file in: proof for exactly those bytes. */
  const provedAt = async (sha256: string): Promise<Date | undefined> => {
    const page = await contracts.find({ where: { blobId: { eq: sha256 } }, limit: 1 }, SCOPE_ALL);
    const found = page.items
      .flatMap(allSignatures)
      .find((each) => (each.signedSha256 ?? each.blobId) === sha256);
    return found === undefined ? undefined : new Date(found.signedAt);
  };
  return {
    api: {
      verify(bytes, { fileName, at }) {
        const options = { ...terms, provedAt, fileName, at: at ?? clock.now() };
        return looksLikeZip(bytes)
          ? reader.verifyPackage(bytes, believedKeys, options)
          : reader.verify(bytes, options);
      },
      render: (report, at) => renderReport({ report, at, fonts: resources.fonts }),
      comparePages: (bytes, revision) => reader.compare(bytes, revision),
      drawSignatures: (bytes) => reader.drawSignatures(bytes),
    },
    verifyOwn: (file) => verifyPdf(file, { ...terms, fileName: 'contract', at: clock.now() }),
  };
}
