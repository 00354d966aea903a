/** B-T, B-LT and B-LTA as others see them, with every server of the authorities stopped. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { extendFile } from '../../../src/app/file-commands/extend-file.js';
import { MemorySource, concatBytes, systemClock } from '../../../src/kernel/index.js';
import { verifyPdf } from '../../../src/verification/index.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { LevelDesk, type KeyKind } from '../../support/level-desk.js';
import { dss, hasDss } from '../verification/dss.js';
import { hasPdfsig, hasPyhanko, pdfsig, whereThereIs } from '../verification/peers.js';
import { judgeLevels, type LevelJob } from './judge.js';

let desk: LevelDesk;
const files = new Map<string, string>();

async function extended(pdf: Uint8Array, level: 'B-LT' | 'B-LTA'): Promise<Uint8Array> {
  const { appended } = await extendFile(
    {
      source: new MemorySource(pdf),
      level: { level, tsaUrls: [desk.tsaUrl], trust: desk.trust },
    },
    systemClock,
  );
  return concatBytes([pdf, appended]);
}

function keep(name: string, pdf: Uint8Array): void {
  const path = join(desk.directory, 'out', `${name}.pdf`);
  writeFileSync(path, pdf);
  files.set(name, path);
}

const KINDS: readonly (readonly [KeyKind, object])[] = [
  ['rsa', {}],
  ['rsa', { isPss: true, digest: 'sha512' }],
  ['P-256', {}],
  ['P-384', {}],
  ['P-521', {}],
  ['ed25519', {}],
];

beforeAll(async () => {
  desk = await LevelDesk.open();
  mkdirSync(join(desk.directory, 'out'));
  for (const [kind, options] of KINDS) {
    const key = await desk.signer(kind);
    const pdf = await samplePdf({ useObjectStreams: kind !== 'rsa' });
    keep(`B-LTA ${kind} ${JSON.stringify(options)}`, await desk.sign(pdf, key, 'B-LTA', options));
  }
  const key = await desk.signer('P-256');
  const pdf = await samplePdf();
  keep('B-B', await desk.sign(pdf, key, 'B-B'));
  keep('B-T', await desk.sign(pdf, key, 'B-T'));
  const longTerm = await desk.sign(pdf, key, 'B-LT');
  keep('B-LT', longTerm);
  keep('B-LTA extended from B-LT', await extended(longTerm, 'B-LTA'));
  const archived = await desk.sign(pdf, key, 'B-LTA');
  const renewed = await extended(archived, 'B-LTA');
  keep('B-LTA renewed', renewed);
  keep('B-LTA signed again', await desk.sign(renewed, await desk.signer('rsa'), 'B-LTA'));
  await desk.stopServers();
}, 120_000);

afterAll(async () => {
  await desk[Symbol.asyncDispose]();
});

const named = (start: string): readonly string[] =>
  [...files].filter(([name]) => name.startsWith(start)).map(([, path]) => path);

whereThereIs(
  hasPyhanko,
  'pyHanko',
  describe,
)('pyHanko', () => {
  const judge = (jobs: readonly LevelJob[]): readonly string[] => judgeLevels(desk.rootPem, jobs);

  it('passes B-T with the time of the time-stamp', () => {
    const crls = ['root', 'budget-system'].map((id) =>
      join(desk.trustDirectory, 'crl', `${id}.crl`),
    );
    expect(judge(named('B-T').map((file) => ({ do: 'time', in: file, crls })))).toEqual([
      'PASSED timed',
    ]);
  });

  it('passes B-LT by what the file holds', () => {
    const [file = ''] = named('B-LT');
    expect(judge([{ do: 'time', in: file, store: true }])).toEqual(['PASSED timed']);
  });

  it('passes B-LTA of every algorithm, renewed and signed again, now and in a thousand days', () => {
    const archived = named('B-LTA');
    const now = judge(archived.map((file) => ({ do: 'lta', in: file })));
    expect(new Set(now)).toEqual(new Set(['PASSED']));
    expect(now.length).toBe(archived.length + 1);
    const later = judge(archived.map((file) => ({ do: 'later', days: 1000, in: file })));
    expect(new Set(later)).toEqual(new Set(['PASSED']));
  }, 60_000);
});

whereThereIs(
  hasDss,
  'EU DSS',
  describe,
)('EU DSS', () => {
  const now = new Date();
  const later = new Date(now.getTime() + 1000 * 86_400_000);
  const job = (name: string, at: Date, needsRevocation = true) => ({
    file: files.get(name) ?? '',
    at,
    needsRevocation,
  });

  it('finds each file at its level by what it holds, now and in a thousand days', () => {
    // Without evidence of revocation a file tells nothing about it: below B-LT that is not asked for.
    const held = [...files.keys()].filter((name) => name.startsWith('B-L'));
    const jobs = [
      ...held.map((name) => [name, job(name, now)] as const),
      ...['B-B', 'B-T'].map((name) => [name, job(name, now, false)] as const),
      ...['B-LTA P-256 {}', 'B-LTA renewed', 'B-LTA signed again'].map(
        (name) => [name, job(name, later)] as const,
      ),
    ];
    const verdicts = dss(
      jobs.map(([, each]) => each),
      [desk.rootPem, ...desk.intermediatePems],
    );
    for (const [index, [name]] of jobs.entries()) {
      const found = verdicts[index]?.signatures.map(({ indication, level }) => [
        indication,
        level.replace('PAdES-BASELINE-', 'B-'),
      ]);
      // Its policy names the algorithms of ETSI TS 119 312 V1.5.1, and EdDSA is not among them.
      const indication = name.includes('ed25519') ? 'INDETERMINATE' : 'TOTAL_PASSED';
      const expected = [indication, name.split(' ')[0]];
      const count = name.endsWith('again') ? 2 : 1;
      expect([name, found]).toEqual([name, Array.from({ length: count }, () => expected)]);
    }
  }, 120_000);
});

describe('our own verifier, offline', () => {
  it('finds every signature at its level', async () => {
    for (const [name, path] of files) {
      const report = await verifyPdf(new Uint8Array(readFileSync(path)), {
        fileName: name,
        trust: desk.trust,
        at: new Date(),
      });
      const signatures = report.signatures.filter(({ kind }) => kind === 'signature');
      expect([name, report.indication]).toEqual([name, 'TOTAL-PASSED']);
      for (const { level } of signatures) expect(level).toBe(name.split(' ')[0]);
    }
  });
});

whereThereIs(
  hasPdfsig,
  'pdfsig',
  describe,
)('poppler and qpdf', () => {
  it('accept every file', () => {
    for (const [name, path] of files) {
      const valid = pdfsig(path).filter((said) => said === 'Signature is Valid.');
      // poppler's NSS knows no Ed25519 in CMS.
      const expected = name.includes('ed25519') ? 0 : name.endsWith('again') ? 2 : 1;
      expect([name, valid.length]).toEqual([name, expected]);
      expect(spawnSync('qpdf', ['--check', path]).status).toBe(0);
    }
  });
});
