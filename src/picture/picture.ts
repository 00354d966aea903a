/** A picture as something that a page can show. */
import type { PdfRef, RevisionWriter } from '../pdf/index.js';

/** What the document that shows a picture allows. */
export interface PictureRules {
  /** PDF/A-1 has no transparency: colours are opaque, clear parts white. */
  readonly allowsTransparency: boolean;
  /** PDF/A wants colours that do not depend on the device, or an output intent of their kind. */
  readonly needsCalibratedColour: boolean;
}

export interface Picture {
  /** True size. */
  readonly widthPt: number;
  readonly heightPt: number;
  /** The point that goes to the place asked for, from the bottom left; the middle where absent. */
  readonly anchor?: { readonly xPt: number; readonly yPt: number };
  /**
   * Adds the picture to a revision, as one object however often it is shown.
   *
   * @returns a form XObject that paints the picture in a box from 0,0 to its size
   */
  addTo(writer: RevisionWriter, rules: PictureRules): PdfRef;
}
