/** Locks and certifications that we write, as pyHanko and poppler read them, and what is filled in afterwards. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pdfArray, PdfDict, pdfName, pdfText } from '../../../src/pdf/index.js';
import { verifyPdf } from '../../../src/verification/index.js';
import { fillTextField, formPdf, withSignatureFields } from '../../support/form-pdf.js';
import { signPdf } from '../../support/sign-pdf.js';
import { TestPki } from '../../support/test-pki.js';
import { trustOf } from '../../support/trust.js';
import { hasPdfsig, hasPyhanko, pdfsig, pyhanko, whereThereIs } from './peers.js';

// The longer of two names is locked: pyHanko takes one that begins like a locked name for locked, too.
let folder = '';
let pki: TestPki;
let files: Readonly<Record<string, Uint8Array>> = {};

const lock = (more: Parameters<typeof PdfDict.of>[0]): PdfDict =>
  PdfDict.of({
    Type: pdfName('SigFieldLock'),
    Action: pdfName('Include'),
    Fields: pdfArray(pdfText('amount2')),
    ...more,
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'qianyin-locks-'));
  pki = await TestPki.create();
  const signer = await pki.issue('CN=Signer,O=Test,C=CN');
  const form = await formPdf();
  const fields = withSignatureFields(form, [
    { name: 'Locking', lock: lock({}) },
    { name: 'Closing', lock: lock({ P: 1 }) },
  ]);
  const locked = await signPdf(fields, signer, { fieldName: 'Locking' });
  const closed = await signPdf(fields, signer, { fieldName: 'Closing' });
  const certified = await signPdf(form, signer, {
    certify: 2,
    lock: { action: 'Include', fields: ['amount2'] },
  });
  files = {
    locked,
    'locked, another field filled in': fillTextField(locked, 'amount', '7'),
    'locked, that field filled in': fillTextField(locked, 'amount2', '7'),
    closed,
    'closed, a field filled in': fillTextField(closed, 'amount', '7'),
    certified,
    'certified, another field filled in': fillTextField(certified, 'amount', '7'),
    'certified, that field filled in': fillTextField(certified, 'amount2', '7'),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(pathOf(name), bytes);
  const root = Buffer.from(pki.rootDer).toString('base64').replace(/.{64}/g, '$&\n');
  writeFileSync(
    pathOf('root'),
    `-----BEGIN CERTIFICATE-----\n${root}\n-----END CERTIFICATE-----\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pathOf = (name: string): string => join(folder, `${name.replace(/\W+/g, '-')}.pdf`);
const expected = Object.entries({
  locked: true,
  'locked, another field filled in': true,
  'locked, that field filled in': false,
  closed: true,
  'closed, a field filled in': false,
  certified: true,
  'certified, another field filled in': true,
  'certified, that field filled in': false,
});

describe('a form that we signed with locks', () => {
  it.each(expected)('is judged by us: %s', async (name, isSound) => {
    const report = await verifyPdf(files[name]!, {
      fileName: name,
      trust: trustOf(pki),
      at: new Date('2026-11-20T08:00:00Z'),
    });
    expect(report.indication).toBe(isSound ? 'TOTAL-PASSED' : 'TOTAL-FAILED');
  });

  whereThereIs(
    hasPyhanko,
    'pyHanko',
    it,
  )('is read alike by pyHanko, which fills it in itself', () => {
    const roots = [pathOf('root')];
    const cases = [
      ['locked', 'amount', 'valid'],
      ['locked', 'amount2', 'invalid'],
      ['closed', 'amount', 'invalid'],
      ['certified', 'amount', 'valid'],
      ['certified', 'amount2', 'invalid'],
    ] as const;
    const jobs = cases.flatMap(([name, field]) => {
      const out = pathOf(`${name} ${field}`);
      return [
        { do: 'fill', in: pathOf(name), out, field, value: '7' },
        { do: 'verify', in: out, roots },
        { do: 'verify', in: pathOf(name), roots },
      ];
    });
    const results = pyhanko(jobs);
    const said = cases.map(([name, field], i) => [
      name,
      field,
      ...results.slice(3 * i + 1, 3 * i + 3),
    ]);
    expect(said).toEqual(
      cases.map(([name, field, verdict]) => [name, field, [verdict], ['valid']]),
    );
  });

  whereThereIs(
    hasPdfsig,
    'pdfsig',
    it,
  )('is cryptographically intact to poppler', () => {
    for (const [name] of expected) expect(pdfsig(pathOf(name))).toEqual(['Signature is Valid.']);
  });
});
