/** `qianyin audit verify`: walks the audit log and says whether anything in it was touched. */
import type { Command } from 'commander';
import type { CliContext } from '../context.js';

export function addAuditCommand(program: Command, { runtime, output }: CliContext): void {
  program
    .command('audit')
    .description('审计日志 (audit log)')
    .command('verify')
    .description('校验审计日志 (verify the log)')
    .option('--data <dir>', '数据目录 (data folder)', '.qianyin')
    .action(async (flags: { readonly data: string }) => {
      const verified = await runtime.verifyAudit(flags.data);
      output.result(
        verified,
        `✔ 审计日志完整 (the log is whole): ${verified.size} 条 (entries)，根 (root) ${verified.rootHash}`,
      );
    });
}
