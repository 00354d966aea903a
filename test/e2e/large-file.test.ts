/** A file larger than memory should hold: signed and verified by the command line in little of it. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { qianyin } from '../support/processes.js';
import { writeScannedPdf } from '../support/scanned-pdf.js';

const MOST_MEMORY_BYTES = 250 << 20;
const PASSWORD = { QIANYIN_PIN: '12345678' };

let directory: string;
const at = (name: string): string => join(directory, name);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'qianyin-large-'));
  writeFileSync(
    at('peak.mjs'),
    // Not the peak of resourceUsage(), which begins with what the parent held when it forked.
    `import { readFileSync, writeFileSync } from 'node:fs';
     process.on('exit', () => {
       const [, peak] = /^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
       writeFileSync(process.env.PEAK_FILE, peak);
     });`,
  );
  expect(qianyin(['pki', 'init', '--out', at('pki')]).status).toBe(0);
  const issue = ['pki', 'issue', '--pki', at('pki'), '--subject', 'CN=大文件,C=CN'];
  expect(qianyin([...issue, '--p12', at('key.p12')], PASSWORD).status).toBe(0);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs the command line and tells the most memory it held. */
function measured(args: readonly string[]): {
  readonly peakBytes: number;
  readonly status: number;
} {
  const run = qianyin(args, {
    ...PASSWORD,
    PEAK_FILE: at('peak'),
    NODE_OPTIONS: `--import ${pathToFileURL(at('peak.mjs')).href}`,
  });
  expect(run.stderr).toBe('');
  return {
    peakBytes: Number(readFileSync(at('peak'), 'utf8')) * 1024,
    status: run.status ?? -1,
  };
}

describe('a file of one gibibyte', () => {
  it('is signed, and verified, within 250 MB of memory', () => {
    writeScannedPdf({ path: at('in.pdf'), sizeBytes: 1 << 30, isSparse: true });
    const signed = measured(['sign', at('in.pdf'), '-o', at('out.pdf'), '--p12', at('key.p12')]);
    expect(signed.status).toBe(0);
    expect(signed.peakBytes).toBeLessThan(MOST_MEMORY_BYTES);
    const { size } = statSync(at('in.pdf'));
    const added = statSync(at('out.pdf')).size - size;
    expect(added).toBeGreaterThan(1000);
    expect(added).toBeLessThan(100_000);
    const trust = ['--trust', join(at('pki'), 'trust'), '--offline'];
    const verified = measured(['verify', at('out.pdf'), ...trust]);
    expect(verified.status).toBe(0);
    expect(verified.peakBytes).toBeLessThan(MOST_MEMORY_BYTES);
  }, 120_000);

  it('leaves nothing behind where it is refused', () => {
    writeFileSync(at('no.pdf'), 'not a PDF');
    const run = qianyin(
      ['sign', at('no.pdf'), '-o', at('no-out.pdf'), '--p12', at('key.p12')],
      PASSWORD,
    );
    expect(run.status).toBe(65);
    expect(readdirSync(directory).filter((name) => /^\.|no-out/.test(name))).toEqual([]);
  });
});
