/** Applications of many units at once, from one workbook: all of them, or none. */
import {
  hasRole,
  scopeOf,
  type Principal,
  type UnitIndex,
  type UnitRecord,
} from '../../access/index.js';
import {
  AppError,
  concatBytes,
  digestBytes,
  isAppError,
  newId,
  utf8ToBytes,
  type Clock,
} from '../../kernel/index.js';
import type { Collection } from '../../store/index.js';
import { readInformationForms } from '../form-import/index.js';
import { sheetError, type SheetFault } from '../form-import/sheet-fault.js';
import { newApplication } from './applicant-desk.js';
import type { ApplicationChanges } from './application-changes.js';
import { stepOf } from './dual-control.js';
import type { SealApplicationRecord } from './record.js';
import { APPLICATION_RIGHTS } from './states.js';

export interface ImportDeskParts {
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'find'>;
  readonly clock: Clock;
}

export interface ImportOutcome {
  readonly sheet: string;
  readonly rowCount: number;
  /** What is wrong, row by row. */
  readonly faults: readonly SheetFault[];
  /** Nothing is wrong that would keep the workbook out. */
  readonly isAcceptable: boolean;
  /** The drafts made, in the order of the rows; none where something is wrong or only asked. */
  readonly applications: readonly {
    readonly row: number;
    readonly application: SealApplicationRecord;
  }[];
}

export class ImportDesk {
  readonly #parts: ImportDeskParts;
  readonly #changes: ApplicationChanges;

  constructor(parts: ImportDeskParts, changes: ApplicationChanges) {
    this.#parts = parts;
    this.#changes = changes;
  }

  /**
   * Reads the workbook and, where every row is good, drafts an application for each. A draft's id
   * follows from the file and the row: an import that was interrupted is finished by the same file,
   * and the same file twice makes nothing twice.
   *
   * @param request.isTrial - Only the report is wanted.
   * @throws AppError `forbidden`; `spreadsheet-unreadable`, params `reason`
   */
  async import(
    principal: Principal,
    { bytes, isTrial }: { readonly bytes: Uint8Array; readonly isTrial: boolean },
  ): Promise<ImportOutcome> {
    if (!hasRole(principal, ...APPLICATION_RIGHTS.edit)) {
      throw new AppError('forbidden', 'seals are applied for by units');
    }
    const now = this.#parts.clock.now();
    const { sheet, forms, faults: found } = await readInformationForms(bytes, now);
    const faults: SheetFault[] = [...found];
    const drafts: { readonly row: number; readonly draft: SealApplicationRecord }[] = [];
    for (const { row, form } of forms) {
      const unit = await this.#unitOf(principal, form.creditCode);
      if (unit === undefined) {
        if (form.creditCode !== undefined) faults.push(unknownUnit(row));
        continue;
      }
      const bare = newApplication(principal, unit, now, {
        purpose: 'issue',
        state: 'draft',
        form,
        applicants: [stepOf(principal, now)],
      });
      drafts.push({ row, draft: { ...bare, id: idOf(bytes, row) } });
    }
    const isAcceptable = !faults.some(({ severity }) => severity === 'error');
    const report = { sheet, rowCount: forms.length, faults, isAcceptable };
    if (!isAcceptable || isTrial) return { ...report, applications: [] };
    const applications: { row: number; application: SealApplicationRecord }[] = [];
    for (const { row, draft } of drafts) {
      applications.push({ row, application: await this.#insert(principal, draft) });
    }
    return { ...report, applications };
  }

  async #insert(
    principal: Principal,
    draft: SealApplicationRecord,
  ): Promise<SealApplicationRecord> {
    try {
      return await this.#changes.insert(principal, draft, 'drafted');
    } catch (error) {
      if (!isAppError(error, 'record-exists')) throw error;
      return this.#changes.load(principal, draft.id);
    }
  }

  async #unitOf(
    principal: Principal,
    creditCode: string | undefined,
  ): Promise<UnitRecord | undefined> {
    if (creditCode === undefined) return undefined;
    const { items } = await this.#parts.units.find(
      { where: { creditCode: { eq: creditCode } }, limit: 1 },
      scopeOf(principal),
    );
    return items[0];
  }
}

function unknownUnit(row: number): SheetFault {
  return sheetError(
    { row },
    'unit-unknown',
    '没有登记此统一社会信用代码的单位，或不在您的管辖范围；请核对代码，或先登记单位',
    'no unit of this credit code is registered in your region: check the code, or register the unit first',
  );
}

/** An id like any other, but the same for the same row of the same file. */
function idOf(bytes: Uint8Array, row: number): string {
  const seed = concatBytes([digestBytes('sha256', bytes), utf8ToBytes(`\u0000${row}`)]);
  return newId('sap', (length) => digestBytes('sha256', seed).subarray(0, length));
}
