/** Shows a reader what changed since the version that its side had agreed to. */
import type { Principal } from '../../access/index.js';
import { AppError, bytesToUtf8 } from '../../kernel/index.js';
import type { BlobStore } from '../../store/index.js';
import type { ContractData } from '../contract-data.js';
import {
  fieldDifferences,
  pageDifferences,
  type FieldDifference,
  type PageDifference,
} from '../differences.js';
import type { EarlierVersion } from '../flow-record.js';
import { versionNumber, type ContractRecord } from '../record.js';
import type { ContractChanges } from './contract-changes.js';

export interface VersionDifferences {
  /** Number of the earlier version, and of the present one. */
  readonly from: number;
  readonly to: number;
  readonly fields: readonly FieldDifference[];
  readonly pages: readonly PageDifference[];
}

export interface VersionComparisonParts {
  readonly changes: ContractChanges;
  readonly blobs: Pick<BlobStore, 'read'>;
  /** Lines of text, page by page. @throws AppError `pdf-*` */
  readonly readPages: (pdf: Uint8Array) => Promise<readonly (readonly string[])[]>;
}

export class VersionComparison {
  readonly #parts: VersionComparisonParts;

  constructor(parts: VersionComparisonParts) {
    this.#parts = parts;
  }

  /**
   * @param from - Number of an earlier version; the last one that the principal's side had confirmed
   *   or signed where absent, or else the one before.
   * @throws AppError `contract-not-found`; `not-found` where there is no such version
   */
  async compare(
    principal: Principal,
    id: string,
    from: number | undefined,
  ): Promise<VersionDifferences> {
    const { changes, blobs, readPages } = this.#parts;
    const contract = await changes.load(principal, id);
    const earlier =
      from === undefined
        ? lastAgreed(contract, principal.unitId)
        : contract.earlier?.find((version) => version.number === from);
    if (earlier === undefined || contract.document === undefined) {
      throw new AppError('not-found', 'no such version');
    }
    const data =
      earlier.dataBlobId === undefined
        ? undefined
        : (JSON.parse(bytesToUtf8(await blobs.read(earlier.dataBlobId))) as ContractData);
    const [before, after] = await Promise.all(
      [earlier.document, contract.document].map(async ({ blobId }) =>
        readPages(await blobs.read(blobId)),
      ),
    );
    return {
      from: earlier.number,
      to: versionNumber(contract),
      fields: fieldDifferences(data, contract.data),
      pages: pageDifferences(before ?? [], after ?? []),
    };
  }
}

function lastAgreed(
  { parties, earlier = [] }: ContractRecord,
  unitId: string | undefined,
): EarlierVersion | undefined {
  const role = parties.find((party) => party.unitId === unitId)?.role;
  // The buyer agreed to what it sent.
  const isAgreed = (version: EarlierVersion): boolean =>
    role === 'supplier'
      ? version.times.confirmedAt !== undefined ||
        version.signatures.some((signature) => signature.role === 'supplier')
      : true;
  return earlier.findLast(isAgreed) ?? earlier.at(-1);
}
