/**
 * What the irregularities of a file's structure mean for a signature. Those that came after it are
 * changes nobody may make; those it covers make readers disagree on what was signed, and are named.
 */
import type { FindingKind, PdfDocument, StructuralFinding } from '../pdf/index.js';
import { structuralFindings } from '../pdf/index.js';
import { message } from './messages.js';
import type { Indication, ReportMessage } from './report.js';

/** Harmless wherever they stand: seen in files of well-known producers, read alike by all. */
const HARMLESS: readonly FindingKind[] = ['size-shrinks', 'size-too-small'];

/**
 * Inside the signed bytes these are told, but decide nothing: the signature covers them, and a later
 * revision that made use of them would be found by comparing.
 */
const COVERED_HARMLESS: readonly FindingKind[] = [
  'hidden-object',
  'bytes-after-end',
  'structure-in-comment',
];

export interface StructureVerdict {
  readonly indication: Indication;
  readonly messages: readonly ReportMessage[];
}

/** Facts of the whole file, looked for once. @throws AppError `pdf-limit-exceeded` */
export function readStructure(document: PdfDocument): readonly StructuralFinding[] {
  return structuralFindings(document).filter(
    ({ kind, isBlank }) => !HARMLESS.includes(kind) && isBlank !== true,
  );
}

/**
 * Judges the findings for a signature that closes `revisionIndex`, with bytes that end at
 * `signedEnd`. A finding of a later revision may well stand in the signed bytes: an entry that leads
 * back to something hidden there.
 */
export function judgeStructure(
  findings: readonly StructuralFinding[],
  signedEnd: number,
  revisionIndex: number,
): StructureVerdict {
  const isLater = ({ start, revision }: StructuralFinding): boolean =>
    start >= signedEnd || revision > revisionIndex;
  const later = findings.filter(isLater);
  if (later.length > 0) {
    return {
      indication: 'TOTAL-FAILED',
      messages: [
        message('modified-after-signing'),
        message('bytes-outside-revisions', describe(later)),
      ],
    };
  }
  const covered = findings.filter(({ kind }) => !COVERED_HARMLESS.includes(kind));
  if (covered.length === 0) return { indication: 'TOTAL-PASSED', messages: [] };
  return {
    indication: 'INDETERMINATE',
    messages: [message('file-irregular', describe(covered))],
  };
}

function describe(findings: readonly StructuralFinding[]): string {
  return findings
    .slice(0, 5)
    .map(({ kind, start }) => `${kind} @${start}`)
    .join(', ');
}
