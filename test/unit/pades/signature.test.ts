import { beforeAll, describe, expect, it } from '@jest/globals';
import { MemorySource, equalBytes } from '../../../src/kernel/index.js';
import { beginSignature, embedCms, type Signer } from '../../../src/pades/index.js';
import { openPdf } from '../../../src/pdf/index.js';
import { parseSignedData } from '../../../src/pki/index.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { signPdf } from '../../support/sign-pdf.js';
import { TestPki } from '../../support/test-pki.js';

let signer: Signer;
let pdf: Uint8Array;

beforeAll(async () => {
  const pki = await TestPki.create();
  signer = await pki.issue('CN=签署人,O=示例市财政局,C=CN');
  pdf = await samplePdf();
});

const claimedAt = new Date('2026-11-20T08:00:00Z');
const open = (bytes: Uint8Array) => openPdf(new MemorySource(bytes));

describe('signing a revision', () => {
  it.each([{ useObjectStreams: false }, { useObjectStreams: true }])(
    'leaves every earlier byte as it was, signature after signature (%o)',
    async (options) => {
      const original = await samplePdf(options);
      const once = await signPdf(original, signer);
      const twice = await signPdf(once, signer);
      expect(equalBytes(once.subarray(0, original.length), original)).toBe(true);
      expect(equalBytes(twice.subarray(0, once.length), once)).toBe(true);
      expect(open(twice).revisions).toHaveLength(3);
    },
  );

  it('is deterministic but for the signature value', () => {
    const document = open(pdf);
    const a = beginSignature(document, signer, { claimedAt });
    const b = beginSignature(open(pdf), signer, { claimedAt });
    expect(equalBytes(a.prepared.appended, b.prepared.appended)).toBe(true);
    expect(equalBytes(a.signedAttributes, b.signedAttributes)).toBe(true);
  });

  it('gives the same file for the same input, key and time, but for a value with salt', async () => {
    const plain = await signPdf(pdf, signer);
    expect(equalBytes(plain, await signPdf(pdf, signer))).toBe(true);
    const [a, b] = [
      await signPdf(pdf, signer, { isPss: true }),
      await signPdf(pdf, signer, { isPss: true }),
    ];
    const { contents } = beginSignature(open(pdf), signer, { claimedAt, isPss: true }).prepared;
    const outside = (bytes: Uint8Array): Uint8Array => {
      const copy = bytes.slice();
      return copy.fill(0, contents.start, contents.end);
    };
    expect(equalBytes(a, b)).toBe(false);
    expect(equalBytes(outside(a), outside(b))).toBe(true);
  });

  it('writes exactly the attributes that PAdES wants, and no signing time', async () => {
    const signed = await signPdf(pdf, signer);
    const document = open(signed);
    const dict = document.resolveDict(document.fields[0]?.value);
    const contents = document.resolve(dict?.get('Contents'));
    if (!(contents instanceof Object) || !('bytes' in contents)) throw new Error('no Contents');
    const [info] = parseSignedData(contents.bytes).signerInfos;
    expect(info?.attributes.signingTime).toBeUndefined();
    expect(info?.attributes.signingCertificates.map(({ version }) => version)).toEqual([2]);
    expect(info?.signedAttributes).toHaveLength(3);
    expect(dict?.has('M')).toBe(true);
    expect(dict?.has('Cert')).toBe(false);
  });

  it('says how much room was needed when the CMS does not fit', () => {
    const { prepared } = beginSignature(open(pdf), signer, { claimedAt });
    const tooLarge = new Uint8Array(prepared.contents.end - prepared.contents.start);
    expect(() => embedCms(prepared, tooLarge)).toThrow(
      expect.objectContaining({ code: 'signature-too-large' }),
    );
  });

  it('refuses a field that is signed already', async () => {
    const signed = await signPdf(pdf, signer, { fieldName: 'Supplier1' });
    await expect(signPdf(signed, signer, { fieldName: 'Supplier1' })).rejects.toMatchObject({
      code: 'pdf-field-exists',
    });
  });

  it('refuses to sign what a certification closed, and to certify what is signed', async () => {
    const certified = await signPdf(pdf, signer, { certify: 1 });
    await expect(signPdf(certified, signer)).rejects.toMatchObject({
      code: 'pdf-signing-not-permitted',
    });
    const signed = await signPdf(pdf, signer);
    await expect(signPdf(signed, signer, { certify: 2 })).rejects.toMatchObject({
      code: 'pdf-signing-not-permitted',
    });
    const open2 = await signPdf(pdf, signer, { certify: 2 });
    await expect(signPdf(open2, signer)).resolves.toBeInstanceOf(Uint8Array);
  });
});
