/** Why a zip is not read at all. `format`: no zip, cut off, of several disks, encrypted, or contradicting itself. */
export type ZipFaultKind = 'format' | 'too-large' | 'too-many-parts';

/** Stays inside this folder. */
export class ZipFault extends Error {
  readonly kind: ZipFaultKind;

  constructor(kind: ZipFaultKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ZipFault';
    this.kind = kind;
  }
}
