/** Files that qpdf encrypted, signed by us: what qpdf, poppler, MuPDF, pyHanko and we ourselves make of them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  MemorySource,
  Secret,
  bytesToLatin1,
  equalBytes,
  latin1ToBytes,
} from '../../src/kernel/index.js';
import {
  ContentBuilder,
  PdfString,
  decodeText,
  formXObject,
  openPdf,
} from '../../src/pdf/index.js';
import { verifyPdf, type VerificationReport } from '../../src/verification/index.js';
import { rawUpdate } from '../attacks/forgery.js';
import { samplePdf } from '../support/contract-pdf.js';
import { signPdf } from '../support/sign-pdf.js';
import { TestPki } from '../support/test-pki.js';
import { trustOf } from '../support/trust.js';
import { hasPyhanko, pyhanko, whereThereIs } from './verification/peers.js';

function hasTool(name: string, flag = '--version'): boolean {
  const found = spawnSync(name, [flag]).error === undefined;
  if (!found && process.env['CI'] === 'true') throw new Error(`${name} is missing in CI`);
  if (!found) console.log(`skipped: ${name} is not installed`);
  return found;
}

const withQpdf = hasTool('qpdf') ? describe : describe.skip;
const USER = 'user';
const OWNER = 'owner';
const SIGNED_AT = new Date('2026-11-20T08:00:00Z');

let folder = '';
let pki: TestPki;
let signer: Awaited<ReturnType<TestPki['issue']>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qianyin-encrypted-'));
  pki = await TestPki.create();
  signer = await pki.issue('CN=签署人,O=示例市财政局,C=CN');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pathOf = (name: string): string => join(folder, name);
const secret = (text: string): Secret => Secret.fromText(text);

function run(command: string, ...args: readonly string[]): string {
  const ran = spawnSync(command, args, { encoding: 'utf8' });
  return `${ran.stdout}${ran.stderr}`;
}

interface Encrypting {
  readonly user?: string;
  readonly owner?: string;
  readonly bits: '40' | '128' | '256';
  readonly how?: readonly string[];
  readonly objectStreams?: 'generate' | 'disable';
}

async function encrypted(options: Encrypting): Promise<Uint8Array> {
  writeFileSync(pathOf('plain.pdf'), await samplePdf());
  const { bits, how = [], objectStreams = 'disable' } = options;
  const args = [
    '--allow-weak-crypto',
    `--object-streams=${objectStreams}`,
    '--encrypt',
    options.user ?? '',
    options.owner ?? OWNER,
    bits,
    ...how,
    '--',
    pathOf('plain.pdf'),
    pathOf('encrypted.pdf'),
  ];
  const ran = spawnSync('qpdf', args, { encoding: 'utf8' });
  if (ran.status !== 0 && ran.status !== 3) throw new Error(ran.stderr);
  return new Uint8Array(readFileSync(pathOf('encrypted.pdf')));
}

function verify(pdf: Uint8Array, password: string): Promise<VerificationReport> {
  return verifyPdf(pdf, {
    fileName: 'a.pdf',
    trust: trustOf(pki),
    at: SIGNED_AT,
    password: secret(password),
  });
}

const seal = () =>
  formXObject({
    bbox: [0, 0, 40, 40],
    content: new ContentBuilder().strokeColor(1, 0, 0).circle(20, 20, 19).stroke().toBytes(),
  });

/** Two signatures by different openings of the file, the first one seen. */
async function signTwice(pdf: Uint8Array): Promise<Uint8Array> {
  const once = await signPdf(
    pdf,
    signer,
    {
      name: '甲方 (party A)',
      appearance: (writer) => [
        {
          pageIndex: 0,
          rect: { x1: 100, y1: 100, x2: 140, y2: 140 },
          appearance: writer.add(seal()),
        },
      ],
    },
    secret(OWNER),
  );
  return signPdf(once, signer, { reason: '签订合同' }, secret(USER));
}

const KINDS: readonly (readonly [string, Encrypting])[] = [
  ['RC4 40 bits (R2)', { bits: '40' }],
  ['RC4 128 bits (R3)', { bits: '128', how: ['--use-aes=n'] }],
  ['RC4 by crypt filters (R4)', { bits: '128', how: ['--use-aes=n', '--force-V4'] }],
  ['AES-128 (R4)', { bits: '128', how: ['--use-aes=y'] }],
  ['AES-128, metadata in clear', { bits: '128', how: ['--use-aes=y', '--cleartext-metadata'] }],
  ['AES-256 (R5)', { bits: '256', how: ['--force-R5'] }],
  ['AES-256 (R6)', { bits: '256' }],
  ['AES-256, metadata in clear', { bits: '256', how: ['--cleartext-metadata'] }],
];

withQpdf('an encrypted file that is signed twice', () => {
  const made: { readonly name: string; readonly file: string }[] = [];
  const cases = KINDS.flatMap(([name, kind]) =>
    (kind.bits === '40' ? (['disable'] as const) : (['disable', 'generate'] as const)).map(
      (objectStreams) =>
        [`${name}, object streams: ${objectStreams}`, { ...kind, objectStreams }] as const,
    ),
  );

  it.each(cases)('%s', async (name, kind) => {
    const base = await encrypted({ ...kind, user: USER });
    const signed = await signTwice(base);
    expect(equalBytes(signed.subarray(0, base.length), base)).toBe(true);
    const report = await verify(signed, USER);
    expect(report.signatures.map((each) => each.indication)).toEqual(Array(2).fill('TOTAL-PASSED'));
    const file = pathOf(`signed-${made.length}.pdf`);
    writeFileSync(file, signed);
    made.push({ name, file });
    for (const password of [USER, OWNER]) {
      const checked = run('qpdf', '--check', `--password=${password}`, file);
      expect(checked).toContain('No syntax or stream encoding errors found');
    }
    // The texts written by us are found by others as they were meant.
    run('qpdf', '--decrypt', `--password=${OWNER}`, file, pathOf('clear.pdf'));
    expect(nameIn(new Uint8Array(readFileSync(pathOf('clear.pdf'))))).toBe('甲方 (party A)');
  });

  it('is as valid to poppler', () => {
    if (!hasTool('pdfsig', '-v')) return;
    for (const { name, file } of made) {
      const said = run('pdfsig', '-nocert', '-upw', USER, file);
      expect([name, said.match(/Signature is Valid/g)?.length]).toEqual([name, 2]);
    }
  });

  it('is drawn by MuPDF, the seal with it', () => {
    if (!hasTool('mutool', '-v')) return;
    for (const { name, file } of made) {
      const drawn = run('mutool', 'draw', '-q', '-p', USER, '-F', 'text', file);
      expect([name, drawn]).toEqual([name, expect.stringContaining('Contract HT-2026-001')]);
      expect([name, drawn]).toEqual([name, expect.not.stringContaining('error')]);
    }
  });

  whereThereIs(
    hasPyhanko,
    'pyHanko',
    it,
  )('is as valid to pyHanko', () => {
    const root = Buffer.from(pki.rootDer).toString('base64').replace(/.{64}/g, '$&\n');
    writeFileSync(
      pathOf('root.pem'),
      `-----BEGIN CERTIFICATE-----\n${root}\n-----END CERTIFICATE-----\n`,
    );
    // pyHanko 0.3x hashes passwords of revision 5 as those of revision 6, and opens no such file.
    const openable = made.filter(({ name }) => !name.includes('R5'));
    const verdicts = pyhanko(
      openable.map(({ file }) => ({
        do: 'verify',
        in: file,
        password: USER,
        roots: [pathOf('root.pem')],
      })),
    );
    expect(verdicts).toEqual(openable.map(() => ['valid', 'valid']));
  });
});

function nameIn(pdf: Uint8Array): string {
  const document = openPdf(new MemorySource(pdf));
  const name = document.resolveDict(document.fields[0]?.value)?.get('Name');
  return name instanceof PdfString ? decodeText(name) : '';
}

const codeOf = async (act: () => Promise<unknown>): Promise<unknown> => {
  try {
    await act();
    return 'no error';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
};

withQpdf('a password', () => {
  it.each(KINDS)('that is missing or wrong is refused: %s', async (_name, kind) => {
    const pdf = await encrypted({ ...kind, user: USER });
    expect(await codeOf(() => signPdf(pdf, signer))).toBe('pdf-encrypted');
    expect(await codeOf(() => signPdf(pdf, signer, {}, secret('not it')))).toBe(
      'pdf-password-incorrect',
    );
    expect(await codeOf(() => verify(pdf, 'not it'))).toBe('pdf-password-incorrect');
    const trust = trustOf(pki);
    expect(await codeOf(() => verifyPdf(pdf, { fileName: 'a.pdf', trust, at: SIGNED_AT }))).toBe(
      'pdf-encrypted',
    );
  });

  it('is not asked for where the file opens without one', async () => {
    const pdf = await encrypted({ bits: '256' });
    const signed = await signPdf(pdf, signer);
    const report = await verifyPdf(signed, {
      fileName: 'a.pdf',
      trust: trustOf(pki),
      at: SIGNED_AT,
    });
    expect(report.indication).toBe('TOTAL-PASSED');
  });

  it('may have letters beyond ASCII, in the encoding of its revision', async () => {
    // Latin-1 text is PDFDocEncoding; ﬁ is one letter that SASLprep makes two.
    const old = await encrypted({ bits: '128', how: ['--use-aes=y'], user: 'Grüße' });
    const modern = await encrypted({ bits: '256', user: '口令ﬁ' });
    expect(openPdf(new MemorySource(old), { password: secret('Grüße') }).pages.count).toBe(2);
    expect(openPdf(new MemorySource(modern), { password: secret('口令ﬁ') }).pages.count).toBe(2);
  });

  it('of the user lets sign only what the permissions allow', async () => {
    const closed = ['--modify=none'];
    const forms = ['--modify=form'];
    const withField = async (how: readonly string[]): Promise<Uint8Array> =>
      encrypted({ bits: '256', how, user: USER });
    const none = await withField(closed);
    expect(await codeOf(() => signPdf(none, signer, {}, secret(USER)))).toBe(
      'pdf-signing-not-permitted',
    );
    expect(await codeOf(() => signPdf(none, signer, {}, secret(OWNER)))).toBe('no error');
    const fill = await withField(forms);
    expect(await codeOf(() => signPdf(fill, signer, {}, secret(USER)))).toBe(
      'pdf-signing-not-permitted',
    );
  });

  it('gives the same file for the same input', async () => {
    const pdf = await encrypted({ bits: '256', user: USER });
    const [a, b] = [
      await signPdf(pdf, signer, {}, secret(USER)),
      await signPdf(pdf, signer, {}, secret(USER)),
    ];
    expect(equalBytes(a, b)).toBe(true);
  });

  it('still opens a file whose cross-reference is lost', async () => {
    const pdf = await encrypted({ bits: '256', user: USER, objectStreams: 'generate' });
    const lost = latin1ToBytes(bytesToLatin1(pdf).replace(/startxref\s+\d+/, 'startxref 7'));
    const document = openPdf(new MemorySource(lost), { mode: 'lenient', password: secret(USER) });
    expect(document.isRebuilt).toBe(true);
    expect(document.pages.count).toBe(2);
    const signed = await signPdf(lost, signer, { name: '乙方' }, secret(USER));
    expect(openPdf(new MemorySource(signed), { password: secret(USER) }).fields).toHaveLength(1);
  });
});

/** Keys may be made of it, so that what it is decides what strings and streams say. */
withQpdf('the identifier of an encrypted file', () => {
  it.each([
    ['may not change', '/ID[<00><01>]'],
    ['may not be left out', ''],
  ])('%s once it is signed', async (_name, id) => {
    // Of revision 6, whose key is not made of it: the file opens all the same.
    const signed = await signPdf(await encrypted({ bits: '256' }), signer);
    const encrypt = /\/Encrypt \d+ 0 R/.exec(bytesToLatin1(signed))?.[0] ?? '';
    const [before, after] = await Promise.all(
      [{ trailer: encrypt }, { trailer: encrypt, id }].map((options) =>
        verify(rawUpdate(signed, new Map(), options), ''),
      ),
    );
    expect(before?.indication).toBe('TOTAL-PASSED');
    expect(after?.signatures[0]).toMatchObject({ indication: 'TOTAL-FAILED' });
    expect(after?.signatures[0]?.changesAfter.details.join()).toContain('file-identifier-changed');
  });
});
