/** The program that reads untrusted files. It holds no key, no store and no address; it is killed at will. */
import { inspectPdf } from '../../signing/index.js';
import { verifyPdf, type VerifyOptions } from '../../verification/index.js';
import { readWord } from '../../word/index.js';
import { checkPdf } from '../file-commands/check-pdf.js';
import { describePageDifferences, drawSignatures } from '../drawing/index.js';
import {
  outcomeOf,
  valueOf,
  type FromProcess,
  type Job,
  type Outcome,
  type PackageJob,
  type PortName,
  type SpecimenJob,
  type ToProcess,
  type VerifyJob,
} from './messages.js';
import { pageLines } from './page-lines.js';

const waiting = new Map<number, (outcome: Outcome) => void>();
let lastCall = 0;

function send(message: FromProcess): void {
  process.send?.(message);
}

async function ask<T>(port: PortName, ...args: readonly unknown[]): Promise<T> {
  const call = ++lastCall;
  const outcome = await new Promise<Outcome>((resolve) => {
    waiting.set(call, resolve);
    send({ type: 'call', call, port, args });
  });
  return valueOf(outcome) as T;
}

/** Options of a verification whose ports are the service's. */
function optionsOf(job: Pick<VerifyJob, 'fileName' | 'at' | 'now' | 'ports'>): VerifyOptions {
  const has = (port: PortName): boolean => job.ports.includes(port);
  return {
    fileName: job.fileName,
    at: job.at,
    ...(job.now === undefined ? {} : { now: job.now }),
    trust: { profiles: () => ask('trust') },
    ...(has('crl')
      ? {
          revocation: {
            fetchCrl: (url: string) => ask<Uint8Array>('crl', url),
            fetchOcsp: (url: string, request: Uint8Array) => ask<Uint8Array>('ocsp', url, request),
          },
        }
      : {}),
    ...(has('seal')
      ? {
          seals: {
            find: (code: string, version: number) => ask('seal', code, version),
            findStructure: (code: string, sha256: string) => ask('sealStructure', code, sha256),
          },
        }
      : {}),
    ...(has('provedAt')
      ? { provedAt: (sha256: string) => ask<Date | undefined>('provedAt', sha256) }
      : {}),
  };
}

/** Loaded for the few that need it: every process starts without the room of filings. */
async function verifyPackage(job: PackageJob): Promise<unknown> {
  const { verifyPackageFile } = await import('../verify-package.js');
  const options = optionsOf(job);
  const { fileName, trust } = options;
  return verifyPackageFile(job.zip, {
    fileName,
    trust,
    serviceKeys: job.serviceKeys,
    // Our own register knows more than what a package says.
    verify: (pdf, seals) => verifyPdf(pdf, { ...seals, ...options }),
  });
}

/** Loaded for the few that need it: the room of seals reads workbooks too. */
async function cleaned({ scan, widthMm }: SpecimenJob): Promise<unknown> {
  const { cleanSpecimen } = await import('../../seal/index.js');
  return cleanSpecimen(scan, widthMm);
}

function perform(job: Job): unknown {
  switch (job.kind) {
    case 'verify':
      return verifyPdf(job.pdf, optionsOf(job));
    case 'package':
      return verifyPackage(job);
    case 'inspect':
      return inspectPdf(job.pdf, job.policy);
    case 'check':
      return checkPdf(job.pdf, job.policy, job.input);
    case 'lines':
      return pageLines(job.pdf);
    case 'word':
      return readWord(job.docx);
    case 'compare':
      return describePageDifferences(job.pdf, job.revision);
    case 'specimen':
      return cleaned(job);
    case 'signatures':
      return drawSignatures(job.pdf);
  }
}

async function run(job: Job): Promise<void> {
  send({ type: 'done', outcome: await outcomeOf(() => perform(job)) });
}

process.on('message', (message: ToProcess) => {
  if (message.type === 'job') {
    void run(message.job);
    return;
  }
  waiting.get(message.call)?.(message.outcome);
  waiting.delete(message.call);
});
// The terminal's signals reach the whole process group; the service decides when this ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => undefined);
}
process.on('disconnect', () => {
  // eslint-disable-next-line no-restricted-properties -- an entry point: the service is gone
  process.exit(0);
});
send({ type: 'started' });
