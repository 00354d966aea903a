/** What is seen of a signature, and where. Nothing given: an invisible one. */
import type { Command } from 'commander';
import { AppError } from '../../kernel/index.js';
import { parsePage, parsePoint, parsePositive } from '../arguments.js';
import type { CliContext } from '../context.js';
import type { AppearanceRequest } from '../runtime.js';

export interface AppearanceFlags {
  readonly sealName?: string;
  readonly sealType: string;
  readonly page: string;
  readonly at?: string;
  readonly size?: string;
}

export function addAppearanceOptions(command: Command): Command {
  return command
    .option('--seal-name <text>', '样章上的名称 (draw a specimen seal of this name)')
    .option('--seal-type <type>', '样章类型 (kind of seal)', 'contract')
    .option('--page <n>', '盖章页，从 1 起，或 last (page)', 'last')
    .option('--at <x,y>', '印章中心，距页面左下角，单位点 (centre of the seal, points)')
    .option('--size <mm>', '印章宽度，毫米 (width on paper)');
}

/** @throws AppError `usage`, and what drawing a seal throws */
export async function appearanceOf(
  context: CliContext,
  flags: AppearanceFlags,
): Promise<AppearanceRequest | undefined> {
  if (flags.sealName === undefined) return undefined;
  if (flags.at === undefined)
    throw new AppError('usage', '--seal-name needs --at X,Y', { params: { option: '--at' } });
  const drawing = await context.runtime.drawSeal({
    name: flags.sealName,
    kind: flags.sealType,
    code: undefined,
    // A picture drawn outside the register must not be taken for a real one.
    isSpecimen: true,
  });
  return {
    drawing,
    page: parsePage(flags.page),
    centre: parsePoint(flags.at, '--at'),
    ...(flags.size === undefined ? {} : { widthMm: parsePositive(flags.size, '--size') }),
  };
}
