/** What a document may hold besides its pages, and what the policy says of it. */
import { describe, expect, it } from '@jest/globals';
import { MemorySource, isAppError } from '../../../src/kernel/index.js';
import { openPdf } from '../../../src/pdf/index.js';
import {
  inspectDocument,
  inspectPdf,
  type AdmissionFinding,
  type AdmissionPolicy,
} from '../../../src/signing/index.js';
import { TWO_PAGES, bytesOf, classicFile, type Bodies } from '../../support/pdf/pdf-file.js';

const CATALOG = '<</Type/Catalog/Pages 2 0 R';
const SECOND_PAGE = '<</Type/Page/Parent 2 0 R';

const fileWith = (bodies: Bodies): Uint8Array =>
  bytesOf(classicFile({ ...TWO_PAGES, 1: `${CATALOG}>>`, ...bodies }));

function findingsOf(bodies: Bodies, policy: AdmissionPolicy = []): readonly AdmissionFinding[] {
  return inspectDocument(openPdf(new MemorySource(fileWith(bodies))), policy).findings;
}

const annotation = (entries: string): Bodies => ({
  4: `${SECOND_PAGE}/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]${entries}>>]>>`,
});
const second = (resources: string, more: Bodies = {}): Bodies => ({
  4: `${SECOND_PAGE}/Resources<<${resources}>>>>`,
  ...more,
});
const stream = (entries: string): string => `<<${entries}/Length 1>>\nstream\nQ\nendstream`;
const layers = (defaults: string, usage = ''): Bodies => ({
  1: `${CATALOG}/OCProperties<</OCGs[7 0 R 8 0 R]/D<<${defaults}>>>>>>`,
  7: `<</Type/OCG/Name(Price)${usage}>>`,
  8: '<</Type/OCG/Name(Text)>>',
});

const REFUSED: readonly Row[] = [
  ['xfa', { 1: `${CATALOG}/AcroForm<</Fields[]/XFA[]>>>>` }],
  ['javascript', { 1: `${CATALOG}/OpenAction<</S/JavaScript/JS(1)>>>>` }],
  ['javascript', { 1: `${CATALOG}/Names<</JavaScript<</Names[(a)<</S/JavaScript>>]>>>>>>` }],
  ['javascript', { 1: `${CATALOG}/AA<</WS<</S/JavaScript/JS(1)>>>>>>` }],
  ['javascript', annotation('/AA<</E<</S/JavaScript/JS(1)>>>>'), 2],
  ['javascript', annotation('/A<</S/URI/URI(http://a.b)/Next[<</S/JavaScript/JS(1)>>]>>'), 2],
  ['javascript', annotation('/A<</S/URI/URI(javascript:alert)>>'), 2],
  ['javascript', annotation('/A<</S/Rendition/JS(1)>>'), 2],
  ['launch', annotation('/A<</S/Launch/F(calc.exe)>>'), 2],
  ['submit-form', annotation('/A<</S/SubmitForm>>'), 2],
  ['import-data', annotation('/A<</S/ImportData>>'), 2],
  ['layer-action', annotation('/A<</S/SetOCGState/State[]>>'), 2],
  ['hide-action', annotation('/A<</S/Hide/T(x)>>'), 2],
  ['multimedia', { 4: `${SECOND_PAGE}/Annots[<</Subtype/Screen>>]>>` }, 2],
  ['rich-media', { 4: `${SECOND_PAGE}/Annots[<</Subtype/RichMedia>>]>>` }, 2],
  [
    'launch',
    {
      1: `${CATALOG}/Outlines<</First 7 0 R>>>>`,
      7: '<</Title(a)/Next 8 0 R>>',
      8: '<</Title(b)/A<</S/Launch>>>>',
    },
  ],
  ['external-stream', { 4: `${SECOND_PAGE}/Contents 7 0 R>>`, 7: stream('/F(other.txt)') }, 2],
  ['reference-xobject', second('/XObject<</a 7 0 R>>', { 7: stream('/Subtype/Form/Ref<<>>') }), 2],
  ['alternate-image', second('/XObject<</a 7 0 R>>', { 7: stream('/Alternates[]') }), 2],
  ['postscript-xobject', second('/XObject<</a 7 0 R>>', { 7: stream('/Subtype/PS') }), 2],
  [
    'external-stream',
    second('/XObject<</a 7 0 R>>', {
      7: stream('/Subtype/Form/Resources<</XObject<</b 8 0 R/self 7 0 R>>>>'),
      8: stream('/Subtype/Image/F(picture.jpg)'),
    }),
    2,
  ],
  ['hidden-layer', layers('/OFF[7 0 R]')],
  ['hidden-layer', layers('/BaseState/OFF/ON[8 0 R]')],
  [
    'automatic-layer',
    layers(
      '/AS[<</Event/Print/Category[/Print]/OCGs[7 0 R]>>]',
      '/Usage<</Print<</PrintState/OFF>>>>',
    ),
  ],
  ['portfolio', { 1: `${CATALOG}/Collection<<>>>>` }],
];

const REPORTED: readonly Row[] = [
  ['file-link', annotation('/A<</S/URI/URI(file:///etc/passwd)>>'), 2],
  ['remote-go-to', annotation('/A<</S/GoToR/F(b.pdf)>>'), 2],
  ['need-appearances', { 1: `${CATALOG}/AcroForm<</Fields[]/NeedAppearances true>>>>` }],
  ['hidden-annotation', annotation('/F 2/AP<</N 7 0 R>>'), 2],
  ['embedded-file', { 1: `${CATALOG}/Names<</EmbeddedFiles<</Names[(a) null]>>>>>>` }],
  ['font-not-embedded', second('/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Times>>>>'), 2],
];

type Row = readonly [kind: string, bodies: Bodies, page?: number];
const rows = (
  table: readonly Row[],
): { kind: string; bodies: Bodies; page: number | undefined }[] =>
  table.map(([kind, bodies, page]) => ({ kind, bodies, page }));

describe('the admission policy', () => {
  it.each(rows(REFUSED))('refuses $kind', ({ kind, bodies, page }) => {
    const findings = findingsOf(bodies);
    expect(findings).toContainEqual(expect.objectContaining({ kind, page, verdict: 'refused' }));
  });

  it.each(rows(REPORTED))('reports $kind', ({ kind, bodies, page }) => {
    const findings = findingsOf(bodies);
    expect(findings).toEqual([expect.objectContaining({ kind, page, verdict: 'reported' })]);
    expect(inspectPdf(fileWith(bodies)).findings).toHaveLength(1);
  });

  it.each([
    ['plain pages', {}],
    ['a link', annotation('/A<</S/URI/URI(https://example.org)>>')],
    ['a link within the document', annotation('/A<</S/GoTo/D[3 0 R/Fit]>>')],
    ['layers that are all shown', layers('/ON[7 0 R]')],
    [
      'layers printed as they are shown',
      layers('/AS[<</Event/Print/Category[/Print]/OCGs[7 0 R]>>]'),
    ],
    ['an invisible annotation without a look', annotation('/F 2')],
    ['a font of its own drawing', second('/Font<</F<</Type/Font/Subtype/Type3>>>>')],
    [
      'an embedded font',
      second('/Font<</F<</Subtype/TrueType/FontDescriptor<</FontFile2 7 0 R>>>>>>'),
    ],
  ])('has nothing to say of %s', (_, bodies) => {
    expect(findingsOf(bodies)).toEqual([]);
  });

  it('names what it refuses and where, in both languages', () => {
    let refusal: unknown;
    try {
      inspectPdf(fileWith(annotation('/A<</S/Launch>>')));
    } catch (error) {
      refusal = error;
    }
    expect(isAppError(refusal, 'pdf-not-admitted')).toBe(true);
    expect((refusal as { params: unknown }).params).toEqual({
      kinds: ['launch'],
      findings: [expect.stringMatching(/^第 2 页：启动.* \/ page 2: action that launches/)],
    });
  });

  it.each([[['launch']], [['all']]] as readonly (readonly [AdmissionPolicy])[])(
    'admits what %j allows',
    (policy) => {
      const { findings } = inspectPdf(fileWith(annotation('/A<</S/Launch>>')), policy);
      expect(findings.map(({ verdict }) => verdict)).toEqual(['allowed']);
    },
  );

  it('allows no more than it is told', () => {
    expect(() => inspectPdf(fileWith(annotation('/A<</S/Launch>>')), ['javascript'])).toThrow();
  });

  it('ends on actions and forms that loop', () => {
    const bodies = {
      ...annotation('/A 7 0 R'),
      7: '<</S/GoTo/Next[7 0 R 8 0 R]>>',
      8: '<</S/GoTo/Next 7 0 R>>',
    };
    expect(findingsOf(bodies)).toEqual([]);
  });

  it('tells the same thing once, and not more than twenty of a kind', () => {
    const many = Array.from({ length: 50 }, (_, i) => `/F${i}<</Subtype/Type1/BaseFont/N${i}>>`);
    expect(findingsOf(second(`/Font<<${many.join('')}>>`))).toHaveLength(20);
    const alike = many.map((each) => each.replace(/BaseFont.N\d+/, 'BaseFont/N'));
    expect(findingsOf(second(`/Font<<${alike.join('')}>>`))).toHaveLength(1);
  });
});
