/** What is seen of a signature, and where. Nothing given: an invisible one. */
import type { Command } from 'commander';
import { AppError } from '../../kernel/index.js';
import type { Placement } from '../../signing/index.js';
import { oneOf, parseHit, parsePage, parsePlace, parsePoint, parsePositive } from '../arguments.js';
import type { CliContext } from '../context.js';
import type { AppearanceRequest } from '../runtime.js';

export interface AppearanceFlags {
  readonly image?: string;
  readonly seal?: string;
  readonly sealName?: string;
  readonly sealType: string;
  readonly page?: string;
  readonly at?: string;
  readonly place: readonly string[];
  readonly keyword?: string;
  readonly keywordIndex?: string;
  readonly keywordOffset?: string;
  readonly crossPage?: boolean;
  readonly crossPageEdge: string;
  readonly size?: string;
  readonly field?: string;
  readonly show?: string;
  readonly text: readonly string[];
  readonly name?: string;
  readonly reason?: string;
  readonly location?: string;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function addAppearanceOptions(command: Command): Command {
  return command
    .option('--image <file>', '印章或签名图片：SVG、PNG、JPEG (picture of the seal)')
    .option('--seal <file>', '电子印章 .esl，印章数据一并签入 (a GB/T 38540 seal, signed with it)')
    .option('--seal-name <text>', '样章上的名称 (draw a specimen seal of this name)')
    .option('--seal-type <type>', '样章类型 (kind of seal)', 'contract')
    .option('--show <items>', '印章下的文字：name,reason,location,date (lines under the seal)')
    .option('--text <line>', '印章下再加一行文字，可重复 (one more line)', collect, [])
    .option('--size <mm>', '印章宽度，毫米 (width on paper)')
    .option('--page <n>', '盖章页：从 1 起的页码、last 或 all；缺省为末页 (page)')
    .option('--at <x,y>', '印章中心，距所见页面左下角，单位点 (centre of the seal, points)')
    .option('--place <page:x,y>', '同一签名再盖一处，可重复 (one more place)', collect, [])
    .option('--keyword <text>', '盖在关键字处 (place it on this text)')
    .option('--keyword-index <n>', '关键字的第几处：数字、last 或 all (which of several hits)')
    .option('--keyword-offset <dx,dy>', '相对关键字中心的偏移，点 (offset from the keyword)')
    .option('--cross-page', '骑缝章：每页边缘盖一条 (a slice on the edge of every page)')
    .option('--cross-page-edge <side>', '骑缝章所在边：right 或 left (edge)', 'right');
}

/** @throws AppError `usage`, and what drawing a seal throws */
export async function appearanceOf(
  context: CliContext,
  flags: AppearanceFlags,
): Promise<AppearanceRequest | undefined> {
  const placements = placementsOf(flags);
  const picture = await pictureOf(context, flags);
  const { lines, isDated } = linesOf(flags);
  if (picture === undefined && lines.length === 0 && !isDated) {
    if (placements.length === 0) return undefined;
    throw new AppError('usage', 'a place needs something to show', {
      params: { option: '--image | --seal | --seal-name | --show' },
    });
  }
  if (placements.length === 0 && flags.field === undefined) {
    throw new AppError('usage', 'a seal needs a place', {
      params: { option: '--at | --keyword | --cross-page | --field' },
    });
  }
  return {
    ...(picture === undefined ? {} : { picture }),
    lines,
    isDated,
    placements,
    ...(flags.size === undefined ? {} : { widthMm: parsePositive(flags.size, '--size') }),
  };
}

const SHOWN = ['name', 'reason', 'location', 'date'] as const;

/** @throws AppError `usage` where something is to be shown that was not given */
function linesOf(flags: AppearanceFlags): Pick<AppearanceRequest, 'lines' | 'isDated'> {
  const items = (flags.show?.split(',') ?? []).map((item) => oneOf(item.trim(), SHOWN, '--show'));
  const lines = items.flatMap((item) => {
    if (item === 'date') return [];
    const text = flags[item];
    if (text === undefined) {
      throw new AppError('usage', `--show ${item} needs --${item}`, {
        params: { option: `--${item}` },
      });
    }
    return [text];
  });
  return { lines: [...lines, ...flags.text], isDated: items.includes('date') };
}

async function pictureOf(
  { runtime }: CliContext,
  { image, seal, sealName, sealType }: AppearanceFlags,
): Promise<AppearanceRequest['picture'] | undefined> {
  if ([image, seal, sealName].filter((each) => each !== undefined).length > 1) {
    throw new AppError('usage', 'one picture only', {
      params: { option: '--image | --seal | --seal-name' },
    });
  }
  if (image !== undefined) return { file: runtime.files.read(image) };
  if (seal !== undefined) return { seal: runtime.files.read(seal) };
  if (sealName === undefined) return undefined;
  const drawing = await runtime.drawSeal({
    name: sealName,
    kind: sealType,
    code: undefined,
    // A picture drawn outside the register must not be taken for a real one.
    isSpecimen: true,
  });
  return { drawing };
}

function placementsOf(flags: AppearanceFlags): readonly Placement[] {
  const placements: Placement[] = [];
  const page = flags.page === undefined ? undefined : parsePage(flags.page);
  if (flags.at !== undefined) {
    placements.push({ kind: 'point', page: page ?? 'last', centre: parsePoint(flags.at, '--at') });
  }
  for (const text of flags.place)
    placements.push({ kind: 'point', ...parsePlace(text, '--place') });
  if (flags.keyword !== undefined) {
    placements.push({
      kind: 'keyword',
      keyword: flags.keyword,
      ...(page === undefined ? {} : { page }),
      ...(flags.keywordIndex === undefined ? {} : { hit: parseHit(flags.keywordIndex) }),
      ...(flags.keywordOffset === undefined
        ? {}
        : { offset: parsePoint(flags.keywordOffset, '--keyword-offset') }),
    });
  }
  if (flags.crossPage === true) {
    const edge = oneOf(flags.crossPageEdge, ['left', 'right'], '--cross-page-edge');
    placements.push({ kind: 'cross-page', edge });
  }
  return placements;
}
