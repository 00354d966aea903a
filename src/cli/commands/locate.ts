/** `qianyin locate IN --keyword TEXT`: pages and positions of a text, ready for `sign --page --at`. */
import type { Command } from 'commander';
import type { CliContext } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { addPasswordOption, passwordFor, type PasswordFlags } from '../flags/password-flags.js';
import type { LocatedText, SeenRectangle } from '../runtime.js';

interface LocateFlags extends PasswordFlags {
  readonly keyword: string;
}

export function addLocateCommand(program: Command, context: CliContext): void {
  const command = program
    .command('locate <input>')
    .description('查找文字所在的页码和位置 (pages and positions of a text)')
    .requiredOption('--keyword <text>', '要查找的文字 (text)');
  addPasswordOption(command);
  command.action((input: string, flags: LocateFlags) => locate(context, input, flags));
}

async function locate(context: CliContext, input: string, flags: LocateFlags): Promise<void> {
  const { keyword } = flags;
  const { runtime, output } = context;
  using source = runtime.files.open(input);
  using password = await passwordFor(context, flags, input);
  const { hits, pageCount, uncertainPages } = await runtime.locate(source, keyword, password);
  if (hits.length === 0) context.setStatus(EXIT.negative);
  output.result(
    {
      file: input,
      keyword,
      pages: pageCount,
      count: hits.length,
      hits: hits.map((hit) => ({
        page: hit.pageIndex + 1,
        rect: rounded(hit.rect),
        centre: centreOf(hit.rect),
        userRect: rounded(hit.userRect),
        hidden: hit.isHidden,
      })),
      uncertain: uncertainPages.map(({ pageIndex, characters }) => ({
        page: pageIndex + 1,
        characters,
      })),
    },
    [
      `共 ${hits.length} 处 (hits)`,
      ...hits.map(describe),
      ...uncertainPages.map(
        ({ pageIndex, characters }) =>
          `第 ${pageIndex + 1} 页有 ${characters} 个字符的字体未说明对应文字，可能漏查 (characters that cannot be read)`,
      ),
    ].join('\n'),
  );
}

function describe(hit: LocatedText, index: number): string {
  const { x, y } = centreOf(hit.rect);
  const hidden = hit.isHidden ? '，不可见 (hidden)' : '';
  return `${index + 1}. 第 ${hit.pageIndex + 1} 页 (page)  中心 (centre) ${x},${y}${hidden}`;
}

function centreOf({ x1, y1, x2, y2 }: SeenRectangle): { readonly x: number; readonly y: number } {
  return { x: round((x1 + x2) / 2), y: round((y1 + y2) / 2) };
}

function rounded({ x1, y1, x2, y2 }: SeenRectangle): SeenRectangle {
  return { x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2) };
}

function round(pt: number): number {
  return Math.round(pt * 100) / 100 + 0;
}
