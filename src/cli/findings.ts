/** What a document holds besides its pages, told to the person who signs it. */
import type { AdmissionFinding } from '../signing/index.js';
import type { Output } from './output.js';

/** One line a finding, on stderr; what was allowed by name is not told again. */
export function tellFindings(output: Output, findings: readonly AdmissionFinding[]): void {
  for (const { verdict, text, textEn } of findings) {
    if (verdict === 'reported') output.progress(`注意 (note): ${text} / ${textEn}`);
  }
}
