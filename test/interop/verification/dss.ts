/** EU DSS, the validator of the European Commission: one Java process for all the files of a suite. */
import { spawnSync } from 'node:child_process';
import { buildJavaTool } from '../../../scripts/java-tool.mjs';

const tool = buildJavaTool('dss');
if ('skipped' in tool) console.warn(`skipped: comparison with EU DSS: ${tool.skipped}`);
export const hasDss = 'classPath' in tool;

export interface DssSignature {
  readonly indication: string;
  readonly subIndication: string;
  /** As DSS names it: `PAdES-BASELINE-LTA`. */
  readonly level: string;
  readonly errors: string;
  readonly warnings: string;
}

/** Signatures oldest first; `error` names the exception where there is no report. */
export interface DssVerdict {
  readonly signatures: readonly DssSignature[];
  readonly error?: string;
}

export interface DssJob {
  readonly file: string;
  /** Time of validation. */
  readonly at: Date;
  /** Whether certificates need revocation evidence, as by the policy that DSS comes with. */
  readonly needsRevocation: boolean;
}

/**
 * What DSS says of each file by its own content and one trust anchor.
 *
 * @param certificates - Files (DER or PEM): the anchor, then what paths may need besides.
 * @throws Error where the process fails or takes longer than two seconds a file and half a minute
 */
export function dss(
  jobs: readonly DssJob[],
  certificates: readonly [string, ...string[]],
): readonly DssVerdict[] {
  if (!('classPath' in tool)) throw new Error(tool.skipped);
  const ran = spawnSync('java', ['-Xmx1g', '-cp', tool.classPath, 'DssJudge', ...certificates], {
    input: jobs
      .map(({ file, at, needsRevocation }) =>
        [at.getTime(), needsRevocation ? 'revocation' : 'no-revocation', `${file}\n`].join('\t'),
      )
      .join(''),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: 30_000 + 2000 * jobs.length,
  });
  const verdicts = [...ran.stdout.matchAll(/^file\n([^]*?)^end\n/gm)].map(([, lines = '']) =>
    verdictOf(lines.split('\n').filter((line) => line !== '')),
  );
  if (ran.status !== 0 || verdicts.length !== jobs.length) {
    throw new Error(`EU DSS judged ${verdicts.length} of ${jobs.length} files: ${ran.stderr}`);
  }
  return verdicts;
}

function verdictOf(lines: readonly string[]): DssVerdict {
  const parts = lines.map((line) => line.split('\t'));
  const error = parts.find(([kind]) => kind === 'error')?.[1];
  return {
    signatures: parts
      .filter(([kind]) => kind === 'signature')
      .map(([, indication = '', subIndication = '', level = '', errors = '', warnings = '']) => ({
        indication,
        subIndication,
        level,
        errors,
        warnings,
      })),
    ...(error === undefined ? {} : { error }),
  };
}
