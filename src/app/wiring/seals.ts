/** Seals: their making, their life, what signing takes of them and what is said of them in public. */
import type { Config } from '../../config/index.js';
import type { HttpServices } from '../../http/index.js';
import { toRfc3339, type Clock, type FaultHook, type Logger } from '../../kernel/index.js';
import {
  RevocationOrders,
  SealLifeWorker,
  StoppedUses,
  createRevocationImpacts,
  createSealApplications,
  createSealService,
  createSealStatusList,
  createSignedSealStatus,
  type SealMakerKeys,
} from '../../seal/index.js';
import { appearanceDigest } from '../../signing/index.js';
import type { BlobStore } from '../../store/index.js';
import type { TokenProvider } from '../../token/index.js';
import type { IsolatedReader } from '../isolation/index.js';
import { jwsSigner } from '../bridges/jws.js';
import { assertMadeSound } from '../bridges/made-seal.js';
import type { Resources } from '../resources.js';
import { createSealDesk, type SealDesk } from '../bridges/seal-desk.js';
import { createSealMaker } from '../bridges/seal-maker.js';
import { endSealUses } from '../bridges/seal-uses.js';
import type { Collections } from '../data-folder/stores.js';
import type { ServiceKeys } from './keys.js';
import type { TrustRoom } from './trust.js';

export interface SealParts {
  readonly config: Pick<Config, 'seals' | 'jwt'>;
  readonly collections: Pick<
    Collections,
    | 'seals'
    | 'sealApplications'
    | 'sealRevocationOrders'
    | 'sealStatusLists'
    | 'contracts'
    | 'units'
  >;
  readonly blobs: BlobStore;
  readonly resources: Pick<Resources, 'sealFont'>;
  readonly trust: Pick<TrustRoom, 'trust' | 'outgoing' | 'timestamps'>;
  readonly tokens: TokenProvider;
  readonly reader: Pick<IsolatedReader, 'cleanSpecimen'>;
  readonly statementKey: ServiceKeys['statements'];
  /** Instead of the configured key that makes seals. */
  readonly openMaker: SealMakerKeys['open'] | undefined;
  /** How long whoever stops a seal has to end its uses before another process does. */
  readonly stoppedUsesLeaseMs: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: FaultHook;
  /** Called after a write that left events for the relay. */
  readonly onPublished: () => void;
}

export interface SealRoom {
  readonly api: Pick<
    HttpServices,
    'seals' | 'sealRegister' | 'sealApplications' | 'sealRevocations'
  >;
  readonly desk: SealDesk;
  readonly stoppedUses: StoppedUses;
  /** One round over orders of revocation that stand, then over seals whose day has come. */
  advanceLives(): Promise<void>;
}

const STOPPED_USES_LEASE_MS = 30_000;

export function wireSeals(parts: SealParts): SealRoom {
  const { config, collections, blobs, tokens, reader, clock, logger, faults, onPublished } = parts;
  const { trust, outgoing, timestamps } = parts.trust;
  const { seals, units, contracts } = collections;
  const { issuer } = config.jwt;
  const stoppedUses = new StoppedUses({
    seals,
    endUses: (sealId) => endSealUses(contracts, sealId, clock),
    clock,
    faults,
    leaseMs: parts.stoppedUsesLeaseMs ?? STOPPED_USES_LEASE_MS,
  });
  const service = createSealService({ seals, blobs, clock, stoppedUses });
  const revocations = new RevocationOrders({
    orders: collections.sealRevocationOrders,
    seals,
    units,
    blobs,
    clock,
    stoppedUses,
  });
  const applications = createSealApplications({
    applications: collections.sealApplications,
    seals,
    units,
    blobs,
    clock,
    faults,
    font: parts.resources.sealFont,
    cleanSpecimen: (scan, widthMm) => reader.cleanSpecimen(scan, widthMm),
    drawingDigest: appearanceDigest,
    maker: createSealMaker({ config: config.seals, tokens, timestamps, open: parts.openMaker }),
    assertUnitOpen: (unitId) => revocations.assertOpen(unitId),
    verifyMade: (der) => assertMadeSound(der, { trust, outgoing, clock }),
  });
  const signer = jwsSigner(parts.statementKey);
  const life = new SealLifeWorker({ seals, clock, logger, stoppedUses, onPublished });
  return {
    api: {
      seals: service,
      sealRegister: {
        status: createSignedSealStatus({ seals, signer, issuer, clock }),
        statusList: createSealStatusList({
          lists: collections.sealStatusLists,
          seals,
          signer,
          issuer,
          clock,
        }),
        impacts: createRevocationImpacts({ seals, contracts, now: () => toRfc3339(clock.now()) }),
      },
      sealApplications: applications,
      sealRevocations: revocations,
    },
    desk: createSealDesk({ seals, service }),
    stoppedUses,
    async advanceLives() {
      await revocations.runOnce();
      await life.runOnce();
    },
  };
}
