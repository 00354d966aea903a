/**
 * Signatures of the past: files by pyHanko, verified at other times than they were made, by ours and
 * by pyHanko's procedure of EN 319 102-1, 5.5. Its procedure of 5.6 reads the machine's clock, so that
 * what document time-stamps prove is not asked of it.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrustStore } from '../../../src/trust/index.js';
import { verifyPdf, type SignatureReport } from '../../../src/verification/index.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { hasPyhanko, pyhankoScript, whereThereIs } from './peers.js';

interface Case {
  readonly file: string;
  /** Lists in the trust folder; absent: only the file's own evidence. */
  readonly lists?: string;
  readonly at: string;
  /** Of the signature. */
  readonly verdict: string;
  readonly level?: SignatureReport['level'];
  readonly proved?: string | null;
  /** Of the document time-stamps. */
  readonly timestamps?: readonly string[];
  readonly codes?: readonly string[];
  /** pyHanko's word where it is another one, and why; `null`: it is not asked. */
  readonly pyhanko?: readonly [said: string, why: string] | null;
}

const SIGNED = '2024-06-01T08:00:00Z';
const PASSED = 'TOTAL-PASSED';

const CASES: readonly (readonly [string, Case])[] = [
  [
    'B-B while all is valid',
    {
      file: 'b-b',
      lists: 'then',
      at: '2024-06-10T00:00:00Z',
      verdict: PASSED,
      level: 'B-B',
      proved: null,
      pyhanko: ['SIG_CONSTRAINTS_FAILURE', 'it refuses to go on without a time-stamp'],
    },
  ],
  [
    'B-B, signer expired since',
    {
      file: 'b-b',
      lists: 'year-2026',
      at: '2026-06-10T00:00:00Z',
      verdict: 'INDETERMINATE/OUT_OF_BOUNDS_NO_POE',
      level: 'B-B',
      proved: null,
      pyhanko: ['SIG_CONSTRAINTS_FAILURE', 'it refuses to go on without a time-stamp'],
    },
  ],
  [
    'B-B, signer revoked since',
    {
      file: 'b-b',
      lists: 'signer-revoked-after',
      at: '2024-12-10T00:00:00Z',
      verdict: 'INDETERMINATE/REVOKED_NO_POE',
      level: 'B-B',
      proved: null,
      pyhanko: ['SIG_CONSTRAINTS_FAILURE', 'it refuses to go on without a time-stamp'],
    },
  ],
  [
    'B-T while all is valid',
    { file: 'b-t', lists: 'then', at: '2024-06-10T00:00:00Z', verdict: PASSED, level: 'B-T' },
  ],
  [
    'B-T, signer revoked since',
    {
      file: 'b-t',
      lists: 'signer-revoked-after',
      at: '2024-12-10T00:00:00Z',
      verdict: PASSED,
      level: 'B-T',
    },
  ],
  [
    'B-T, signer revoked before',
    {
      file: 'b-t',
      lists: 'signer-revoked-before',
      at: '2024-12-10T00:00:00Z',
      verdict: 'TOTAL-FAILED/REVOKED',
      level: 'B-T',
      pyhanko: ['REVOKED_NO_POE', 'ours holds the later claimed time against the signer'],
    },
  ],
  [
    'B-T, no evidence at all',
    {
      file: 'b-t',
      at: '2024-06-10T00:00:00Z',
      verdict: 'INDETERMINATE/TRY_LATER',
      level: 'B-B',
      proved: null,
      pyhanko: [
        'CERTIFICATE_CHAIN_GENERAL_FAILURE',
        'its name for missing evidence; 5.2.6 says TRY_LATER',
      ],
    },
  ],
  [
    'B-T, signer expired, nothing says what it was then',
    {
      file: 'b-t',
      lists: 'year-2026',
      at: '2026-06-10T00:00:00Z',
      verdict: 'INDETERMINATE/NO_POE',
      level: 'B-T',
      pyhanko: [
        'OK',
        'it believes a list that may have dropped the expired certificate (RFC 5280, 3.3)',
      ],
    },
  ],
  [
    'B-LT by its own evidence',
    { file: 'b-lt', at: '2024-06-10T00:00:00Z', verdict: PASSED, level: 'B-LT' },
  ],
  [
    'B-LT, signer expired since',
    {
      file: 'b-lt',
      at: '2026-06-10T00:00:00Z',
      verdict: PASSED,
      level: 'B-LT',
      pyhanko: [
        'TRY_LATER',
        'it asks for the status of the authority now, also where it has no network',
      ],
    },
  ],
  [
    'B-LT, signer expired since, fresh lists',
    {
      file: 'b-lt',
      lists: 'year-2026',
      at: '2026-06-10T00:00:00Z',
      verdict: PASSED,
      level: 'B-LT',
    },
  ],
  [
    'B-LT, signer revoked since',
    {
      file: 'b-lt',
      lists: 'signer-revoked-after',
      at: '2024-12-10T00:00:00Z',
      verdict: PASSED,
      level: 'B-LT',
    },
  ],
  [
    'B-LT, time-stamp authority expired',
    {
      file: 'b-lt',
      lists: 'year-2028',
      at: '2028-06-01T00:00:00Z',
      verdict: 'INDETERMINATE/OUT_OF_BOUNDS_NO_POE',
      level: 'B-B',
      proved: null,
    },
  ],
  [
    'B-LT, time-stamp authority revoked, signer still valid',
    {
      file: 'b-lt',
      lists: 'tsa-revoked',
      at: '2024-12-10T00:00:00Z',
      verdict: PASSED,
      level: 'B-B',
      proved: null,
      pyhanko: ['REVOKED_NO_POE', 'ours goes on without the time-stamp, as 5.5 says'],
    },
  ],
  [
    'B-LTA, signer expired since',
    {
      file: 'b-lta',
      lists: 'year-2026',
      at: '2026-06-10T00:00:00Z',
      verdict: PASSED,
      timestamps: [PASSED],
    },
  ],
  [
    'B-LTA offline, signer expired since',
    {
      file: 'b-lta',
      at: '2026-06-10T00:00:00Z',
      verdict: PASSED,
      timestamps: [PASSED],
      codes: ['timestamp-status-as-of'],
      pyhanko: null,
    },
  ],
  [
    'B-LTA, its authority expired before it was renewed',
    {
      file: 'b-lta',
      lists: 'year-2028',
      at: '2028-06-01T00:00:00Z',
      verdict: 'INDETERMINATE/OUT_OF_BOUNDS_NO_POE',
      level: 'B-B',
      proved: null,
      timestamps: ['INDETERMINATE/OUT_OF_BOUNDS_NO_POE'],
      pyhanko: null,
    },
  ],
  [
    'B-LTA renewed, first authority expired',
    {
      file: 'renewed',
      lists: 'year-2028',
      at: '2028-06-01T00:00:00Z',
      verdict: PASSED,
      timestamps: [PASSED, PASSED],
      pyhanko: null,
    },
  ],
  [
    'B-LTA renewed twice, offline',
    {
      file: 'renewed-twice',
      at: '2028-06-01T00:00:00Z',
      verdict: PASSED,
      timestamps: [PASSED, PASSED, PASSED],
      pyhanko: null,
    },
  ],
  [
    'B-LTA renewed, the last authority expired too',
    {
      file: 'renewed',
      lists: 'year-2033',
      at: '2033-06-01T00:00:00Z',
      verdict: 'INDETERMINATE/OUT_OF_BOUNDS_NO_POE',
      level: 'B-B',
      proved: null,
      timestamps: ['INDETERMINATE/OUT_OF_BOUNDS_NO_POE', 'INDETERMINATE/OUT_OF_BOUNDS_NO_POE'],
      pyhanko: null,
    },
  ],
  [
    'B-LTA renewed after its authority expired',
    {
      file: 'renewed-too-late',
      lists: 'year-2028',
      at: '2028-06-01T00:00:00Z',
      verdict: 'INDETERMINATE/OUT_OF_BOUNDS_NO_POE',
      level: 'B-T',
      proved: '2027-06-01T08:00:00Z',
      timestamps: ['INDETERMINATE/OUT_OF_BOUNDS_NO_POE', PASSED],
      pyhanko: null,
    },
  ],
  [
    'B-LTA renewed without evidence for the first authority',
    {
      file: 'renewed-without-evidence',
      lists: 'year-2028',
      at: '2028-06-01T00:00:00Z',
      verdict: 'INDETERMINATE/OUT_OF_BOUNDS_NO_POE',
      level: 'B-T',
      proved: '2026-06-01T08:00:00Z',
      timestamps: ['INDETERMINATE/NO_POE', PASSED],
      pyhanko: null,
    },
  ],
  [
    'B-LTA renewed before its authority was revoked',
    {
      file: 'renewed-early',
      lists: 'tsa-revoked',
      at: '2024-12-10T00:00:00Z',
      verdict: PASSED,
      timestamps: [PASSED, PASSED],
      pyhanko: null,
    },
  ],
  [
    'B-LTA, its authority revoked',
    {
      file: 'b-lta',
      lists: 'tsa-revoked',
      at: '2024-12-10T00:00:00Z',
      verdict: PASSED,
      level: 'B-B',
      proved: null,
      timestamps: ['INDETERMINATE/REVOKED_NO_POE'],
      pyhanko: null,
    },
  ],
  [
    'B-LTA, verified as of a time before it was signed',
    {
      file: 'b-lta',
      lists: 'then',
      at: '2024-03-01T00:00:00Z',
      verdict: 'INDETERMINATE/TRY_LATER',
      level: 'B-B',
      proved: null,
      timestamps: ['INDETERMINATE/SIG_CONSTRAINTS_FAILURE'],
      pyhanko: null,
    },
  ],
];

let folder = '';
let pyhankoSaid: readonly string[] = [];

beforeAll(async () => {
  if (!hasPyhanko) return;
  folder = mkdtempSync(join(tmpdir(), 'past-'));
  writeFileSync(join(folder, 'in.pdf'), await samplePdf());
  pyhankoScript('pyhanko_past.py', [join(folder, 'in.pdf'), folder]);
  const jobs = CASES.map(([, { file, lists, at }]) => ({ file, lists, at: at.replace('Z', '') }));
  const said = pyhankoScript('pyhanko_past.py', ['--judge', folder], JSON.stringify(jobs));
  pyhankoSaid = JSON.parse(said) as string[];
}, 120_000);

afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));

function trust(lists: string | undefined): TrustStore {
  const crls = readdirSync(folder).filter(
    (name) => lists !== undefined && name.startsWith(`${lists}-`) && name.endsWith('.crl'),
  );
  const profile = {
    name: 'past',
    anchorsDer: [read('root.der'), read('root2.der')],
    intermediatesDer: [],
    crlsDer: crls.map(read),
    ocspDer: [],
  };
  return { profiles: () => Promise.resolve([profile]) };
}

const verdictOf = ({ indication, subIndication }: SignatureReport): string =>
  subIndication === null ? indication : `${indication}/${subIndication}`;

whereThereIs(
  hasPyhanko,
  'pyHanko',
  describe,
)('a signature of the past', () => {
  it.each(CASES)('%s', async (_name, expected) => {
    const report = await verifyPdf(read(`${expected.file}.pdf`), {
      fileName: expected.file,
      trust: trust(expected.lists),
      at: new Date(expected.at),
    });
    const [signature, ...timestamps] = report.signatures;
    if (signature === undefined) throw new Error('no signature found');
    const index = CASES.findIndex(([, each]) => each === expected);
    expect({
      verdict: verdictOf(signature),
      level: signature.level,
      proved: signature.bestSignatureTime,
      timestamps: timestamps.map(verdictOf),
      pyhanko: expected.pyhanko === null ? null : pyhankoSaid[index],
    }).toEqual({
      verdict: expected.verdict,
      level: expected.level ?? 'B-LTA',
      proved: expected.proved === undefined ? SIGNED : expected.proved,
      timestamps: expected.timestamps ?? [],
      pyhanko:
        expected.pyhanko === null
          ? null
          : (expected.pyhanko?.[0] ?? expected.verdict.replace(/^.*\//, '').replace(PASSED, 'OK')),
    });
    const codes = report.signatures.flatMap(({ messages }) => messages.map(({ code }) => code));
    expect(codes).toEqual(expect.arrayContaining([...(expected.codes ?? [])]));
  });
});
