/** The revision that a party's signature appends: its field, its place on the page, its picture. */
import { digestBytes } from '../kernel/index.js';
import type { ContractRecord, PartyRole } from '../contract/index.js';
import { beginSignature, type PendingSignature, type SignerCertificates } from '../pades/index.js';
import {
  alphaState,
  formXObject,
  resourceDict,
  uprightMatrix,
  type PdfDocument,
  type PdfStream,
  type Rectangle,
} from '../pdf/index.js';
import type { UsableSeal } from './ports.js';

/** Names of the fields, by party: stable, so that a reader of the file knows who is who. */
const FIELD_NAMES: Readonly<Record<PartyRole, string>> = { buyer: 'Buyer', supplier: 'Supplier' };

/** Opens a content stream that lets what lies under the seal show through, and closes it again. */
const MULTIPLY = 'GsSeal';

export interface RevisionRequest {
  readonly contract: ContractRecord;
  readonly role: PartyRole;
  readonly signerName: string;
  readonly certificates: SignerCertificates;
  readonly seal: UsableSeal | undefined;
  /** Whole seconds. */
  readonly claimedAt: Date;
}

/** @throws AppError as `beginSignature` */
export function beginRevisionFor(
  document: PdfDocument,
  request: RevisionRequest,
): PendingSignature {
  const { contract, role, seal } = request;
  const place = contract.document?.sealPlaces.find((each) => each.role === role);
  const isVisible = seal !== undefined && place !== undefined;
  const fieldName = `${FIELD_NAMES[role]}${contract.signatures.length + 1}`;
  const common = {
    fieldName,
    claimedAt: request.claimedAt,
    name: request.signerName,
    reason: `签订合同 ${contract.number}`,
  };
  if (!isVisible) return beginSignature(document, request.certificates, common);
  const { rotate } = document.pages.get(place.pageIndex);
  return beginSignature(document, request.certificates, {
    ...common,
    place: {
      pageIndex: place.pageIndex,
      rect: rectangleAround(place.xPt, place.yPt, seal, rotate),
    },
    appearance: sealAppearance(seal, rotate),
    seal: {
      code: seal.code,
      name: seal.name,
      version: seal.version,
      appearanceSha256: appearanceDigest(seal.content),
    },
  });
}

function rectangleAround(
  xPt: number,
  yPt: number,
  seal: Pick<UsableSeal, 'widthPt' | 'heightPt'>,
  rotate: 0 | 90 | 180 | 270,
): Rectangle {
  const isTurned = rotate === 90 || rotate === 270;
  const halfWidth = (isTurned ? seal.heightPt : seal.widthPt) / 2;
  const halfHeight = (isTurned ? seal.widthPt : seal.heightPt) / 2;
  return { x1: xPt - halfWidth, y1: yPt - halfHeight, x2: xPt + halfWidth, y2: yPt + halfHeight };
}

/**
 * What was made of a picture, by its own array: a unit signs thousands of times with one picture,
 * and compressing it costs more than the signature.
 */
interface MadeOf {
  digest?: Uint8Array;
  readonly appearances: Map<string, PdfStream>;
}

const made = new WeakMap<Uint8Array, MadeOf>();

function madeOf(content: Uint8Array): MadeOf {
  const known = made.get(content);
  if (known !== undefined) return known;
  const fresh: MadeOf = { appearances: new Map() };
  made.set(content, fresh);
  return fresh;
}

/**
 * The picture as a form XObject that multiplies with the text under it, as ink does.
 *
 * @param seal - Its `content` is remembered by identity and must not change.
 */
export function sealAppearance(
  seal: Pick<UsableSeal, 'content' | 'widthPt' | 'heightPt'>,
  rotate: 0 | 90 | 180 | 270,
): PdfStream {
  const { appearances } = madeOf(seal.content);
  const key = [rotate, seal.widthPt, seal.heightPt].join(' ');
  const known = appearances.get(key);
  if (known !== undefined) return known;
  const appearance = formXObject({
    bbox: [0, 0, seal.widthPt, seal.heightPt],
    content: appearanceContent(seal.content),
    resources: resourceDict({ ExtGState: { [MULTIPLY]: alphaState(0.92, 'Multiply') } }),
    matrix: uprightMatrix(rotate, seal.widthPt, seal.heightPt),
  });
  appearances.set(key, appearance);
  return appearance;
}

/**
 * SHA-256 of the appearance's content stream: what the register keeps to recognise the picture.
 *
 * @param content - Remembered by identity and must not change.
 */
export function appearanceDigest(content: Uint8Array): Uint8Array {
  const known = madeOf(content);
  known.digest ??= digestBytes('sha256', appearanceContent(content));
  return known.digest;
}

function appearanceContent(content: Uint8Array): Uint8Array {
  const before = new TextEncoder().encode(`q\n/${MULTIPLY} gs\n`);
  const after = new TextEncoder().encode('Q\n');
  const whole = new Uint8Array(before.length + content.length + after.length);
  whole.set(before, 0);
  whole.set(content, before.length);
  whole.set(after, before.length + content.length);
  return whole;
}
