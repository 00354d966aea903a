import { describe, expect, it } from '@jest/globals';
import { MemorySource } from '../../../src/kernel/index.js';
import { openPdf, pageText } from '../../../src/pdf/index.js';
import { composeDocument, type Block } from '../../../src/typesetting/index.js';
import { fonts } from '../contract/sample.js';

/** What each page says, without its head and number. */
async function pagesOf(blocks: readonly Block[]): Promise<readonly string[]> {
  const { pdf } = await composeDocument({
    blocks,
    fonts,
    setting: 'contract',
    runningHead: '',
    title: '试排',
    creator: 'test',
    at: new Date('2026-05-12T02:00:00Z'),
    missingGlyphs: 'refuse',
    source: 'test',
  });
  const document = openPdf(new MemorySource(pdf));
  return Array.from({ length: document.pages.count }, (_, page) =>
    pageText(document, document.pages.get(page))
      .map(({ text }) => text)
      .join(''),
  );
}

const paragraph = (text: string): Block => ({ kind: 'paragraph', text, align: 'left' });
const lines = (count: number): readonly Block[] =>
  Array.from({ length: count }, () => paragraph('一行。'));
/** One for every place on a page where something may begin. */
const BEGINNINGS = Array.from({ length: 34 }, (_, count) => count);

describe('what belongs together', () => {
  it('keeps the parties, the places for their seals and what is signed under on one page', async () => {
    const party = (title: string, name: string) => ({
      ...{ title, name },
      rows: [
        { label: '代表', value: `代表${title}` },
        { label: '时间', value: `以${title}的电子签章时间为准，此处的文字长到要占两行` },
      ],
      places: [{ key: title, size: 'unit' as const }],
    });
    const signatures: Block = {
      kind: 'signatures',
      note: '（正文至此结束，说明长到要占两行，因为它把合同文件的各个部分都列举了一遍，直到第二行。）',
      parties: [party('甲方（发包人、采购人，盖章，名称长到换行）', '甲'), party('乙方', '乙')],
    };
    for (const count of BEGINNINGS) {
      const pages = await pagesOf([...lines(count), signatures, paragraph('后文。')]);
      const page = pages.find((text) => text.includes('正文至此结束')) ?? '';
      // Each party's last line is there, and nothing of it elsewhere.
      expect([count, page.match(/要占两行/g)?.length]).toEqual([count, 3]);
      expect(pages.filter((text) => text.includes('甲方') || text.includes('乙方'))).toEqual([
        page,
      ]);
    }
  });

  it('does not part a heading from a table and the text that announces it', async () => {
    const table: Block = {
      kind: 'table',
      columns: [{ title: '品名', width: 1, align: 'left' }],
      rows: Array.from({ length: 12 }, () => ['甲\n乙\n丙']),
      footer: [],
    };
    for (const count of BEGINNINGS) {
      const pages = await pagesOf([
        ...lines(count),
        { kind: 'heading', level: 1, text: '第一部分' },
        { kind: 'heading', level: 2, text: '第一条' },
        paragraph('清单如下：'),
        table,
      ]);
      const page = pages.find((text) => text.includes('第一部分')) ?? '';
      expect([count, page]).toEqual([
        count,
        expect.stringMatching(/第一部分第一条清单如下：品名甲乙丙/),
      ]);
    }
  });
});
