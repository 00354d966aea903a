/** What reaching a level above B-B takes, wired to the network. */
import type { Config } from '../../config/index.js';
import { systemRandom, type Clock } from '../../kernel/index.js';
import {
  createEvidenceCollector,
  createTimestampClient,
  type EvidenceCollector,
  type LevelPolicy,
  type TimestampClient,
} from '../../signing/index.js';
import type { TrustStore } from '../../trust/index.js';
import {
  createHttpCertificateSource,
  createHttpTimestampAuthority,
} from '../../trust/http/index.js';
import type { Outgoing } from '../outgoing.js';

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

const HOUR_MS = 3_600_000;

/** What the configuration wants of the level of contracts' signatures; `undefined` for B-B. */
export function levelPolicyOf(
  { signing }: Config,
  parts: Pick<LevelServicesOptions, 'trust' | 'outgoing' | 'clock'>,
): LevelPolicy | undefined {
  const { level } = signing;
  if (level === 'B-B') return undefined;
  return {
    ...createLevelServices({ ...parts, tsaUrls: signing.tsaUrls, policyOid: signing.tsaPolicy }),
    target: level,
    onFailure: signing.levelFailure,
    firstPauseMs: signing.levelRetrySeconds * 1000,
    deadlineMs: signing.levelDeadlineHours * HOUR_MS,
    renewalMarginMs: signing.renewalDays * 24 * HOUR_MS,
    demandsFreshEvidence: signing.freshEvidence,
    clock: parts.clock,
  };
}

/** Time-stamps from the configured authorities; `undefined` where there is none. */
export function timestampsOf(
  { signing }: Config,
  parts: Pick<LevelServicesOptions, 'trust' | 'outgoing' | 'clock'>,
): TimestampClient | undefined {
  if (signing.tsaUrls.length === 0) return undefined;
  const { tsaUrls, tsaPolicy: policyOid } = signing;
  return createLevelServices({ ...parts, tsaUrls, policyOid }).timestamps;
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
