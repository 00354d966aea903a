import { beforeAll, describe, expect, it } from '@jest/globals';
import { MemorySource, latin1ToBytes } from '../../../src/kernel/index.js';
import type { SignatureOptions, Signer } from '../../../src/pades/index.js';
import {
  type PdfArray,
  PdfDict,
  PdfString,
  beginRevision,
  decodeText,
  isName,
  openPdf,
  pdfArray,
  pdfName,
  pdfText,
  type PdfValue,
} from '../../../src/pdf/index.js';
import { concatBytes } from '../../../src/kernel/index.js';
import { verifyPdf, type VerificationReport } from '../../../src/verification/index.js';
import { fillTextField, formPdf, withSignatureFields } from '../../support/form-pdf.js';
import { signPdf } from '../../support/sign-pdf.js';
import { TestPki } from '../../support/test-pki.js';
import { trustOf } from '../../support/trust.js';

let pki: TestPki;
let signer: Signer;
let form: Uint8Array;

beforeAll(async () => {
  pki = await TestPki.create();
  signer = await pki.issue('CN=签署人,O=示例市财政局,C=CN', { key: 'P-256' });
  form = await formPdf();
});

const verify = (pdf: Uint8Array): Promise<VerificationReport> =>
  verifyPdf(pdf, {
    fileName: 'a.pdf',
    trust: trustOf(pki),
    at: new Date('2026-11-20T08:00:00Z'),
  });

const indications = async (pdf: Uint8Array): Promise<readonly string[]> =>
  (await verify(pdf)).signatures.map(({ indication }) => indication);

/** Params of the refusal, or what was signed. */
async function refusal(pdf: Uint8Array, options: Partial<SignatureOptions> = {}): Promise<unknown> {
  try {
    await signPdf(pdf, signer, options);
    return 'signed';
  } catch (error) {
    if (typeof error !== 'object' || error === null || !('params' in error)) throw error;
    return error.params;
  }
}

const lockOf = (entries: Readonly<Record<string, PdfValue>>): PdfDict =>
  PdfDict.of({ Type: pdfName('SigFieldLock'), ...entries });
const names = (...fields: readonly string[]): PdfArray => pdfArray(...fields.map(pdfText));

function referencesIn(pdf: Uint8Array, name: string): readonly PdfDict[] {
  const document = openPdf(new MemorySource(pdf));
  const field = document.fields.find((each) => each.name === name);
  const items = document.resolveArray(document.resolveDict(field?.value)?.get('Reference'))?.items;
  return (items ?? []).flatMap((item) => document.resolveDict(item) ?? []);
}

describe('a signature field with a lock', () => {
  it.each<readonly [string, Readonly<Record<string, PdfValue>>, readonly string[]]>([
    ['All', { Action: pdfName('All') }, ['party.name', 'amount', 'amount2']],
    [
      'Include',
      { Action: pdfName('Include'), Fields: names('party', 'amount') },
      ['party.name', 'amount'],
    ],
    ['Exclude', { Action: pdfName('Exclude'), Fields: names('amount') }, ['party.name', 'amount2']],
  ])('%s forbids filling in what it names, and nothing else', async (_action, entries, locked) => {
    const pdf = withSignatureFields(form, [{ name: 'Seal', lock: lockOf(entries) }]);
    const signed = await signPdf(pdf, signer, { fieldName: 'Seal' });
    expect(await indications(signed)).toEqual(['TOTAL-PASSED']);
    for (const name of ['party.name', 'amount', 'amount2']) {
      const expected = locked.includes(name) ? 'TOTAL-FAILED' : 'TOTAL-PASSED';
      expect([name, await indications(fillTextField(signed, name, '7'))]).toEqual([
        name,
        [expected],
      ]);
    }
  });

  it('with /P limits what may come after', async () => {
    const closing = lockOf({ Action: pdfName('Include'), Fields: names('amount'), P: 1 });
    const pdf = withSignatureFields(form, [{ name: 'Seal', lock: closing }]);
    const signed = await signPdf(pdf, signer, { fieldName: 'Seal' });
    const methods = referencesIn(signed, 'Seal').map((each) => each.get('TransformMethod'));
    expect(methods.map((each) => isName(each, 'DocMDP'))).toEqual([true, false]);
    expect((await verify(signed)).signatures).toMatchObject([
      { indication: 'TOTAL-PASSED', kind: 'signature' },
    ]);
    expect(await indications(fillTextField(signed, 'amount2', '7'))).toEqual(['TOTAL-FAILED']);
    expect(await refusal(signed)).toMatchObject({ reason: 'certified-no-changes' });
  });

  it('with /P binds those who come after, not what a certification before it allowed', async () => {
    const closing = lockOf({ Action: pdfName('Include'), Fields: names('amount'), P: 1 });
    const pdf = withSignatureFields(form, [{ name: 'Author' }, { name: 'Seal', lock: closing }]);
    const certified = await signPdf(pdf, signer, { fieldName: 'Author', certify: 2 });
    const signed = await signPdf(certified, signer, { fieldName: 'Seal' });
    expect(await indications(signed)).toEqual(['TOTAL-PASSED', 'TOTAL-PASSED']);
    expect(await indications(fillTextField(signed, 'amount2', '7'))).toEqual([
      'TOTAL-PASSED',
      'TOTAL-FAILED',
    ]);
  });

  it('is made with a new field where the caller asks', async () => {
    const lock = { action: 'Include', fields: ['amount'] } as const;
    const signed = await signPdf(form, signer, { fieldName: 'Seal', lock });
    expect(await indications(signed)).toEqual(['TOTAL-PASSED']);
    expect(await indications(fillTextField(signed, 'amount', '7'))).toEqual(['TOTAL-FAILED']);
    expect(await indications(fillTextField(signed, 'amount2', '7'))).toEqual(['TOTAL-PASSED']);
  });
});

describe('signing is refused', () => {
  it('in a field that an earlier signature locks, by its whole name', async () => {
    const lock = lockOf({ Action: pdfName('Include'), Fields: names('Seal1') });
    const pdf = withSignatureFields(form, [
      { name: 'First', lock },
      { name: 'Seal1' },
      { name: 'Seal10' },
    ]);
    const signed = await signPdf(pdf, signer, { fieldName: 'First' });
    expect(await refusal(signed, { fieldName: 'Seal1' })).toEqual({
      reason: 'field-locked',
      field: 'Seal1',
    });
    const twice = await signPdf(signed, signer, { fieldName: 'Seal10' });
    expect(await indications(twice)).toEqual(['TOTAL-PASSED', 'TOTAL-PASSED']);
  });

  it('in a new field where everything is locked', async () => {
    const signed = await signPdf(form, signer, { lock: { action: 'All', fields: [] } });
    expect(await refusal(signed)).toMatchObject({ reason: 'field-locked' });
  });

  it('in a read-only field', async () => {
    const pdf = withSignatureFields(form, [{ name: 'Seal', entries: { Ff: 1 } }]);
    expect(await refusal(pdf, { fieldName: 'Seal' })).toEqual({
      reason: 'field-read-only',
      field: 'Seal',
    });
  });

  it.each([1, 2, 3] as const)(
    'of a second certification, the first being of level %d',
    async (level) => {
      const certified = await signPdf(form, signer, { certify: level });
      expect(await indications(certified)).toEqual(['TOTAL-PASSED']);
      const reason = level === 1 ? 'certified-no-changes' : 'not-first';
      expect(await refusal(certified, { certify: level })).toMatchObject({ reason });
      expect(await refusal(certified)).toEqual(
        level === 1 ? { reason: 'certified-no-changes' } : 'signed',
      );
    },
  );

  it('where usage rights bind every product and do not grant it', async () => {
    const withRights = (...granted: readonly string[]): Uint8Array => {
      const document = openPdf(new MemorySource(form));
      const writer = beginRevision(document);
      const parameters = PdfDict.of({
        P: true,
        Signature: pdfArray(...granted.filter((each) => each === 'Modify').map(pdfName)),
        Form: pdfArray(...granted.filter((each) => each === 'Add').map(pdfName)),
      });
      const rights = writer.add(
        PdfDict.of({ Reference: pdfArray(PdfDict.of({ TransformParams: parameters })) }),
      );
      const perms = PdfDict.of({ UR3: rights });
      writer.set(document.catalogRef, document.catalog.with({ Perms: perms }));
      return concatBytes([form, writer.finish().appended]);
    };
    expect(await refusal(withRights())).toEqual({ reason: 'usage-rights' });
    expect(await refusal(withRights('Modify'))).toEqual({ reason: 'usage-rights' });
    expect(await refusal(withRights('Modify', 'Add'))).toBe('signed');
  });
});

describe('seed values', () => {
  const seeded = (seed: Readonly<Record<string, PdfValue>>): Uint8Array =>
    withSignatureFields(form, [
      { name: 'Seal', entries: { SV: PdfDict.of({ Type: pdfName('SV'), ...seed }) } },
    ]);
  const cert = (entries: Readonly<Record<string, PdfValue>>): Record<string, PdfValue> => ({
    Cert: PdfDict.of({ Type: pdfName('SVCert'), ...entries }),
  });
  const ascii = (text: string): PdfString => new PdfString(latin1ToBytes(text));

  it.each<readonly [string, Readonly<Record<string, PdfValue>>, Partial<SignatureOptions>]>([
    ['Filter', { Filter: pdfName('Entrust.PPKEF'), Ff: 1 }, {}],
    ['SubFilter', { SubFilter: pdfArray(pdfName('adbe.pkcs7.sha1')), Ff: 2 }, {}],
    ['V', { V: 4, Ff: 4 }, {}],
    ['Reasons', { Reasons: names('同意', '批准'), Ff: 8 }, {}],
    ['Reasons', { Reasons: names('同意', '批准'), Ff: 8 }, { reason: '其他' }],
    ['Reasons', { Reasons: names('.'), Ff: 8 }, { reason: '其他' }],
    ['LegalAttestation', { MDP: PdfDict.of({ P: 2 }), LegalAttestation: names('x'), Ff: 16 }, {}],
    ['AddRevInfo', { AddRevInfo: true, Ff: 32 }, {}],
    ['DigestMethod', { DigestMethod: names('RIPEMD160'), Ff: 64 }, {}],
    ['DigestMethod', { DigestMethod: names('SHA512'), Ff: 64 }, { digest: 'sha256' }],
    ['AppearanceFilter', { AppearanceFilter: pdfText('公司章'), Ff: 256 }, {}],
    ['TimeStamp', { TimeStamp: PdfDict.of({ URL: ascii('http://127.0.0.1/tsa'), Ff: 1 }) }, {}],
    ['MDP', { MDP: PdfDict.of({ P: 0 }) }, { certify: 2 }],
    ['MDP', { MDP: PdfDict.of({ P: 1 }) }, { certify: 2 }],
    ['Ff', { Ff: 1 << 12 }, {}],
    ['Cert.Subject', cert({ Subject: pdfArray(ascii('not it')), Ff: 1 }), {}],
    ['Cert.Issuer', cert({ Issuer: pdfArray(ascii('not it')), Ff: 2 }), {}],
    ['Cert.OID', cert({ OID: pdfArray(ascii('1.2.3')), Ff: 4 }), {}],
    [
      'Cert.SubjectDN',
      cert({ SubjectDN: pdfArray(PdfDict.of({ O: pdfText('别家') })), Ff: 8 }),
      {},
    ],
    ['Cert.KeyUsage', cert({ KeyUsage: pdfArray(ascii('10')), Ff: 32 }), {}],
  ])('refuse, naming it, where %s is required and not met (%#)', async (entry, seed, options) => {
    expect(await refusal(seeded(seed), { fieldName: 'Seal', ...options })).toMatchObject({
      reason: 'seed-value',
      field: 'Seal',
      entry,
    });
  });

  it('that are met let sign, required or not', async () => {
    const met = {
      Filter: pdfName('Adobe.PPKLite'),
      SubFilter: pdfArray(pdfName('adbe.pkcs7.detached'), pdfName('ETSI.CAdES.detached')),
      V: 2,
      Reasons: names('同意', '批准'),
      DigestMethod: names('SHA1', 'SHA256'),
      MDP: PdfDict.of({ P: 0 }),
      Ff: 1 | 2 | 4 | 8 | 64,
      ...cert({
        Subject: pdfArray(new PdfString(signer.certificateDer)),
        Issuer: pdfArray(new PdfString(pki.rootDer)),
        SubjectDN: pdfArray(PdfDict.of({ CN: pdfText('签署人'), O: pdfText('示例市财政局') })),
        KeyUsage: pdfArray(ascii('0'), ascii('11X0')),
        URL: ascii('http://127.0.0.1/enrol'),
        Ff: 1 | 2 | 8 | 32 | 64,
      }),
    };
    const signed = await signPdf(seeded(met), signer, { fieldName: 'Seal', reason: '同意' });
    expect(await indications(signed)).toEqual(['TOTAL-PASSED']);
  });

  it('that are mere suggestions do not refuse', async () => {
    const suggested = {
      Filter: pdfName('Entrust.PPKEF'),
      SubFilter: pdfArray(pdfName('adbe.pkcs7.sha1')),
      V: 9,
      DigestMethod: names('RIPEMD160'),
      AddRevInfo: true,
      AppearanceFilter: pdfText('公司章'),
      ...cert({ Subject: pdfArray(ascii('not it')) }),
    };
    expect(await refusal(seeded(suggested), { fieldName: 'Seal' })).toBe('signed');
  });

  it('fill in what the caller left open', async () => {
    const pdf = seeded({
      Reasons: names('同意'),
      DigestMethod: names('SHA512'),
      MDP: PdfDict.of({ P: 2 }),
    });
    const signed = await signPdf(pdf, signer, { fieldName: 'Seal' });
    const [own] = (await verify(signed)).signatures;
    expect(own).toMatchObject({ kind: 'certification', digest: 'sha512' });
    const document = openPdf(new MemorySource(signed));
    const field = document.fields.find(({ name }) => name === 'Seal');
    const reason = document.resolveDict(field?.value)?.get('Reason');
    expect(reason instanceof PdfString ? decodeText(reason) : '').toBe('同意');
  });

  it('may close the document', async () => {
    const signed = await signPdf(seeded({ LockDocument: pdfName('true') }), signer, {
      fieldName: 'Seal',
    });
    expect(await indications(signed)).toEqual(['TOTAL-PASSED']);
    expect(await refusal(signed)).toMatchObject({ reason: 'certified-no-changes' });
  });
});
