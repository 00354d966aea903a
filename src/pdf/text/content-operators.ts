/** Splits a content stream into operators and their operands. @see ISO 32000-1:2008, 7.8.2 */
import { MemorySource, isAppError, latin1ToBytes } from '../../kernel/index.js';
import { isRegular, isWhitespace } from '../characters.js';
import type { PdfLimits } from '../limits.js';
import type { PdfValue } from '../objects.js';
import { Parser } from '../parser.js';

export interface Operation {
  readonly operator: string;
  readonly operands: readonly PdfValue[];
}

const MOST_OPERANDS = 64;
/** Digits, signs, the point, and the openings of names, strings, arrays and dictionaries. */
const OPERAND_STARTS = new Set(latin1ToBytes('0123456789+-./([<'));

export interface OperationsOptions {
  /** Of more than these before one operator, the first are dropped. */
  readonly mostOperands?: number;
  /** Told where readers may differ on what the operations are. */
  readonly onDamage?: () => void;
}

/**
 * The operations of `content`, in order; what cannot be read is stepped over, as readers do. An inline image
 * is one operation, `BI`.
 *
 * @throws AppError `pdf-limit-exceeded`
 */
export function* contentOperations(
  content: Uint8Array,
  limits: PdfLimits,
  { mostOperands = MOST_OPERANDS, onDamage = () => undefined }: OperationsOptions = {},
): Generator<Operation> {
  const parser = new Parser(new MemorySource(content), limits);
  let operands: PdfValue[] = [];
  for (;;) {
    parser.skipBlank();
    const byte = parser.reader.peek();
    if (byte < 0) return;
    if (OPERAND_STARTS.has(byte)) {
      const before = parser.pos;
      try {
        operands.push(parser.parseValue());
      } catch (error) {
        if (!isAppError(error, 'pdf-malformed')) throw error;
        onDamage();
        parser.pos = Math.max(parser.pos, before + 1);
      }
      if (operands.length > mostOperands) operands.shift();
      continue;
    }
    const operator = readOperator(parser);
    if (operator === 'true' || operator === 'false' || operator === 'null') {
      operands.push(operator === 'null' ? null : operator === 'true');
    } else if (operator === 'BI') {
      if (!skipInlineImage(parser)) onDamage();
      yield { operator, operands: [] };
      operands = [];
    } else {
      yield { operator, operands };
      operands = [];
    }
  }
}

function readOperator(parser: Parser): string {
  let operator = '';
  while (isRegular(parser.reader.peek())) operator += String.fromCharCode(parser.reader.next());
  // A delimiter that begins nothing, such as a stray `)`.
  if (operator === '') parser.pos++;
  return operator;
}

/**
 * Moves past `EI` between white space: image bytes have no length of their own. False where some reader
 * takes another `EI` for the end.
 */
function skipInlineImage(parser: Parser): boolean {
  const { reader } = parser;
  let previous = 0x20;
  let isPlain = true;
  for (let byte = reader.next(); byte >= 0; byte = reader.next()) {
    if (byte === 0x45 && reader.peek() === 0x49) {
      if (isWhitespace(previous) && !isRegular(reader.peekAt(1))) {
        parser.pos++;
        return isPlain;
      }
      isPlain = false;
    }
    previous = byte;
  }
  return false;
}
