/** A seal as a picture that multiplies with the text under it, as ink does. */
import { digestBytes } from '../../kernel/index.js';
import {
  formXObject,
  resourceDict,
  type PdfRef,
  type PdfStream,
  type RevisionWriter,
} from '../../pdf/index.js';
import { INK, colourSpaces, inkState, type Picture } from '../../picture/index.js';

/** Ink that is not quite opaque. */
const OPACITY = 0.92;

/** A drawing as operators in a box from 0,0 to its size. */
export interface SealContent {
  readonly content: Uint8Array;
  readonly widthPt: number;
  readonly heightPt: number;
}

/**
 * What was made of a picture, by its own array: a unit signs thousands of times with one picture,
 * and compressing it costs more than the signature.
 */
interface MadeOf {
  digest?: Uint8Array;
  readonly forms: Map<string, PdfStream>;
}

const made = new WeakMap<Uint8Array, MadeOf>();

function madeOf(content: Uint8Array): MadeOf {
  const known = made.get(content);
  if (known !== undefined) return known;
  const fresh: MadeOf = { forms: new Map() };
  made.set(content, fresh);
  return fresh;
}

/** @param seal - Its `content` is remembered by identity and must not change. */
export function sealPicture(seal: SealContent): Picture {
  const { widthPt, heightPt, content } = seal;
  return {
    widthPt,
    heightPt,
    addTo(writer: RevisionWriter, rules): PdfRef {
      const { forms } = madeOf(content);
      const key = JSON.stringify([widthPt, heightPt, rules]);
      const known = forms.get(key);
      if (known !== undefined) return writer.add(known);
      const form = formXObject({
        bbox: [0, 0, widthPt, heightPt],
        content: sealFormContent(content),
        resources: resourceDict({
          ExtGState: { [INK]: inkState(rules, OPACITY) },
          ColorSpace: colourSpaces(rules),
        }),
      });
      forms.set(key, form);
      return writer.add(form);
    },
  };
}

/**
 * SHA-256 of the form's content stream: what the register keeps to recognise the picture.
 *
 * @param content - Remembered by identity and must not change.
 */
export function appearanceDigest(content: Uint8Array): Uint8Array {
  const known = madeOf(content);
  known.digest ??= digestBytes('sha256', sealFormContent(content));
  return known.digest;
}

function sealFormContent(content: Uint8Array): Uint8Array {
  const before = new TextEncoder().encode(`q\n/${INK} gs\n`);
  const after = new TextEncoder().encode('Q\n');
  const whole = new Uint8Array(before.length + content.length + after.length);
  whole.set(before, 0);
  whole.set(content, before.length);
  whole.set(after, before.length + content.length);
  return whole;
}
