/** `qianyin contract render|check`: a document from data, and the checks before signing. */
import type { Command } from 'commander';
import { AppError, bytesToLatin1, bytesToUtf8 } from '../../kernel/index.js';
import type { CliContext } from '../context.js';
import { EXIT } from '../exit-codes.js';

function readJson(context: CliContext, path: string): unknown {
  const text = bytesToUtf8(context.runtime.files.read(path));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('input-invalid', 'not JSON', { params: { file: path }, cause: error });
  }
}

const WORD_FILE = /\.docx?$/i;

/** @throws AppError `usage` for what needs data */
function wordFile(context: CliContext, path: string): Uint8Array {
  if (!WORD_FILE.test(path)) {
    throw new AppError('usage', 'a template needs data', { params: { argument: 'data' } });
  }
  return context.runtime.files.read(path);
}

function titleOf(path: string): string {
  return path.replace(/^.*[/\\]/, '').replace(WORD_FILE, '');
}

function placeOf({ pointer, page }: { readonly pointer?: string; readonly page?: number }): string {
  if (page !== undefined) return `  第 ${page} 页 (page ${page})`;
  return pointer === undefined ? '' : `  ${pointer}`;
}

export function addContractCommand(program: Command, context: CliContext): void {
  const { runtime, output } = context;
  const contract = program.command('contract').description('合同 (contracts)');
  contract
    .command('render <source> [data]')
    .description(
      '由模板和数据，或由 Word 文件生成合同 PDF (document from a template and data, or from a .docx)',
    )
    .requiredOption('-o, --output <file>', '输出 PDF (output)')
    .action(
      async (source: string, data: string | undefined, flags: { readonly output: string }) => {
        const { pdf, pageCount, notices } =
          data === undefined
            ? await runtime.setWord(wordFile(context, source), titleOf(source))
            : { ...(await runtime.renderContract(source, readJson(context, data))), notices: [] };
        runtime.files.write(flags.output, pdf);
        output.result(
          { file: flags.output, pages: pageCount, notices },
          [
            `已生成 (rendered): ${flags.output}  ${pageCount} 页 (pages)`,
            ...notices.map(({ text, textEn }) => `! ${text} / ${textEn}`),
          ].join('\n'),
        );
      },
    );
  contract
    .command('check <file>')
    .description(
      '签署前检查合同数据、PDF 或 Word 文件 (checks before signing, of data, a PDF or a .docx)',
    )
    .option('--data <file>', '文件应与之一致的合同数据 (data that the document should say)')
    .action(async (path: string, flags: { readonly data?: string }) => {
      const bytes = runtime.files.read(path);
      const isPdf = bytesToLatin1(bytes.subarray(0, 1024)).includes('%PDF-');
      const pdf = isPdf
        ? bytes
        : WORD_FILE.test(path)
          ? (await runtime.setWord(bytes, titleOf(path))).pdf
          : undefined;
      const findings =
        pdf !== undefined
          ? await runtime.checkContractPdf(
              pdf,
              flags.data === undefined ? undefined : readJson(context, flags.data),
            )
          : await runtime.checkContract(readJson(context, path));
      const lines = findings.map(
        (finding) =>
          `${finding.severity === 'error' ? '✘' : '!'} ${finding.code}: ${finding.text} / ${finding.textEn}${placeOf(finding)}`,
      );
      output.result(
        { findings },
        lines.length === 0 ? '✔ 检查通过 (no findings)' : lines.join('\n'),
      );
      const hasErrors = findings.some((finding) => finding.severity === 'error');
      context.setStatus(hasErrors ? EXIT.negative : EXIT.done);
    });
}
