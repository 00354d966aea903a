/** What reaching a level above B-B takes, wired to the network. */
import { systemRandom, type Clock } from '../kernel/index.js';
import {
  createEvidenceCollector,
  createTimestampClient,
  type EvidenceCollector,
  type TimestampClient,
} from '../signing/index.js';
import type { TrustStore } from '../trust/index.js';
import { createHttpCertificateSource, createHttpTimestampAuthority } from '../trust/http/index.js';
import type { Outgoing } from './outgoing.js';

export interface LevelServices {
  readonly timestamps: TimestampClient;
  readonly evidence: EvidenceCollector;
}

export interface LevelServicesOptions {
  readonly trust: TrustStore;
  readonly tsaUrls: readonly string[];
  readonly policyOid?: string | undefined;
  readonly outgoing: Outgoing;
  readonly clock: Clock;
}

export function createLevelServices(options: LevelServicesOptions): LevelServices {
  const { trust, outgoing, clock } = options;
  const { fetch } = outgoing;
  const evidence = createEvidenceCollector({
    trust,
    revocation: outgoing.revocation,
    certificates: createHttpCertificateSource({ fetch }),
    clock,
    random: systemRandom,
  });
  const timestamps = createTimestampClient({
    authorities: options.tsaUrls.map((url) => createHttpTimestampAuthority(url, { fetch })),
    evidence,
    clock,
    random: systemRandom,
    policyOid: options.policyOid,
  });
  return { timestamps, evidence };
}
