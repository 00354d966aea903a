/**
 * Seals of the sample, made the way seals are made: the unit applies, the seal administrator prepares, the reviewer
 * approves, the administrator makes; each by the API and with a UKey of their own.
 */
import type { UnitRecord } from '../../access/index.js';
import { sha256Hex, systemClock, toRfc3339 } from '../../kernel/index.js';
import { authorisationLetter, type SampleUnit } from '../../sandbox/sample/index.js';
import { SCOPE_ALL } from '../../store/index.js';
import type { ApiClient } from './api-client.js';
import type { Resources } from '../resources.js';
import type { Service } from '../service.js';

export interface SealStaff {
  readonly administrator: ApiClient;
  readonly reviewer: ApiClient;
}

export interface SampleSealRequest {
  readonly unit: UnitRecord;
  readonly sample: SampleUnit;
  readonly certificateDer: Uint8Array;
  /** Who applies for the unit. */
  readonly applicant: ApiClient;
}

interface ApplicationView {
  readonly id: string;
  readonly preparation: { readonly contentSha256: string } | null;
}

const YEAR_MS = 365 * 86_400_000;
const HANDLER = '示例经办人';

export class SampleSeals {
  readonly #service: Service;
  readonly #staff: SealStaff;
  readonly #fonts: Resources['fonts'];

  constructor(service: Service, staff: SealStaff, fonts: Resources['fonts']) {
    this.#service = service;
    this.#staff = staff;
    this.#fonts = fonts;
  }

  /** A contract seal bound to the certificate; a new certificate means a new version of the seal. */
  async ensure(request: SampleSealRequest): Promise<void> {
    const { unit, applicant, certificateDer } = request;
    const sha256 = sha256Hex(certificateDer);
    const page = await this.#service.collections.seals.find(
      { where: { unitId: { eq: unit.id } }, limit: 100 },
      SCOPE_ALL,
    );
    const known = page.items.find((seal) => seal.kind === 'contract' && seal.status === 'active');
    if (known === undefined) {
      await this.#finish(await this.#apply(request, sha256));
    } else if (known.versions.at(-1)?.certificateSha256.includes(sha256) !== true) {
      const path = `/seals/${known.id}/rebind`;
      const body = { certificateSha256: [sha256] };
      await this.#finish((await applicant.post<ApplicationView>(path, body)).body.id);
    }
  }

  /** @returns The application, submitted. */
  async #apply({ unit, sample, applicant }: SampleSealRequest, sha256: string): Promise<string> {
    const now = systemClock.now();
    const form = {
      unitName: sample.name,
      creditCode: sample.creditCode,
      regionCode: sample.regionCode,
      address: sample.address,
      ...(sample.budgetCode === undefined ? {} : { budgetCode: sample.budgetCode }),
      seals: [{ kind: 'contract' }],
      tokenKind: unit.certificates.find((each) => each.sha256 === sha256)?.tokenKind ?? 'other',
      certificateSha256: [sha256],
      handler: { name: HANDLER, mobile: '13800000000' },
      legalRepresentative: { name: sample.representative },
      purpose: '签订政府采购合同',
      validFrom: toRfc3339(now),
      validUntil: toRfc3339(new Date(now.getTime() + YEAR_MS)),
    };
    const { id } = (await applicant.post<ApplicationView>('/seal-applications', { form })).body;
    const letter = await authorisationLetter({
      unit: sample,
      handler: HANDLER,
      at: now,
      fonts: this.#fonts,
    });
    const fileName = encodeURIComponent('制章授权书.pdf');
    const attachments = `/seal-applications/${id}/attachments`;
    await applicant.postPdf(
      `${attachments}?kind=authorisation-letter&fileName=${fileName}`,
      new Uint8Array(letter),
    );
    await applicant.post(`/seal-applications/${id}/submit`, {});
    return id;
  }

  async #finish(id: string): Promise<void> {
    const { administrator, reviewer } = this.#staff;
    const path = `/seal-applications/${id}`;
    const { body } = await administrator.post<ApplicationView>(`${path}/prepare`, {});
    const contentSha256 = body.preparation?.contentSha256;
    await reviewer.post(`${path}/approve`, { contentSha256 });
    await administrator.post(`${path}/make`, {});
  }
}
