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

function placeOf({ pointer, page }: { readonly pointer?: string; readonly page?: number }): string {
  if (page !== undefined) return `  第 ${page} 页 (page ${page})`;
  return pointer === undefined ? '' : `  ${pointer}`;
}

export function addContractCommand(program: Command, context: CliContext): void {
  const { runtime, output } = context;
  const contract = program.command('contract').description('合同 (contracts)');
  contract
    .command('render <template> <data>')
    .description('由数据和模板生成合同 PDF (document from data and a template)')
    .requiredOption('-o, --output <file>', '输出 PDF (output)')
    .action(async (template: string, data: string, flags: { readonly output: string }) => {
      const rendered = await runtime.renderContract(template, readJson(context, data));
      runtime.files.write(flags.output, rendered.pdf);
      output.result(
        { file: flags.output, pages: rendered.pageCount },
        `已生成 (rendered): ${flags.output}  ${rendered.pageCount} 页 (pages)`,
      );
    });
  contract
    .command('check <file>')
    .description('签署前检查合同数据或 PDF (checks before signing, of data or a PDF)')
    .option('--data <file>', 'PDF 应与之一致的合同数据 (data that the PDF should say)')
    .action(async (path: string, flags: { readonly data?: string }) => {
      const bytes = runtime.files.read(path);
      const isPdf = bytesToLatin1(bytes.subarray(0, 1024)).includes('%PDF-');
      const findings = isPdf
        ? await runtime.checkContractPdf(
            bytes,
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
