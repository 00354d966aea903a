/** `qianyin quickstart`: one contract through the whole way on a development set-up, then the service stays up. */
import type { Command } from 'commander';
import { parsePort } from '../arguments.js';
import type { CliContext } from '../context.js';
import type { QuickstartResult } from '../runtime.js';

interface QuickstartFlags {
  readonly data: string;
  readonly port?: string;
  readonly once?: boolean;
}

function summary(result: QuickstartResult): string {
  const rows = (entries: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries(entries).map(([name, value]) => `  ${name}: ${value}`);
  return [
    '',
    `合同 ${result.contractId} 已签署、备案并通过验证 (signed, filed, verified): ${result.indication}`,
    `备案号 (filing number): ${result.filingNumber}`,
    '文件 (files):',
    ...rows(result.files),
    ...(result.service === undefined ? [] : ['网址 (addresses):', ...rows(result.urls)]),
  ].join('\n');
}

export function addQuickstartCommand(program: Command, context: CliContext): void {
  program
    .command('quickstart')
    .description('快速体验：生成样例并完成一份合同的全流程 (one contract, the whole way)')
    .option('--data <dir>', '数据目录 (data folder)', '.qianyin')
    .option('--port <n>', '端口 (port)')
    .option('--once', '完成后退出 (exit after the run)')
    .action(async (flags: QuickstartFlags) => {
      const { runtime, output } = context;
      const result = await runtime.quickstart({
        dataDirectory: flags.data,
        port: flags.port === undefined ? undefined : parsePort(flags.port, '--port'),
        isOnce: flags.once ?? false,
        progress: (text) => output.progress(text),
      });
      const { service, ...shown } = result;
      output.result(shown, summary(result));
      if (service === undefined) return;
      output.progress('按 Ctrl-C 停止 (press Ctrl-C to stop)');
      await runtime.untilStopped();
      await service.stop();
    });
}
