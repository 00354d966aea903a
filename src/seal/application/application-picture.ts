/** The picture of a seal that is applied for: drawn from its texts, or the physical seal's, cleaned. */
import type { FontFace } from '../../font/index.js';
import { AppError, sha256Hex, utf8ToBytes } from '../../kernel/index.js';
import type { BlobStore } from '../../store/index.js';
import type { WantedSeal } from '../information-form/index.js';
import { keptPicture, type PictureFile } from '../picture/artwork.js';
import { drawSeal } from '../picture/draw-seal.js';
import { drawingToSvg } from '../picture/drawing-to-svg.js';
import { markedScan } from '../picture/marked-scan.js';
import { SEAL_SIZES_MM } from '../picture/seal-sizes.js';
import type { CleanSpecimen } from '../specimen/clean-specimen.js';
import type { SealApplicationRecord } from './record.js';

export interface ApplicationPicturesParts {
  readonly blobs: Pick<BlobStore, 'read'>;
  readonly font: FontFace;
  /** As `cleanSpecimen`, wherever so many pixels keep nobody waiting. */
  readonly cleanSpecimen: (scan: Uint8Array, widthMm: number) => Promise<CleanSpecimen>;
}

export interface ApplicationPictureRequest {
  readonly application: Pick<SealApplicationRecord, 'attachments'>;
  readonly wanted: WantedSeal;
  readonly name: string;
  readonly code: string;
}

export class ApplicationPictures {
  readonly #parts: ApplicationPicturesParts;

  constructor(parts: ApplicationPicturesParts) {
    this.#parts = parts;
  }

  /**
   * The picture as the seal would have it. Always the same for the same request and font.
   * @throws AppError `seal-name-unsuitable`, `glyph-missing`, `input-invalid`; of a specimen `not-found`
   *   where it is not attached, `specimen-unsuitable`, `picture-*`, `unavailable`
   */
  async unmarked(request: ApplicationPictureRequest): Promise<PictureFile> {
    return (await this.cleaned(request)) ?? this.#drawn(request, false);
  }

  /** Marked 样章, as every picture is that is shown before the seal is made. @throws AppError as `unmarked` */
  async marked(request: ApplicationPictureRequest): Promise<PictureFile> {
    const cleaned = await this.cleaned(request);
    return cleaned === undefined ? this.#drawn(request, true) : this.markedAsKept(cleaned, request);
  }

  /** Marked likewise, from a scan that is cleaned already; a drawing is drawn anew. */
  markedAsKept(kept: PictureFile, request: ApplicationPictureRequest): PictureFile {
    const { bytes: png, widthMm, heightMm } = kept;
    if (kept.mediaType !== 'image/png') return this.#drawn(request, true);
    const bytes = markedScan({ png, widthMm, heightMm }, request.name, this.#parts.font);
    return { ...kept, bytes };
  }

  /** The specimen, where the seal is wanted as that is. @throws AppError as `unmarked` does of a specimen */
  async cleaned({
    application,
    wanted,
  }: Pick<ApplicationPictureRequest, 'application' | 'wanted'>): Promise<PictureFile | undefined> {
    const { specimenId, kind, sizeMm } = wanted;
    if (specimenId === undefined) return undefined;
    const specimen = application.attachments.find(({ id }) => id === specimenId);
    if (specimen === undefined) throw new AppError('not-found', 'no such specimen is attached');
    const scan = await this.#parts.blobs.read(specimen.sha256);
    const sizes = SEAL_SIZES_MM[kind === 'legal-person' ? 'square' : 'round'];
    const cleaned = await this.#parts.cleanSpecimen(scan, sizeMm ?? sizes.usual);
    return keptPicture(cleaned.png, cleaned);
  }

  #drawn({ wanted, name, code }: ApplicationPictureRequest, isMarked: boolean): PictureFile {
    const { kind, kindText, sizeMm } = wanted;
    const drawing = drawSeal({
      name,
      kind,
      code,
      font: this.#parts.font,
      specimen: isMarked,
      ...(kindText === undefined ? {} : { kindText }),
      ...(sizeMm === undefined ? {} : { sizeMm }),
    });
    const { widthMm, heightMm } = drawing;
    return keptPicture(utf8ToBytes(drawingToSvg(drawing)), { widthMm, heightMm });
  }
}

export function pictureDigest({ bytes }: PictureFile): string {
  return sha256Hex(bytes);
}
