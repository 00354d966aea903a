/** The letter by which a sample unit lets its handler apply for seals (制章授权书). */
import { composeDocument } from '../../typesetting/index.js';
import type { SampleUnit } from './sample-units.js';

export interface AuthorisationLetterInput {
  readonly unit: SampleUnit;
  readonly handler: string;
  readonly at: Date;
  /** TrueType files. */
  readonly fonts: { readonly regular: Uint8Array; readonly bold: Uint8Array };
}

export async function authorisationLetter(input: AuthorisationLetterInput): Promise<Uint8Array> {
  const { unit, handler, at, fonts } = input;
  const { pdf } = await composeDocument({
    blocks: [
      { kind: 'title', text: '电子印章制作授权书', subtitle: unit.name },
      {
        kind: 'fields',
        title: '',
        rows: [
          { label: '单位', value: unit.name },
          { label: '统一社会信用代码', value: unit.creditCode },
          { label: '法定代表人', value: unit.representative },
          { label: '受托人', value: handler },
          { label: '授权事项', value: '申请制作、领取本单位合同专用章' },
        ],
      },
    ],
    setting: 'report',
    fonts,
    runningHead: unit.name,
    title: '电子印章制作授权书',
    creator: 'qianyin sample',
    at,
    missingGlyphs: 'replace',
    source: `${unit.creditCode} ${handler}`,
  });
  return pdf;
}
