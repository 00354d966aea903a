/** `qianyin extend IN -o OUT --level …`: raises the level of the signatures that are there; appends only. */
import type { Command } from 'commander';
import { AppError } from '../../kernel/index.js';
import type { CliContext } from '../context.js';
import { addLevelOptions, levelOf, parseLevel, type LevelFlags } from '../flags/level-flags.js';
import { addPasswordOption, passwordFor, type PasswordFlags } from '../flags/password-flags.js';

interface ExtendFlags extends LevelFlags, PasswordFlags {
  readonly output: string;
}

export function addExtendCommand(program: Command, context: CliContext): void {
  const command = program
    .command('extend <input>')
    .description(
      '提升已有签名的级别，或续展文档时间戳 (raise the level of signatures, or renew their timestamps)',
    )
    .requiredOption('-o, --output <file>', '提升后的文件 (extended file)')
    .requiredOption('--level <level>', 'B-T、B-LT 或 B-LTA (PAdES level)', parseLevel);
  addLevelOptions(command);
  addPasswordOption(command);
  command.action((input: string, flags: ExtendFlags) => extend(context, input, flags));
}

async function extend(context: CliContext, input: string, flags: ExtendFlags): Promise<void> {
  const { runtime, output } = context;
  const level = await levelOf(context, flags);
  if (level === undefined) {
    throw new AppError('usage', 'there is nothing to raise to B-B', {
      params: { option: '--level', allowed: ['B-T', 'B-LT', 'B-LTA'] },
    });
  }
  using draft = runtime.files.draft(input, flags.output);
  using password = await passwordFor(context, flags, input);
  const source = await draft.fill(['sha256']);
  const extended = await runtime.extend({
    source,
    level,
    ...(password === undefined ? {} : { password }),
  });
  await draft.commit(extended.appended);
  const renewBefore = extended.renewBefore?.toISOString() ?? null;
  output.result(
    {
      file: flags.output,
      level: level.level,
      fields: extended.fields,
      appendedBytes: extended.appended.length,
      renewBefore,
    },
    [
      `已提升至 (raised to) ${level.level}: ${flags.output}`,
      `签名域 (fields): ${extended.fields.join('、')}`,
      ...(renewBefore === null ? [] : [`须在此前续展 (renew before): ${renewBefore}`]),
    ].join('\n'),
  );
}
