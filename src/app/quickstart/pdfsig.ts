/** A second opinion by poppler's pdfsig, where it is installed. */
import { spawnSync } from 'node:child_process';

/** @returns `undefined` where pdfsig is not there */
export function pdfsigVerdict(path: string): string | undefined {
  const run = spawnSync('pdfsig', ['-nocert', path], { encoding: 'utf8' });
  if (run.error !== undefined) return undefined;
  const valid = (run.stdout.match(/Signature is Valid/g) ?? []).length;
  const all = (run.stdout.match(/^Signature #/gm) ?? []).length;
  return `${valid}/${all} 个签名有效 (signatures valid)`;
}
