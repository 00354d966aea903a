/** `qianyin audit verify`: walks the audit log, or checks a proof from it, and names the first thing that was touched. */
import type { Command } from 'commander';
import { AppError } from '../../kernel/index.js';
import type { CliContext } from '../context.js';
import { EXIT } from '../exit-codes.js';
import type { AuditReport } from '../runtime.js';

interface AuditFlags {
  readonly data: string;
  readonly config?: string;
  readonly key?: string;
  readonly witness?: readonly string[];
  readonly proof?: string;
  readonly statement?: string;
}

export function addAuditCommand(program: Command, context: CliContext): void {
  const { runtime, output } = context;
  program
    .command('audit')
    .description('审计日志 (audit log)')
    .command('verify')
    .description('校验审计日志或其证明 (verify the log, or a proof from it)')
    .option('--data <dir>', '数据目录 (data folder)', '.qianyin')
    .option('--config <file>', '服务的配置：记录不在数据目录时 (where records are, as configured)')
    .option('--key <file>', '公布的公钥：JWKS 或 PEM (published key)')
    .option('--witness <files...>', '他处保存的检查点 (checkpoints that others kept)')
    .option('--proof <file>', '只校验此证明，须给出 --key (check this proof alone)')
    .option(
      '--statement <file>',
      '只校验此用印月报，须给出 --key (check this monthly statement alone)',
    )
    .action(async (flags: AuditFlags) => {
      const proof = flags.statement ?? flags.proof;
      const report = await (proof === undefined ? ofLog(flags) : ofProof(flags, proof));
      output.result(report, textOf(report));
      context.setStatus(report.isWhole ? EXIT.done : EXIT.negative);
    });

  function ofLog({ data, config, key, witness }: AuditFlags): Promise<AuditReport> {
    const place = config === undefined ? { dataDirectory: data } : { configFile: config };
    return runtime.verifyAudit(place, {
      ...(key === undefined ? {} : { keyFile: key }),
      ...(witness === undefined ? {} : { witnessFiles: witness }),
    });
  }

  function ofProof({ key }: AuditFlags, proof: string): Promise<AuditReport> {
    // The key beside the data would prove nothing to a stranger.
    if (key === undefined) throw new AppError('usage', 'no key', { params: { option: '--key' } });
    return runtime.verifyAuditProof(proof, key);
  }
}

function textOf({ fault, size, rootHash, checkpoints, exported, witnessed }: AuditReport): string {
  if (fault !== null) return `✘ ${fault.text}\n  ${fault.textEn}`;
  const root = `${size ?? 0} 条 (entries)，根 (root) ${rootHash ?? ''}`;
  if (checkpoints === undefined) return `✔ 证明成立 (the proof holds): ${root}`;
  const compared = `检查点 (checkpoints) ${checkpoints}，库外 (beside the data) ${exported ?? 0}，见证 (witnessed) ${witnessed ?? 0}`;
  return `✔ 审计日志完整 (the log is whole): ${root}\n  ${compared}`;
}
