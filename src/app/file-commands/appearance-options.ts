/** What was asked for at the command line as the appearance of a signature. */
import { fontFace } from '../../font/index.js';
import { AppError, shanghaiClock } from '../../kernel/index.js';
import type { AppearanceRequest, SignFileRequest } from '../../cli/index.js';
import type { SESeal } from '../../eseal/index.js';
import { pictureSha256, type SealReference, type SignatureOptions } from '../../pades/index.js';
import { PdfStream, beginRevision, type PdfDocument } from '../../pdf/index.js';
import { captioned, readPicture, type Picture } from '../../picture/index.js';
import { drawingToPdfOperators } from '../../seal/index.js';
import {
  composeAppearance,
  pictureRules,
  sealPicture,
  type ShownPicture,
} from '../../signing/index.js';
import { parsedSeal } from './parsed-seal.js';
import { loadResources } from '../resources.js';

const PT_PER_MM = 72 / 25.4;
/** @throws AppError as `composeAppearance`, `readPicture` and `captioned` */
export function appearanceOptions(
  document: PdfDocument,
  { appearance, field }: Pick<SignFileRequest, 'appearance' | 'field'>,
  claimedAt: Date,
): Pick<SignatureOptions, 'appearance' | 'seal'> {
  if (appearance === undefined) return {};
  const { picture } = appearance;
  const seal = picture !== undefined && 'seal' in picture ? parsedSeal(picture.seal) : undefined;
  const request =
    seal === undefined ? appearance : { widthMm: seal.info.picture.width, ...appearance };
  return {
    appearance: composeAppearance(document, shownPictures(request, claimedAt), field),
    ...(seal === undefined ? {} : { seal: sealReference(document, seal) }),
  };
}

/** What the signature says of the seal that it shows, with the seal itself. */
function sealReference(document: PdfDocument, seal: SESeal): SealReference {
  const writer = beginRevision(document);
  const form = writer.resolve(sealFilePicture(seal).addTo(writer, pictureRules(document)));
  if (!(form instanceof PdfStream)) throw new AppError('internal', 'a picture without a form');
  return {
    code: seal.info.esID,
    name: seal.info.property.name,
    version: seal.version,
    appearanceSha256: pictureSha256(form, (value) => writer.resolve(value)),
    structureDer: seal.der,
  };
}

/** As large as the seal says, whatever its picture file says. */
function sealFilePicture({ info }: SESeal): Picture {
  return readPicture(info.picture.data, info.picture.width * PT_PER_MM);
}

/** Text goes under the picture, but not under the slices of a cross-page seal. */
function shownPictures(request: AppearanceRequest, claimedAt: Date): readonly ShownPicture[] {
  const { widthMm, placements } = request;
  const picture = pictureOf(request);
  const lines = request.isDated ? [...request.lines, dateText(claimedAt)] : request.lines;
  const width = widthMm === undefined ? {} : { widthMm };
  if (lines.length === 0) return picture === undefined ? [] : [{ picture, placements, ...width }];
  const scale =
    widthMm === undefined || picture === undefined ? 1 : (widthMm * PT_PER_MM) / picture.widthPt;
  const face = fontFace(loadResources().fonts.regular);
  const over = placements.filter(({ kind }) => kind === 'cross-page');
  const whole = {
    picture: captioned(picture, lines, face, scale),
    placements: placements.filter(({ kind }) => kind !== 'cross-page'),
  };
  if (over.length === 0) return [whole];
  if (picture === undefined) {
    throw new AppError('input-invalid', 'a cross-page seal needs a picture', {
      params: { field: 'crossPage' },
    });
  }
  return [
    ...(whole.placements.length === 0 ? [] : [whole]),
    { picture, placements: over, ...width },
  ];
}

/** `2026年11月25日`, in Beijing. */
function dateText(instant: Date): string {
  const [year = '', month = '', day = ''] = shanghaiClock(instant).slice(0, 10).split('-');
  return `${year}年${Number(month)}月${Number(day)}日`;
}

function pictureOf({ picture, widthMm }: AppearanceRequest): Picture | undefined {
  if (picture === undefined) return undefined;
  if ('seal' in picture) return sealFilePicture(parsedSeal(picture.seal));
  if ('file' in picture) {
    return readPicture(picture.file, widthMm === undefined ? undefined : widthMm * PT_PER_MM);
  }
  const { operators, widthPt, heightPt } = drawingToPdfOperators(picture.drawing);
  return sealPicture({ content: operators, widthPt, heightPt });
}
