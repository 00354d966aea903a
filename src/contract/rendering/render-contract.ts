/** From data and template to the document that is signed. The same input gives the same bytes. */
import { AppError, toRfc3339 } from '../../kernel/index.js';
import { composeDocument } from '../../typesetting/index.js';
import type { ContractData } from '../contract-data.js';
import { PARTY_ROLES, type SealPlace } from '../record.js';
import { templateKey, type ContractTemplate } from '../template.js';
import { fillTemplate } from './filled-template.js';

export interface RenderContractInput {
  readonly data: ContractData;
  readonly template: ContractTemplate;
  /** TrueType files; the arrays are kept as keys of parsed fonts and must not change. */
  readonly fonts: { readonly regular: Uint8Array; readonly bold: Uint8Array };
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
 * Renders a contract on A4 with embedded font subsets, page numbers, an outline and places for seals.
 *
 * @throws AppError `glyph-missing` (params `characters`) before anything is made,
 *   `contract-data-invalid` where the template needs a value the data lack, `input-invalid` for a font
 */
export async function renderContract(input: RenderContractInput): Promise<RenderedContract> {
  const { data, template, fonts, at } = input;
  const { pdf, pageCount, places } = await composeDocument({
    blocks: fillTemplate(template, data),
    setting: 'contract',
    fonts,
    runningHead: `合同编号：${data.id}`,
    title: `${data.title}（${data.id}）`,
    creator: `qianyin ${templateKey(template)}`,
    at,
    missingGlyphs: 'refuse',
    source: JSON.stringify([templateKey(template), data, toRfc3339(at)]),
  });
  const sealPlaces = places.map(({ key, ...place }) => {
    const role = PARTY_ROLES.find((each) => each === key);
    if (role === undefined) throw new AppError('internal', 'a place of no party');
    return { role, ...place };
  });
  return { pdf, pageCount, sealPlaces };
}
