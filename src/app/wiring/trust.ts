/** Whom the service believes, and the one way out of it: trust folder, guarded fetches, levels above B-B. */
import type { Config } from '../../config/index.js';
import type { Clock } from '../../kernel/index.js';
import type { CertificateValidator, LevelPolicy, TimestampClient } from '../../signing/index.js';
import { openTrustFolder } from '../../trust/file/index.js';
import type { TrustStore } from '../../trust/index.js';
import { createCertificateValidator } from '../bridges/certificate-validator.js';
import { levelPolicyOf, timestampsOf } from '../bridges/level-services.js';
import { createOutgoing, type Outgoing } from '../outgoing.js';

export interface TrustRoom {
  readonly trust: TrustStore;
  readonly outgoing: Outgoing;
  readonly certificates: CertificateValidator;
  /** `undefined` where contracts stay at B-B. */
  readonly levels: LevelPolicy | undefined;
  /** `undefined` where no authority is configured. */
  readonly timestamps: TimestampClient | undefined;
}

/** @throws AppError `config-invalid` */
export function wireTrust(parts: { readonly config: Config; readonly clock: Clock }): TrustRoom {
  const { config, clock } = parts;
  const outgoing = createOutgoing({
    allowedHosts: config.outgoing.allowedHosts,
    allowsPrivate: config.outgoing.allowPrivateAddresses || config.environment === 'development',
    timeoutMs: config.outgoing.timeoutMs,
    ...(config.budgetSystem === undefined
      ? {}
      : { filingTimeoutMs: config.budgetSystem.timeoutMs }),
  });
  const trust = openTrustFolder(config.trustDirectory);
  return {
    trust,
    outgoing,
    certificates: createCertificateValidator({ trust, revocation: outgoing.revocation }),
    levels: levelPolicyOf(config, { trust, outgoing, clock }),
    timestamps: timestampsOf(config, { trust, outgoing, clock }),
  };
}
