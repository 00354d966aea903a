/** Gathers findings: each thing once, and of each kind no more than anybody reads. */
import {
  ADMISSION_KINDS,
  verdictOn,
  type AdmissionFinding,
  type AdmissionKind,
  type AdmissionPolicy,
} from './kinds.js';

const MOST_OF_A_KIND = 20;
const LONGEST_DETAIL = 120;

export class FindingCollector {
  readonly findings: AdmissionFinding[] = [];
  readonly #policy: AdmissionPolicy;
  readonly #seen = new Set<string>();
  readonly #counts = new Map<AdmissionKind, number>();

  constructor(policy: AdmissionPolicy) {
    this.#policy = policy;
  }

  /** @param page - 1 is the first. @param detail - Part of its identity: the same one twice is told once. */
  add(kind: AdmissionKind, page?: number, detail = ''): void {
    const count = this.#counts.get(kind) ?? 0;
    const key = [kind, page ?? '', detail].join('\n');
    if (count >= MOST_OF_A_KIND || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#counts.set(kind, count + 1);
    const { text, textEn } = ADMISSION_KINDS[kind];
    const shown = detail.slice(0, LONGEST_DETAIL);
    this.findings.push({
      kind,
      verdict: verdictOn(kind, this.#policy),
      page,
      detail: shown,
      text: `${page === undefined ? '' : `第 ${page} 页：`}${text}${shown === '' ? '' : `（${shown}）`}`,
      textEn: `${page === undefined ? '' : `page ${page}: `}${textEn}${shown === '' ? '' : ` (${shown})`}`,
    });
  }
}
