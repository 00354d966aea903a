/** `qianyin verify FILE…`: the report of each file; the exit status says the worst. */
import type { Command } from 'commander';
import type { PackageFileReport } from '../../filing/index.js';
import { AppError, looksLikeZip, readAll } from '../../kernel/index.js';
import type { VerificationReport } from '../../verification/index.js';
import { parseTime } from '../arguments.js';
import type { CliContext } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { INDICATION_STATUS } from '../indication-status.js';
import { addPasswordOption, passwordFor, type PasswordFlags } from '../flags/password-flags.js';
import { reportText } from '../report-text.js';

interface VerifyFlags extends PasswordFlags {
  readonly trust: string;
  readonly at?: string;
  readonly offline?: boolean;
  readonly diffImages?: string;
  readonly report?: string;
}

export function addVerifyCommand(program: Command, context: CliContext): void {
  const command = program
    .command('verify <files...>')
    .description('验证 PDF 签名或备案包 (verify signed PDFs and filing packages)')
    .requiredOption('--trust <dir>', '信任的根证书目录 (folder of trust anchors)')
    .option('--at <time>', '按此时间验证 (validate at this time)')
    .option('--offline', '只用文件和信任目录中的材料 (no network)')
    .option('--diff-images <dir>', '画出签署后改变的页面 (pictures of pages changed since)')
    .option('--report <file>', '另存 PDF 验证报告，限一个文件 (the report as a PDF, of one file)');
  addPasswordOption(command).action(async (files: readonly string[], flags: VerifyFlags) => {
    const { runtime, output } = context;
    if (flags.report !== undefined && files.length > 1) {
      throw new AppError('usage', '--report is of one file', { params: { option: '--report' } });
    }
    const trust = await runtime.openTrust(flags.trust);
    const at = flags.at === undefined ? undefined : parseTime(flags.at, '--at');
    const reports: (VerificationReport | PackageFileReport)[] = [];
    if (flags.diffImages !== undefined) await runtime.assertRenderer();
    for (const [index, fileName] of files.entries()) {
      if (files.length > 1) output.progress(`${index + 1}/${files.length} ${fileName}`);
      using source = runtime.files.open(fileName);
      if (looksLikeZip(source.read(0, 4))) {
        refuseOfPackage(flags);
        const whole = readAll(source);
        const options = { fileName, trust, trustDirectory: flags.trust, at };
        const isOffline = flags.offline ?? false;
        reports.push(await runtime.verifyPackage(whole, { ...options, isOffline }));
        continue;
      }
      using password = await passwordFor(context, flags, fileName);
      const report = await runtime.verify(source, {
        fileName,
        trust,
        at,
        isOffline: flags.offline ?? false,
        ...(password === undefined ? {} : { password }),
      });
      reports.push(report);
      if (flags.diffImages === undefined) continue;
      const written = await runtime.writePageDifferences(source, report, flags.diffImages);
      for (const file of written) output.progress(file);
      if (written.length === 0)
        output.progress('签署后页面没有变化 (no page looks otherwise since)');
    }
    const [only] = reports;
    if (only !== undefined && flags.report !== undefined) {
      runtime.files.write(flags.report, await runtime.renderReport(only, at));
    }
    output.result(
      reports.length === 1 ? only : { reports },
      reports.map((report) => reportText(report)).join('\n\n'),
    );
    const statuses = reports.map((report) => INDICATION_STATUS[report.indication]);
    const worst = [EXIT.negative, EXIT.indeterminate].find((status) => statuses.includes(status));
    context.setStatus(worst ?? EXIT.done);
  });
}

/** What looks at one PDF has nothing to look at in a package: its contract is there for that. */
function refuseOfPackage({ diffImages, report }: VerifyFlags): void {
  if (diffImages === undefined && report === undefined) return;
  const option = diffImages === undefined ? '--report' : '--diff-images';
  throw new AppError('usage', `${option} is of a PDF, not of a package`, { params: { option } });
}
