/** The logical structure of a document while it is laid out: elements, and which marked content belongs to which. */

/** Standard structure types that the layout uses. @see ISO 32000-1:2008, 14.8.4 */
export type StructureRole =
  'Document' | 'H1' | 'H2' | 'H3' | 'P' | 'Table' | 'TR' | 'TH' | 'TD' | 'Figure';

export interface StructureAttributes {
  /** Of a cell: over how many columns it goes. */
  readonly columnSpan?: number;
  /** Of a figure: what it shows, and its box on the page. */
  readonly figure?: {
    readonly alt: string;
    readonly box: readonly [number, number, number, number];
  };
}

/** A marked-content sequence on a page. */
export interface MarkedContent {
  /** 0 is the first page. */
  readonly pageIndex: number;
  readonly mcid: number;
}

export class StructureElement {
  readonly role: StructureRole;
  readonly attributes: StructureAttributes;
  readonly kids: (StructureElement | MarkedContent)[] = [];

  constructor(role: StructureRole, attributes: StructureAttributes = {}) {
    this.role = role;
    this.attributes = attributes;
  }
}
