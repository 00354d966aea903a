/** What one appended revision did, in terms a policy can decide on. */
import type { Rectangle } from '../../pdf/index.js';

/** Kinds of change that a later revision may be allowed to make. */
export type ChangeKind =
  | 'signature'
  | 'signature-field'
  | 'document-timestamp'
  | 'validation-data'
  | 'validation-data-dropped'
  | 'form-filling'
  | 'annotation'
  | 'annotation-changed'
  | 'annotations-removed'
  | 'structure'
  | 'metadata'
  | 'file-identifier'
  | 'unreachable';

/** A change that some policy permits. */
export interface PermissibleChange {
  readonly kind: ChangeKind;
  /** Fully qualified field name, for signatures and filled fields. */
  readonly field?: string;
  /** Zero-based page, where it has one. */
  readonly pageIndex?: number;
  /** Place on that page, in points from the bottom left. */
  readonly rect?: Rectangle;
  /** Of an annotation that was added, changed or removed. */
  readonly objectNumber?: number;
}

/** A change that no policy permits. */
export interface ForbiddenChange {
  /** Stable, kebab-case: `page-content`, `catalog-entry`, … */
  readonly what: string;
  readonly objectNumber?: number;
  readonly pageIndex?: number;
  /** Place on that page, in points from the bottom left. */
  readonly rect?: Rectangle;
  /** A name of the file, such as the key of a dictionary. */
  readonly detail?: string;
}

export interface StepChanges {
  /** Index of the revision that made the changes, counted from 0. */
  readonly revisionIndex: number;
  readonly permissible: readonly PermissibleChange[];
  readonly forbidden: readonly ForbiddenChange[];
}
