/** `node run-verify.js JOB`: verifies one file here, as often as the job says, and prints a JobResult. */
import { createHash } from 'node:crypto';
import { FileSource } from '../../src/app/files/file-source.js';
import { scanBytes, systemClock } from '../../src/kernel/index.js';
import { openTrustFolder } from '../../src/trust/file/index.js';
import { verifyPdf } from '../../src/verification/index.js';
import type { JobResult } from '../sign/job.js';

export interface VerifyJob {
  readonly work: 'floor' | 'ours';
  readonly input: string;
  readonly trust: string;
  readonly signatures: number;
  readonly warmUp: number;
  readonly repeats: number;
}

async function once(job: VerifyJob): Promise<void> {
  using source = new FileSource(job.input);
  if (job.work === 'floor') {
    const hash = createHash('sha256');
    scanBytes(source, 0, source.size, (chunk) => void hash.update(chunk));
    hash.digest();
    return;
  }
  const report = await verifyPdf(source, {
    fileName: 'bench',
    trust: openTrustFolder(job.trust),
    at: systemClock.now(),
  });
  if (report.indication !== 'TOTAL-PASSED' || report.signatures.length !== job.signatures) {
    throw new Error(`unexpected verdict ${report.indication}`);
  }
}

const job = JSON.parse(process.argv[2] ?? '') as VerifyJob;
for (let i = 0; i < job.warmUp; i++) await once(job);
const milliseconds: number[] = [];
const cpuMilliseconds: number[] = [];
for (let i = 0; i < job.repeats; i++) {
  const cpuBefore = process.cpuUsage();
  const beganMs = performance.now();
  await once(job);
  milliseconds.push(performance.now() - beganMs);
  const { user, system } = process.cpuUsage(cpuBefore);
  cpuMilliseconds.push((user + system) / 1000);
}
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(
  JSON.stringify({ milliseconds, cpuMilliseconds, peakBytes } satisfies JobResult),
);
