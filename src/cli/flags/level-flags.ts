/** The PAdES level, who is asked for time-stamps, and what is believed when evidence is collected. */
import type { Command } from 'commander';
import { AppError } from '../../kernel/index.js';
import type { Level } from '../../signing/index.js';
import { oneOf } from '../arguments.js';
import type { CliContext } from '../context.js';
import type { LevelRequest } from '../runtime.js';

export interface LevelFlags {
  readonly level: Level;
  readonly tsa: readonly string[];
  readonly trust?: string;
}

export function addLevelOptions(command: Command): Command {
  return command
    .option(
      '--tsa <url>',
      '时间戳服务地址；可重复，依次询问 (timestamp authority; repeatable, asked in turn)',
      (url: string, before: readonly string[]) => [...before, url],
      [],
    )
    .option('--trust <dir>', '信任目录：收集证据时使用的根证书 (trust folder)');
}

/** Named here too, so that no command waits for the signing room to load. */
const LEVELS = ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const satisfies readonly Level[];

/** For `.option('--level …')`. @throws AppError `usage` */
export const parseLevel = (text: string): Level => oneOf(text, LEVELS, '--level');

/** `--level` with those it needs, for commands that make B-B where nothing else is asked for. */
export function addSignatureLevelOptions(command: Command): Command {
  command.option(
    '--level <level>',
    'PAdES 级别：B-B、B-T、B-LT、B-LTA (level)',
    parseLevel,
    'B-B' as const,
  );
  return addLevelOptions(command);
}

/** What is above level B-B; `undefined` for B-B. @throws AppError `usage` */
export async function levelOf(
  context: CliContext,
  flags: LevelFlags,
): Promise<LevelRequest | undefined> {
  const { level, tsa, trust } = flags;
  if (level === 'B-B') return undefined;
  for (const [option, value] of [
    ['--tsa', tsa[0]],
    ['--trust', trust],
  ] as const) {
    if (value === undefined) {
      throw new AppError('usage', `--level ${level} needs ${option}`, { params: { option } });
    }
  }
  return { level, tsaUrls: tsa, trust: await context.runtime.openTrust(trust ?? '') };
}
