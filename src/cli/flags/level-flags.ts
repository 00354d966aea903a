/** The PAdES level of a signature, and who is asked for what it needs. */
import type { Command } from 'commander';
import { AppError } from '../../kernel/index.js';

export interface LevelFlags {
  readonly level: string;
}

export function addLevelOptions(command: Command): Command {
  return command.option('--level <level>', 'PAdES 级别 (level)', 'B-B');
}

/** @throws AppError `usage` */
export function levelOf(flags: LevelFlags): 'B-B' {
  if (flags.level === 'B-B') return flags.level;
  throw new AppError('usage', 'only level B-B can be made by now', {
    params: { option: '--level', allowed: ['B-B'] },
  });
}
