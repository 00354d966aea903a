/** The seal register as signing and verification ask it. */
import type { SigningDuty } from '../contract/index.js';
import { AppError, toHex } from '../kernel/index.js';
import {
  assertUsable,
  drawingToPdfOperators,
  type PdfAppearance,
  type SealIndex,
  type SealRecord,
  type SealService,
} from '../seal/index.js';
import { appearanceDigest, type SealSupply } from '../signing/index.js';
import { SCOPE_ALL, type Collection } from '../store/index.js';
import type { SealRegister } from '../verification/index.js';

export interface SealDeskOptions {
  readonly seals: Collection<SealRecord, SealIndex>;
  readonly service: SealService;
}

const CACHED_PICTURES = 2000;

/** Pictures by seal and version: drawing one again costs more than signing with it. */
class Pictures {
  readonly #service: SealService;
  readonly #cache = new Map<string, PdfAppearance>();

  constructor(service: SealService) {
    this.#service = service;
  }

  async of(seal: SealRecord, version: number): Promise<PdfAppearance> {
    const key = `${seal.id}@${version}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const drawn = drawingToPdfOperators(await this.#service.drawingOf(seal, version));
    if (this.#cache.size >= CACHED_PICTURES) this.#cache.clear();
    this.#cache.set(key, drawn);
    return drawn;
  }
}

export interface SealDesk {
  readonly supply: SealSupply;
  readonly register: SealRegister;
}

export function createSealDesk(options: SealDeskOptions): SealDesk {
  const { seals } = options;
  const pictures = new Pictures(options.service);
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
        const version = seal.versions.at(-1)?.number ?? 0;
        const picture = await pictures.of(seal, version);
        return {
          sealId: seal.id,
          version,
          code: seal.code,
          name: seal.name,
          content: picture.operators,
          widthPt: picture.widthPt,
          heightPt: picture.heightPt,
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
        const picture = await pictures.of(seal, number);
        return {
          name: seal.name,
          statusHistory: seal.statusHistory.map(({ at, status }) => ({ at: new Date(at), status })),
          validFrom: new Date(version.validFrom),
          validUntil: new Date(version.validUntil),
          certificateSha256: version.certificateSha256,
          appearanceSha256: toHex(appearanceDigest(picture.operators)),
        };
      },
    },
  };
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
