/** Draws a seal from its texts. Pure geometry: the same request always gives the same drawing. */
import { AppError } from '../../kernel/index.js';
import { SEAL_RED, type SealDrawing } from '../drawing.js';
import type { SealKind } from '../record.js';
import { roundSeal } from './round-seal.js';
import type { FontFace } from '../../font/index.js';
import { SEAL_SIZES_MM } from './seal-sizes.js';
import { nameCharacters, unsuitable } from './seal-text.js';
import { SQUARE_MAX_CHARACTERS, squareSeal } from './square-seal.js';

export interface SealPictureRequest {
  /** 印章名称: the unit's legal name, or the legal representative's own. 2 to 40 characters. */
  readonly name: string;
  readonly kind: SealKind;
  /** The line below the star of a seal of kind `other`, 2 to 8 characters; 业务专用章 where absent. */
  readonly kindText?: string;
  /** 印章编码, 12 to 14 digits; a square seal shows none. */
  readonly code?: string;
  /** Round 38 to 45, 42 where absent; square 18 to 20, 20 where absent. */
  readonly sizeMm?: number;
  readonly font: FontFace;
  /** Marks the picture 样章: any picture drawn outside an approved application must be. */
  readonly specimen?: boolean;
}

const KIND_TEXTS = {
  official: '',
  contract: '合同专用章',
  finance: '财务专用章',
  other: '业务专用章',
} as const satisfies Record<Exclude<SealKind, 'legal-person'>, string>;

/**
 * Draws a seal in true millimetres.
 *
 * @throws AppError `seal-name-unsuitable` (params `reason`), `glyph-missing` (params `character`),
 *   `input-invalid` (params `field`) for a code, size or kind text that no seal has
 * @see 国发〔1999〕25号 (size, star and order of the texts of units' seals)
 */
export function drawSeal(request: SealPictureRequest): SealDrawing {
  const isSquare = request.kind === 'legal-person';
  const name = nameCharacters(request.name);
  const sizes = SEAL_SIZES_MM[isSquare ? 'square' : 'round'];
  const sizeMm = request.sizeMm ?? sizes.usual;
  if (!(sizeMm >= sizes.min && sizeMm <= sizes.max)) throw invalid('sizeMm');
  if (request.code !== undefined && !/^\d{12,14}$/.test(request.code)) throw invalid('code');
  const specimen = request.specimen === true ? ['样', '章'] : [];
  if (isSquare && name.length > SQUARE_MAX_CHARACTERS) throw unsuitable(request.name, 'too-long');
  return {
    title: name.join(''),
    isSpecimen: request.specimen === true,
    widthMm: sizeMm,
    heightMm: sizeMm,
    colour: SEAL_RED,
    paths: isSquare
      ? squareSeal(name, specimen, sizeMm, request.font)
      : roundSeal(
          { name, kind: kindCharacters(request), code: Array.from(request.code ?? ''), specimen },
          sizeMm,
          request.font,
        ),
  };
}

function kindCharacters({ kind, kindText }: SealPictureRequest): readonly string[] {
  if (kindText === undefined) return kind === 'legal-person' ? [] : Array.from(KIND_TEXTS[kind]);
  const characters = Array.from(kindText.normalize('NFC'));
  if (kind !== 'other' || !/^[\p{L}\p{Nd}()（）]{2,8}$/u.test(characters.join(''))) {
    throw invalid('kindText');
  }
  return characters;
}

function invalid(field: string): AppError {
  return new AppError('input-invalid', `unsuitable ${field} for a seal`, { params: { field } });
}
