/** From data and template to the document that is signed. The same input gives the same bytes. */
import { AppError, toRfc3339 } from '../../kernel/index.js';
import { composeDocument } from '../../typesetting/index.js';
import type { ContractData } from '../contract-data.js';
import { PARTY_ROLES, SIGNING_DUTIES, type PartyDuties, type SealPlace } from '../record.js';
import { assertTemplateData } from '../template-data.js';
import { templateKey, type ContractTemplate } from '../template.js';
import { fillTemplate } from './filled-template.js';

export interface RenderContractInput {
  readonly data: ContractData;
  readonly template: ContractTemplate;
  /** TrueType files; the arrays are kept as keys of parsed fonts and must not change. */
  readonly fonts: { readonly regular: Uint8Array; readonly bold: Uint8Array };
  /** Which seals each party puts; the unit's alone where absent. */
  readonly duties?: PartyDuties;
  /** Written as creation date, and nothing else depends on it. */
  readonly at: Date;
}

export interface RenderedContract {
  readonly pdf: Uint8Array;
  readonly pageCount: number;
  /** Centre of each party's seal, in points from the bottom left of the zero-based page. */
  readonly sealPlaces: readonly SealPlace[];
}

/**
 * Renders a contract as PDF/A-2u on A4, with page numbers, an outline, tags, and an empty signature field
 * for each seal.
 *
 * @throws AppError `glyph-missing` (params `characters`) before anything is made,
 *   `contract-data-invalid` where the template needs a value the data lack, `input-invalid` for a font
 */
export async function renderContract(input: RenderContractInput): Promise<RenderedContract> {
  const { data, template, fonts, at, duties = {} } = input;
  assertTemplateData(template, data);
  const { pdf, pageCount, places } = await composeDocument({
    blocks: fillTemplate(template, data, duties),
    setting: 'contract',
    fonts,
    runningHead: `合同编号：${data.id}`,
    title: `${data.title}（${data.id}）`,
    creator: `qianyin ${templateKey(template)}`,
    at,
    missingGlyphs: 'refuse',
    source: JSON.stringify([templateKey(template), data, duties, toRfc3339(at)]),
  });
  const sealPlaces = places.map(({ key, pageIndex, xPt, yPt }): SealPlace => {
    const [roleName, dutyName] = key.split('/');
    const role = PARTY_ROLES.find((each) => each === roleName);
    const duty = SIGNING_DUTIES.find((each) => each === dutyName);
    if (role === undefined || duty === undefined) {
      throw new AppError('internal', 'a place of no party');
    }
    return { role, ...(duty === 'unit-seal' ? {} : { duty }), pageIndex, xPt, yPt };
  });
  return { pdf, pageCount, sealPlaces };
}
