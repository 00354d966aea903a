/** `qianyin backup` and `restore`: records and documents in one archive. */
import type { Command } from 'commander';
import type { CliContext } from '../context.js';

export function addBackupCommands(program: Command, { runtime, output }: CliContext): void {
  program
    .command('backup')
    .description('备份数据 (back up records and documents)')
    .option('--data <dir>', '数据目录 (data folder)', '.qianyin')
    .requiredOption('-o, --output <file>', '备份文件 (archive)')
    .action(async (flags: { readonly data: string; readonly output: string }) => {
      const counts = await runtime.backup(flags.data, flags.output);
      output.result(
        { file: flags.output, ...counts },
        `已备份 (backed up): ${flags.output}  文档 ${counts.blobs} 份 (documents)`,
      );
    });
  program
    .command('restore <archive>')
    .description('恢复数据到空目录 (restore into an empty folder)')
    .requiredOption('--data <dir>', '数据目录 (data folder)')
    .action(async (archive: string, flags: { readonly data: string }) => {
      const counts = await runtime.restore(archive, flags.data);
      output.result(
        { directory: flags.data, ...counts },
        `已恢复 (restored): ${flags.data}  文档 ${counts.blobs} 份 (documents)`,
      );
    });
}
