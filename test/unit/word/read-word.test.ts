/** What is read of a Word document, what is told, and what is refused by name. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { strToU8 } from 'fflate';
import { isAppError, type AppError } from '../../../src/kernel/index.js';
import { readWord } from '../../../src/word/index.js';
import {
  cell,
  field,
  paragraph,
  row,
  run,
  section,
  table,
  wordFile,
  type WordParts,
} from '../../support/word-file.js';

const read = (body: string, more: Omit<WordParts, 'body'> = {}) =>
  readWord(wordFile({ body, ...more }));
const blocks = (body: string, more: Omit<WordParts, 'body'> = {}) => read(body, more).blocks;
const told = (body: string, more: Omit<WordParts, 'body'> = {}) =>
  read(body, more).notices.map(({ kind }) => kind);

/** Kinds that the document is refused for. */
function refused(body: string, more: Omit<WordParts, 'body'> = {}): readonly string[] {
  try {
    read(body, more);
  } catch (error) {
    if (!isAppError(error, 'word-not-admitted')) throw error;
    const errors = error.params['faults'] as readonly string[];
    return errors.map((each) => each.split(':')[0] ?? '');
  }
  return [];
}

const STYLES = `
<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/><w:pPr><w:numPr><w:numId w:val="7"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="t"><w:name w:val="Title"/><w:pPr><w:jc w:val="center"/></w:pPr></w:style>
<w:style w:type="character" w:styleId="h"><w:name w:val="secret"/><w:rPr><w:vanish/></w:rPr></w:style>`;

const level = (ilvl: number, format: string, text: string, more = ''): string =>
  `<w:lvl w:ilvl="${ilvl}"><w:start w:val="1"/><w:numFmt w:val="${format}"/>${more}<w:lvlText w:val="${text}"/></w:lvl>`;
const NUMBERING = `
<w:abstractNum w:abstractNumId="0">${level(0, 'chineseCountingThousand', '第%1条')}${level(1, 'decimal', '%1.%2', '<w:isLgl/>')}${level(2, 'lowerRoman', '(%3)')}</w:abstractNum>
<w:abstractNum w:abstractNumId="1">${level(0, 'bullet', '')}</w:abstractNum>
<w:abstractNum w:abstractNumId="2">${level(0, 'hebrew1', '%1')}</w:abstractNum>
<w:num w:numId="7"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="8"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="9"><w:abstractNumId w:val="2"/></w:num>
<w:num w:numId="10"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>`;
const numbered = (text: string, list: number, ilvl: number): string =>
  paragraph(text, `<w:numPr><w:ilvl w:val="${ilvl}"/><w:numId w:val="${list}"/></w:numPr>`);

describe('what is read', () => {
  it('is title, headings, paragraphs and their places on the line', () => {
    const body = [
      paragraph('设备采购合同', '<w:pStyle w:val="t"/>'),
      paragraph('标的', '<w:pStyle w:val="1"/>'),
      paragraph('甲方向乙方购买设备。'),
      paragraph('2026年5月8日', '<w:jc w:val="right"/>'),
      paragraph('第二部分 通用条款', '<w:outlineLvl w:val="1"/>'),
      paragraph(''),
    ].join('');
    expect(blocks(body, { styles: STYLES, numbering: NUMBERING })).toEqual([
      { kind: 'title', text: '设备采购合同', subtitle: '' },
      { kind: 'heading', text: '第一条　标的', level: 2 },
      { kind: 'paragraph', text: '甲方向乙方购买设备。', align: 'left' },
      { kind: 'paragraph', text: '2026年5月8日', align: 'right' },
      { kind: 'heading', text: '第二部分 通用条款', level: 1 },
    ]);
  });

  it('is numbered as the word processor numbers', () => {
    const body = [
      numbered('甲', 7, 0),
      numbered('乙', 7, 1),
      numbered('丙', 7, 1),
      numbered('丁', 7, 2),
      numbered('戊', 7, 0),
      numbered('己', 7, 1),
      numbered('庚', 10, 0),
    ].join('');
    const texts = blocks(body, { numbering: NUMBERING }).map((each) => 'text' in each && each.text);
    expect(texts).toEqual([
      '第一条　甲',
      '1.1　乙',
      '1.2　丙',
      '(i)　丁',
      '第二条　戊',
      '2.1　己',
      '第一条　庚',
    ]);
    expect(told(numbered('甲', 8, 0), { numbering: NUMBERING })).toEqual(['bullet']);
    expect(refused(numbered('甲', 9, 0), { numbering: NUMBERING })).toEqual(['number-format']);
  });

  it('is lines, pages and blanks to be written on', () => {
    const body = paragraph(
      `${run('甲')}<w:r><w:br/></w:r>${run('乙　m')}${run('2', '<w:vertAlign w:val="superscript"/>')}<w:r><w:br w:type="page"/></w:r>${run('签字：')}${run('    ', '<w:u w:val="single"/>')}`,
    );
    expect(blocks(body)).toEqual([
      { kind: 'paragraph', text: '甲', align: 'left' },
      { kind: 'paragraph', text: '乙　m²', align: 'left' },
      { kind: 'page-break' },
      { kind: 'paragraph', text: '签字：____', align: 'left' },
    ]);
  });

  it('is tables with heads and cells over several columns', () => {
    const body = table(
      [1000, 3000],
      [
        row([cell(paragraph('序号')), cell(paragraph('品名'))], '<w:tblHeader/>'),
        row([
          cell(paragraph('1', '<w:jc w:val="center"/>')),
          cell(paragraph('电脑') + paragraph('含键盘')),
        ]),
        row([cell(paragraph('合计'), '<w:gridSpan w:val="2"/>')]),
      ],
    );
    expect(blocks(body)).toEqual([
      {
        kind: 'grid',
        widths: [1000, 3000],
        rows: [
          {
            isHead: true,
            cells: [
              { text: '序号', span: 1, align: 'left' },
              { text: '品名', span: 1, align: 'left' },
            ],
          },
          {
            isHead: false,
            cells: [
              { text: '1', span: 1, align: 'centre' },
              { text: '电脑\n含键盘', span: 1, align: 'left' },
            ],
          },
          { isHead: false, cells: [{ text: '合计', span: 2, align: 'left' }] },
        ],
      },
    ]);
  });

  it('begins pages where sections do', () => {
    const body = [
      paragraph('甲', section()),
      paragraph('乙', section('<w:type w:val="nextPage"/>')),
      paragraph('丙'),
      section('<w:type w:val="continuous"/>'),
    ].join('');
    expect(blocks(body).map(({ kind }) => kind)).toEqual([
      'paragraph',
      'page-break',
      'paragraph',
      'paragraph',
    ]);
  });
});

describe('what is told', () => {
  const margins = section(
    '<w:headerReference w:type="default" r:id="header"/><w:footerReference w:type="default" r:id="footer"/><w:pgSz w:w="16838" w:h="11906"/>',
  );

  it('is what looks otherwise', () => {
    const body = [
      paragraph('<w:hyperlink r:id="x">' + run('省财政厅网站') + '</w:hyperlink>'),
      paragraph(field('HYPERLINK "http://czt.example"', '网站')),
      paragraph(run('加粗', '<w:b/>')),
      margins,
    ].join('');
    expect(
      read(body, {
        header: paragraph('合同编号：HT-1'),
        footer: paragraph(
          `${run('第')}${field('PAGE', '1')}${run('页 共')}${field('NUMPAGES', '9')}${run('页')}`,
        ),
      }),
    ).toMatchObject({
      runningHead: '合同编号：HT-1',
      notices: [
        { kind: 'link' },
        { kind: 'looks' },
        { kind: 'page-size' },
        { kind: 'page-numbers' },
      ],
      blocks: [{ text: '省财政厅网站' }, { text: '网站' }, { text: '加粗' }],
    });
  });

  it('is that the outline takes the place of the contents', () => {
    const body = [
      `<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o "1-3"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${run('第一条 ')}${field('PAGEREF _Toc1', '3')}</w:p>`,
      `<w:p>${run('第二条 4')}</w:p>`,
      `<w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>`,
      paragraph('正文'),
    ].join('');
    expect(read(body)).toMatchObject({
      blocks: [{ text: '正文' }],
      notices: [{ kind: 'contents' }],
    });
  });

  it('is nothing of a plain document', () => {
    expect(told(paragraph('正文'))).toEqual([]);
  });

  it('is not what a foot says besides page numbers: that is refused', () => {
    const foot = (text: string) =>
      refused(paragraph('正文') + margins, { footer: paragraph(text) });
    expect(foot('第 2 页')).toEqual(['page-footer']);
    expect(foot('仅供参考')).toEqual(['page-footer']);
    expect(foot('- -')).toEqual([]);
  });
});

describe('what is refused by name', () => {
  const inside = (content: string): string => `<w:p>${run('见此处')}${content}</w:p>`;
  it.each([
    ['tracked-change', inside(`<w:ins w:id="1">${run('新增')}</w:ins>`)],
    ['tracked-change', inside('<w:del w:id="1"><w:r><w:delText>旧</w:delText></w:r></w:del>')],
    ['tracked-change', paragraph('甲', '<w:rPr><w:del w:id="1"/></w:rPr>')],
    ['tracked-change', paragraph(run('甲', '<w:rPrChange w:id="1"/>'))],
    ['tracked-change', table([1], [row([cell(paragraph('甲'))], '<w:ins w:id="1"/>')])],
    ['comment', inside('<w:commentRangeStart w:id="0"/>')],
    ['hidden-text', inside(run('另有约定', '<w:vanish/>'))],
    ['hidden-text', inside(run('另有约定', '<w:color w:val="FFFFFF"/>'))],
    ['hidden-text', inside(run('另有约定', '<w:rStyle w:val="h"/>'))],
    ['struck-text', inside(run('不含税', '<w:strike/>'))],
    ['field', inside(field('DATE \\@ "yyyy"', '2026'))],
    ['field', inside(`<w:fldSimple w:instr="FORMTEXT">${run('x')}</w:fldSimple>`)],
    ['field', inside(field('PAGE', '1'))],
    ['picture', inside('<w:r><w:drawing/></w:r>')],
    ['shape', inside('<w:r><w:pict/></w:r>')],
    [
      'shape',
      inside(
        '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"/></w:r>',
      ),
    ],
    ['embedded-object', inside('<w:r><w:object/></w:r>')],
    [
      'formula',
      inside('<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"/>'),
    ],
    ['note', inside('<w:r><w:footnoteReference w:id="2"/></w:r>')],
    ['raised-text', inside(run('注', '<w:vertAlign w:val="superscript"/>'))],
    ['symbol', inside('<w:r><w:sym w:font="Wingdings" w:char="F0A3"/></w:r>')],
    ['ruby', inside('<w:r><w:ruby/></w:r>')],
    ['frame', paragraph('甲', '<w:framePr/>')],
    ['merged-rows', table([1], [row([cell(paragraph('甲'), '<w:vMerge/>')])])],
    ['nested-table', table([1], [row([cell(table([1], []) + paragraph('甲'))])])],
    ['turned-text', table([1], [row([cell(paragraph('甲'), '<w:textDirection w:val="tbRl"/>')])])],
    ['turned-text', paragraph('甲', '<w:bidi/>')],
    [
      'empty-control',
      `<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>${paragraph('点此输入')}</w:sdtContent></w:sdt>`,
    ],
    ['imported-part', '<w:altChunk r:id="x"/>'],
    ['unknown', inside('<w:contentPart/>')],
    ['unknown', '<x xmlns="urn:x"/>'],
  ])('%s', (kind, body) => {
    expect(refused(body + paragraph('正文'), { styles: STYLES })).toEqual([kind]);
  });

  const relationship = (type: string, target: string, mode = ''): string =>
    `<Relationship Id="z" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}" ${mode}/>`;
  const external = 'TargetMode="External"';
  it.each([
    ['macros', { relationships: relationship('vbaProject', 'vbaProject.bin') }],
    ['macros', { contentType: 'application/vnd.ms-word.document.macroEnabled.main+xml' }],
    ['embedded-object', { relationships: relationship('oleObject', 'o.bin') }],
    ['external-content', { relationships: relationship('image', 'http://x.example/a', external) }],
    [
      'external-content',
      { relationships: relationship('attachedTemplate', 'file:///c:/t.dotm', external) },
    ],
    ['comment', { comments: '<w:comment w:id="0"/>' }],
  ] as const)('%s among the parts', (kind, more) => {
    expect(refused(paragraph('正文'), more)).toEqual([kind]);
  });

  it('is all told at once, each with its place', () => {
    const body = paragraph(run('价格不含税', '<w:strike/>')) + inside('<w:r><w:drawing/></w:r>');
    const error = catchError(() => read(body));
    expect(error.params['faults']).toEqual([
      'struck-text: 第 1 段“价格不含税”：含有删除线文字 价格不含税 (struck-through text)',
      'picture: 第 2 段“见此处”：含有图片 (a picture)',
    ]);
  });
});

function catchError(act: () => unknown): AppError {
  try {
    act();
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('what is no Word document', () => {
  const reasonOf = (bytes: Uint8Array): unknown => {
    const error = catchError(() => readWord(bytes));
    expect(error.code).toBe('word-unreadable');
    return error.params['reason'];
  };
  const whole = wordFile({ body: paragraph('正文') });
  const withDocument = (xml: string): Uint8Array =>
    wordFile({ body: '', parts: { 'word/document.xml': strToU8(xml) } });

  it('is told why', () => {
    expect(reasonOf(new Uint8Array([0xd0, 0xcf, 0x11, 0xe0]))).toBe('encrypted');
    expect(reasonOf(strToU8('%PDF-1.7'))).toBe('format');
    expect(reasonOf(whole.subarray(0, whole.length / 2))).toBe('format');
    expect(reasonOf(withDocument('<w:document'))).toBe('format');
    expect(reasonOf(wordFile({ body: '' }))).toBe('empty');
  });

  it('declares entities or a document type', () => {
    const bomb = '<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><w>&b;</w>';
    expect(reasonOf(withDocument(bomb))).toBe('doctype');
    const outside = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w>&a;</w>';
    expect(reasonOf(withDocument(outside))).toBe('doctype');
    expect(reasonOf(withDocument('<w>&undeclared;</w>'))).toBe('format');
  });

  it('is too deep', () => {
    const deep = '<w:smartTag>'.repeat(200) + '</w:smartTag>'.repeat(200);
    expect(reasonOf(wordFile({ body: deep }))).toBe('too-large');
  });

  it('never ends otherwise than in a coded error', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const touched = new Uint8Array(whole);
        touched[at]! ^= mask;
        try {
          readWord(touched);
        } catch (error) {
          expect(isAppError(error)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
