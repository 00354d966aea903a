/** Pages and signatures as they look, as the API answers them. A test holds these types against the service. */

export interface Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pngB64: string;
}

export interface SignaturePicture extends Picture {
  readonly field: string;
  readonly page: number;
}

/** In pixels from the top left. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface PageDifference {
  readonly page: number;
  readonly kind: 'changed' | 'resized' | 'added' | 'removed';
  readonly before: Picture | null;
  readonly after: Picture | null;
  readonly areas: readonly Area[];
}

export interface PageDifferences {
  readonly revision: number;
  readonly revisions: number;
  readonly pagesCompared: number;
  readonly isComplete: boolean;
  readonly pages: readonly PageDifference[];
}
