/** The seal register as signing and verification ask it. */
import type { SigningDuty } from '../../contract/index.js';
import { AppError, MemorySource, toHex } from '../../kernel/index.js';
import { openPdf } from '../../pdf/index.js';
import { readPicture } from '../../picture/index.js';
import {
  assertUsable,
  drawingToPdfOperators,
  type SealArtwork,
  type SealIndex,
  type SealRecord,
  type SealService,
  type SealVersion,
} from '../../seal/index.js';
import {
  appearanceDigest,
  sealPicture,
  type SealSupply,
  type UsableSeal,
} from '../../signing/index.js';
import { SCOPE_ALL, type Collection } from '../../store/index.js';
import { pictureDigests, type SealFacts, type SealRegister } from '../../verification/index.js';
import { blankPage } from './blank-page.js';

export interface SealDeskOptions {
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly service: SealService;
}

const CACHED_VERSIONS = 2000;

/** What signing puts on a page and into a file of one version of a seal. */
type SealedVersion = Pick<UsableSeal, 'picture' | 'appearanceSha256' | 'structureDer'> & {
  /** Of every way that documents show the picture. */
  readonly shownSha256: readonly Uint8Array[];
};

/** By seal and version: reading and drawing one again costs more than signing with it. */
class SealedVersions {
  readonly #service: SealService;
  readonly #cache = new Map<string, SealedVersion>();

  constructor(service: SealService) {
    this.#service = service;
  }

  async of(seal: SealRecord, version: SealVersion): Promise<SealedVersion> {
    const key = `${seal.id}@${version.number}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const made = {
      ...shownArtwork(await this.#service.artworkOf(seal, version.number)),
      ...(version.structureBlobId === undefined
        ? {}
        : { structureDer: await this.#service.structureOf(seal, version.number) }),
    };
    if (this.#cache.size >= CACHED_VERSIONS) this.#cache.clear();
    this.#cache.set(key, made);
    return made;
  }
}

function shownArtwork(artwork: SealArtwork): Omit<SealedVersion, 'structureDer'> {
  if (artwork.kind === 'scan') {
    const picture = readPicture(artwork.png);
    return { picture, shownSha256: pictureDigests(anyDocument(), picture) };
  }
  const { operators, widthPt, heightPt } = drawingToPdfOperators(artwork.drawing);
  const appearanceSha256 = appearanceDigest(operators);
  return {
    picture: sealPicture({ content: operators, widthPt, heightPt }),
    appearanceSha256,
    shownSha256: [appearanceSha256],
  };
}

const anyDocument = () => openPdf(new MemorySource(blankPage(100, 100)));

export interface SealDesk {
  readonly supply: SealSupply;
  readonly register: SealRegister;
}

export function createSealDesk(options: SealDeskOptions): SealDesk {
  const { seals } = options;
  const versions = new SealedVersions(options.service);

  async function factsOf(seal: SealRecord, version: SealVersion): Promise<SealFacts> {
    const { shownSha256 } = await versions.of(seal, version);
    return {
      name: version.name ?? seal.name,
      statusHistory: seal.statusHistory.map(({ at, status }) => ({ at: new Date(at), status })),
      validFrom: new Date(version.validFrom),
      validUntil: new Date(version.validUntil),
      certificateSha256: version.certificateSha256,
      structureSha256: version.structureBlobId,
      appearanceSha256: shownSha256.map(toHex),
    };
  }

  return {
    supply: {
      async forSigning({ unitId, duty, sealId, certificateSha256, at }) {
        const seal =
          sealId === undefined
            ? await bestSealOf(seals, unitId, duty, certificateSha256)
            : await seals.get(sealId, SCOPE_ALL);
        if (seal === undefined) {
          if (sealId === undefined && duty === 'unit-seal') return undefined;
          throw new AppError('seal-not-found', 'no such seal');
        }
        if ((seal.kind === 'legal-person') !== (duty === 'legal-representative')) {
          throw new AppError('seal-kind-mismatch', 'another kind of seal is due', {
            params: { kind: seal.kind, duty },
          });
        }
        assertUsable({ seal, certificateSha256, unitId, at });
        const version = newestOf(seal);
        const { picture, appearanceSha256, structureDer } = await versions.of(seal, version);
        return {
          sealId: seal.id,
          version: version.number,
          code: seal.code,
          name: version.name ?? seal.name,
          picture,
          ...(appearanceSha256 === undefined ? {} : { appearanceSha256 }),
          ...(structureDer === undefined ? {} : { structureDer }),
        };
      },
      async presumed({ unitId, duty, certificateSha256 }) {
        return (await bestSealOf(seals, unitId, duty, certificateSha256 ?? ''))?.id;
      },
    },
    register: {
      async find(code, number) {
        const seal = await seals.getBy('code', code, SCOPE_ALL);
        const version = seal?.versions.find((each) => each.number === number);
        if (seal === undefined || version === undefined) return undefined;
        return factsOf(seal, version);
      },
      async findStructure(code, sha256) {
        const seal = await seals.getBy('code', code, SCOPE_ALL);
        if (seal === undefined) return undefined;
        // A structure is kept as a blob, by its digest.
        const version = seal.versions.find((each) => each.structureBlobId === sha256);
        return version === undefined ? 'other-structure' : factsOf(seal, version);
      },
    },
  };
}

function newestOf(seal: SealRecord): SealVersion {
  const version = seal.versions.at(-1);
  if (version === undefined) throw new AppError('internal', 'a seal without versions');
  return version;
}

/**
 * Contracts are sealed with the contract seal, or with the official one (民法典 §490, 合同专用章 or
 * 公章); a legal representative seals with its own.
 */
async function bestSealOf(
  seals: Collection<SealRecord, SealIndex>,
  unitId: string,
  duty: SigningDuty,
  certificateSha256: string,
): Promise<SealRecord | undefined> {
  const page = await seals.find({ where: { unitId: { eq: unitId } }, limit: 100 }, SCOPE_ALL);
  const rank = (seal: SealRecord): number =>
    (seal.versions.at(-1)?.certificateSha256.includes(certificateSha256) === true ? 0 : 4) +
    (seal.status === 'active' ? 0 : 2) +
    (seal.kind === 'contract' ? 0 : 1);
  return page.items
    .filter(({ kind }) =>
      duty === 'legal-representative'
        ? kind === 'legal-person'
        : kind === 'contract' || kind === 'official',
    )
    .sort((a, b) => rank(a) - rank(b))[0];
}
