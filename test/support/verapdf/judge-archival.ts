/** veraPDF's word on files that claim to follow PDF/A. */
import { spawnSync } from 'node:child_process';
import { buildJavaTool } from '../../../scripts/java-tool.mjs';

const tool = buildJavaTool('verapdf');

/** Why veraPDF cannot be asked here; undefined where it can. */
export const veraPdfObstacle = 'skipped' in tool ? tool.skipped : undefined;

/** `compliant`, or the clauses that a file fails, for each pair of flavour (`2u`) and file. */
export function judgeArchival(
  pairs: readonly (readonly [flavour: string, file: string])[],
): readonly string[] {
  if (!('classPath' in tool)) throw new Error(tool.skipped);
  const args = ['-cp', tool.classPath, 'Conformance', ...pairs.flat()];
  const run = spawnSync('java', args, { encoding: 'utf8' });
  const lines = run.stdout.trim().split('\n');
  if (lines.length !== pairs.length) throw new Error(`veraPDF: ${run.stdout}${run.stderr}`);
  return lines.map((line) => line.split('.pdf ')[1] ?? line);
}
