/**
 * Reads back an SVG that `drawingToSvg` wrote: the stored picture of a seal is the drawing itself.
 * Deliberately no SVG reader: anything else is refused.
 */
import { AppError } from '../../kernel/index.js';
import type { DrawingPart, DrawingPath, PathSegment, SealDrawing } from '../drawing.js';

const HEAD =
  /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="([\d.]+)mm" height="([\d.]+)mm" viewBox="0 0 [\d.]+ [\d.]+"( data-specimen="true")?>$/;
const TITLE = /^<title>(.*)<\/title>$/;
const GROUP = /^<g fill="#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})">$/;
const PATH =
  /^<path class="(rim|star|name|kind|code|specimen)"( fill-rule="evenodd")? d="([MLCZ\d. -]*)"\/>$/;
const SPECIMEN_PREFIX = '样章 ';

/** @throws AppError `blob-corrupt` where `svg` is not the picture of a seal */
export function svgToDrawing(svg: string): SealDrawing {
  const [headLine = '', titleLine = '', groupLine = '', ...rest] = svg.split('\n');
  const head = HEAD.exec(headLine);
  const title = TITLE.exec(titleLine)?.[1];
  const group = GROUP.exec(groupLine);
  const end = rest.indexOf('</g>');
  if (head === null || title === undefined || group === null || end < 0) throw corrupt();
  const heightMm = Number(head[2]);
  const isSpecimen = head[3] !== undefined;
  const text = unescapeXml(title);
  return {
    title: isSpecimen ? text.slice(SPECIMEN_PREFIX.length) : text,
    isSpecimen,
    widthMm: Number(head[1]),
    heightMm,
    colour: [channel(group[1]), channel(group[2]), channel(group[3])],
    paths: rest.slice(0, end).map((line) => readPath(line, heightMm)),
  };
}

function readPath(line: string, heightMm: number): DrawingPath {
  const [, part, rule, text = ''] = PATH.exec(line) ?? [];
  if (part === undefined) throw corrupt();
  return {
    part: part as DrawingPart,
    segments: Array.from(text.matchAll(/([MLCZ])([^MLCZ]*)/g), (match) =>
      readSegment(match[1] ?? '', match[2] ?? '', heightMm),
    ),
    fillRule: rule === undefined ? 'nonzero' : 'evenodd',
  };
}

function readSegment(command: string, text: string, heightMm: number): PathSegment {
  const numbers = text === '' ? [] : text.split(' ').map(Number);
  if (!numbers.every(Number.isFinite)) throw corrupt();
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, x3 = 0, y3 = 0] = numbers;
  const y = (value: number): number => Math.round((heightMm - value) * 1000) / 1000 + 0;
  if (command === 'Z' && numbers.length === 0) return ['Z'];
  if ((command === 'M' || command === 'L') && numbers.length === 2) return [command, x1, y(y1)];
  if (command === 'C' && numbers.length === 6) return ['C', x1, y(y1), x2, y(y2), x3, y(y3)];
  throw corrupt();
}

function channel(hex: string | undefined): number {
  return Number.parseInt(hex ?? '0', 16) / 255;
}

function unescapeXml(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function corrupt(): AppError {
  return new AppError('blob-corrupt', 'the stored picture is not the picture of a seal');
}
