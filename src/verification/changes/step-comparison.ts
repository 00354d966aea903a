/**
 * Two states of one file side by side, and how much of the difference has been explained so far.
 * The rules beside this file explain; whatever none of them explains is forbidden.
 */
import {
  PdfRef,
  changedObjects,
  type FormField,
  type PdfDocument,
  type PdfValue,
} from '../../pdf/index.js';
import { reach, referrersIn, type Referrer } from './reach.js';
import type { ForbiddenChange, PermissibleChange } from './step.js';
import { sameValue } from './values.js';

/** Whether a place that refers to an object is one that may see it change. */
export type OwnerTest = (referrer: Referrer) => boolean;
/** Whether an object that was there may become what it is now. */
export type ChangeTest = (old: PdfValue, now: PdfValue) => boolean;

const NOBODY: OwnerTest = () => false;
const NEVER: ChangeTest = () => false;

export class StepComparison {
  readonly before: PdfDocument;
  readonly after: PdfDocument;
  /** Objects that the revision defines and no rule has explained yet. */
  readonly open: Set<number>;
  /** Objects that the revision defines and that were not there before. */
  readonly added: ReadonlySet<number>;
  readonly permissible: PermissibleChange[] = [];
  readonly forbidden: ForbiddenChange[] = [];
  readonly fieldsBefore: ReadonlyMap<number, FormField>;
  /** Widgets of signature fields which this revision added or signed, by number. */
  readonly newWidgets = new Set<number>();
  /** Entries of pages that come with an element in the structure tree, and are refused without one. */
  readonly taggingOfPages: ForbiddenChange[] = [];
  #referrers: ReadonlyMap<number, readonly Referrer[]> | undefined;

  /** @throws AppError as reading the documents does */
  constructor(before: PdfDocument, after: PdfDocument) {
    this.before = before;
    this.after = after;
    // By both states and not by the revision's own table: an object stream written anew changes
    // objects that no entry of the revision names.
    const changed = [...changedObjects(before, after)];
    this.added = new Set(changed.map(({ num }) => num).filter((num) => !this.existedBefore(num)));
    this.open = new Set(
      changed
        .filter(({ before: old, after: now }) => {
          // Objects written again as they were are no change.
          const isSame =
            old !== undefined &&
            now !== undefined &&
            old.gen === now.gen &&
            sameValue(old.value, now.value);
          return !isSame;
        })
        .map(({ num }) => num),
    );
    this.fieldsBefore = new Map(
      before.fields.flatMap((field) => (field.ref === undefined ? [] : [[field.ref.num, field]])),
    );
  }

  /** Who referred to each object before, by number. Walks the whole document, once. */
  get referrers(): ReadonlyMap<number, readonly Referrer[]> {
    return (this.#referrers ??= referrersIn(this.before));
  }

  existedBefore(num: number): boolean {
    const entry = this.before.lookup(num);
    return entry !== undefined && entry.kind !== 'free';
  }

  permit(change: PermissibleChange): void {
    this.permissible.push(change);
  }

  forbid(change: ForbiddenChange): void {
    this.forbidden.push(change);
  }

  /**
   * Explains the object that `value` refers to: a new one, or one that was there and to which
   * nothing led but what `isOwner` accepts. One that is seen elsewhere too stays unexplained.
   */
  explain(value: PdfValue | undefined, isOwner: OwnerTest): void {
    if (!(value instanceof PdfRef) || !this.open.has(value.num)) return;
    if (!this.existedBefore(value.num) || this.isOnlySeenBy(value.num, isOwner)) {
      this.open.delete(value.num);
    }
  }

  isOnlySeenBy(num: number, isOwner: OwnerTest): boolean {
    return (this.referrers.get(num) ?? []).every(isOwner);
  }

  /**
   * Explains objects reached from `value`: new ones, and with `mayChange` also old ones that were
   * reached from `oldValue` and on no other path. Returns how many were explained.
   */
  closeOver(
    value: PdfValue | undefined,
    oldValue: PdfValue | undefined,
    mayChange: ChangeTest = NEVER,
    isOwner: OwnerTest = NOBODY,
  ): number {
    const reachedBefore = new Set<number>();
    for (const ref of reach(this.before, oldValue)) reachedBefore.add(ref.num);
    let owned: ReadonlySet<number> | undefined;
    const isOwned = (num: number): boolean =>
      (owned ??= this.#ownedAmong(reachedBefore, isOwner)).has(num);
    // An object of the document before that the closure only refers to: a page, a parent, a font.
    const isShared = (num: number): boolean => this.existedBefore(num) && !reachedBefore.has(num);
    let explained = 0;
    for (const ref of reach(this.after, value, (num) => !isShared(num))) {
      if (!this.open.has(ref.num)) continue;
      const isNew = !this.existedBefore(ref.num);
      const isChanged = (): boolean =>
        reachedBefore.has(ref.num) &&
        mayChange(this.before.resolve(ref), this.after.resolve(ref)) &&
        isOwned(ref.num);
      if (!isNew && !isChanged()) continue;
      this.open.delete(ref.num);
      explained++;
    }
    return explained;
  }

  /** Those of `numbers` to which no path leads but through an owner: others would show a change elsewhere. */
  #ownedAmong(numbers: ReadonlySet<number>, isOwner: OwnerTest): ReadonlySet<number> {
    const owned = new Set(numbers);
    for (let size = -1; size !== owned.size;) {
      size = owned.size;
      for (const num of owned) {
        const isOwned = this.isOnlySeenBy(num, (each) => isOwner(each) || owned.has(each.from));
        if (!isOwned) owned.delete(num);
      }
    }
    return owned;
  }
}
