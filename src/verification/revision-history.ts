/** The states a file went through and what each step changed; read once, asked by every signature. */
import { isAppError } from '../kernel/index.js';
import type { PdfDocument } from '../pdf/index.js';
import { compareStep } from './changes/compare-step.js';
import type { StepChanges } from './changes/step.js';

export class RevisionHistory {
  readonly #document: PdfDocument;
  readonly #steps = new Map<number, StepChanges>();
  readonly #states = new Map<number, PdfDocument>();

  constructor(document: PdfDocument) {
    this.#document = document;
  }

  /** The file as revision `index` shows it, read alone. @throws AppError as opening it does */
  stateOf(index: number): PdfDocument {
    const known = this.#states.get(index);
    if (known !== undefined) return known;
    const { revisions } = this.#document;
    const end = revisions[index]?.endOffset ?? 0;
    const state = index === revisions.length - 1 ? this.#document : this.#document.atRevision(end);
    this.#states.set(index, state);
    return state;
  }

  /** What each revision after `index` changed. */
  stepsAfter(index: number): readonly StepChanges[] {
    const steps: StepChanges[] = [];
    for (let next = index + 1; next < this.#document.revisions.length; next++) {
      steps.push(this.#step(next));
    }
    return steps;
  }

  #step(index: number): StepChanges {
    const known = this.#steps.get(index);
    if (known !== undefined) return known;
    let step: StepChanges;
    try {
      step = compareStep(this.stateOf(index - 1), this.stateOf(index), index);
    } catch (error) {
      if (!isAppError(error)) throw error;
      // What cannot be read cannot be shown to be harmless.
      step = {
        revisionIndex: index,
        permissible: [],
        forbidden: [{ what: 'unreadable', detail: error.code }],
      };
    }
    this.#steps.set(index, step);
    return step;
  }
}
