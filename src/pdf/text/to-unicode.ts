/** Reads CMaps: `/ToUnicode`, and the code lengths of an embedded encoding. @see ISO 32000-1:2008, 9.7.5 and 9.10.3 */
import type { PdfLimits } from '../limits.js';
import { PdfArray, PdfString, isInteger, type PdfValue } from '../objects.js';
import { contentOperations } from './content-operators.js';

export interface CMap {
  /** Text of a code. */
  readonly text: ReadonlyMap<number, string>;
  /** Character identifier of a code, where the map says. */
  readonly cids: ReadonlyMap<number, number>;
  /** Byte lengths that codes have, ascending. */
  readonly codeLengths: readonly number[];
}

/** A section holds up to 100 entries of up to three operands; some producers write more. */
const MOST_OPERANDS = 4096;
const LONGEST_RANGE = 65_536;
const MOST_ENTRIES = 1 << 18;

/** @throws AppError `pdf-limit-exceeded` */
export function readCMap(bytes: Uint8Array, limits: PdfLimits): CMap {
  const text = new Map<number, string>();
  const cids = new Map<number, number>();
  const lengths = new Set<number>();
  for (const { operator, operands } of contentOperations(bytes, limits, {
    mostOperands: MOST_OPERANDS,
  })) {
    if (operator === 'endbfchar') eachGroup(operands, 2, (group) => addBfChar(text, group));
    else if (operator === 'endbfrange') eachGroup(operands, 3, (group) => addBfRange(text, group));
    else if (operator === 'endcidchar') eachGroup(operands, 2, (group) => addCid(cids, group));
    else if (operator === 'endcidrange')
      eachGroup(operands, 3, (group) => addCidRange(cids, group));
    else if (operator === 'endcodespacerange') {
      for (const operand of operands) {
        if (operand instanceof PdfString) lengths.add(operand.bytes.length);
      }
    }
    if (text.size > MOST_ENTRIES || cids.size > MOST_ENTRIES) break;
  }
  return { text, cids, codeLengths: [...lengths].sort((a, b) => a - b) };
}

function eachGroup(
  operands: readonly PdfValue[],
  size: number,
  add: (group: readonly PdfValue[]) => void,
): void {
  for (let i = 0; i + size <= operands.length; i += size) add(operands.slice(i, i + size));
}

function addBfChar(text: Map<number, string>, [code, target]: readonly PdfValue[]): void {
  if (code instanceof PdfString && target instanceof PdfString) {
    text.set(codeOf(code.bytes), utf16(target.bytes));
  }
}

function addBfRange(text: Map<number, string>, [low, high, target]: readonly PdfValue[]): void {
  if (!(low instanceof PdfString) || !(high instanceof PdfString)) return;
  const first = codeOf(low.bytes);
  const count = Math.min(codeOf(high.bytes) - first + 1, LONGEST_RANGE);
  if (target instanceof PdfArray) {
    target.items.slice(0, Math.max(0, count)).forEach((item, i) => {
      if (item instanceof PdfString) text.set(first + i, utf16(item.bytes));
    });
  } else if (target instanceof PdfString) {
    const start = utf16(target.bytes);
    const last = start.codePointAt(start.length - 1) ?? 0;
    const isPair = start.length >= 2 && last >= 0xdc00 && last <= 0xdfff;
    const keep = start.slice(0, start.length - (isPair ? 2 : 1));
    const base = start.codePointAt(keep.length) ?? 0;
    for (let i = 0; i < count && base + i <= 0x10ffff; i++) {
      text.set(first + i, keep + String.fromCodePoint(base + i));
    }
  }
}

function addCid(cids: Map<number, number>, [code, cid]: readonly PdfValue[]): void {
  if (code instanceof PdfString && isInteger(cid)) cids.set(codeOf(code.bytes), cid);
}

function addCidRange(cids: Map<number, number>, [low, high, cid]: readonly PdfValue[]): void {
  if (!(low instanceof PdfString) || !(high instanceof PdfString) || !isInteger(cid)) return;
  const first = codeOf(low.bytes);
  const count = Math.min(codeOf(high.bytes) - first + 1, LONGEST_RANGE);
  for (let i = 0; i < count; i++) cids.set(first + i, cid + i);
}

/** The code that `bytes` spell, big-endian; at most four bytes count. */
export function codeOf(bytes: Uint8Array): number {
  let code = 0;
  for (const byte of bytes.subarray(0, 4)) code = code * 256 + byte;
  return code;
}

/** UTF-16BE without a mark. */
export function utf16(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    text += String.fromCharCode(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  }
  return text;
}
