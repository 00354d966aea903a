import { beforeAll, describe, expect, it } from '@jest/globals';
import { MemorySource, concatBytes, sha256Hex, utf8ToBytes } from '../../../src/kernel/index.js';
import { parseSeal, type SES_SealInfo } from '../../../src/eseal/index.js';
import {
  beginSignature,
  finishSignature,
  pictureSha256,
  type SealReference,
  type Signer,
} from '../../../src/pades/index.js';
import { PdfStream, beginRevision, openPdf } from '../../../src/pdf/index.js';
import { readPicture } from '../../../src/picture/index.js';
import { composeAppearance, pictureRules } from '../../../src/signing/index.js';
import { drawSeal, drawingToPng, drawingToSvg, type SealDrawing } from '../../../src/seal/index.js';
import type { TrustStore } from '../../../src/trust/index.js';
import {
  verifyPdf,
  type SealRegister,
  type SignatureReport,
} from '../../../src/verification/index.js';
import { samplePdf } from '../../support/contract-pdf.js';
import { TestPki } from '../../support/test-pki.js';
import { makers, sealDer, sealInfo, type Makers } from '../eseal/test-seal.js';
import { FONT } from '../seal/seal-fixture.js';

const at = new Date('2026-11-23T00:00:00Z');
const claimedAt = new Date('2026-11-22T08:00:00Z');
const PT_PER_MM = 72 / 25.4;
let pki: TestPki;
let seals: Makers;
let signer: Signer;
let pdf: Uint8Array;
const specimen = (name: string): SealDrawing =>
  drawSeal({ name, kind: 'contract', code: '3701020000011', font: FONT, specimen: true });
const picture = drawingToPng(specimen('示例市教育局'), 150);
const svg = utf8ToBytes(drawingToSvg(specimen('示例市教育局')));
const otherPicture = drawingToPng(specimen('示例市财政局'), 150);

beforeAll(async () => {
  pki = await TestPki.create();
  seals = await makers();
  signer = await pki.issue('CN=甲,O=示例市教育局,C=CN');
  pdf = await samplePdf();
});

function infoFor(change: Partial<SES_SealInfo> = {}): SES_SealInfo {
  const info = sealInfo([signer.certificateDer]);
  return { ...info, picture: { type: 'PNG', data: picture, width: 42, height: 42 }, ...change };
}

interface Use {
  /** What the page shows, where it is not the seal's picture. */
  readonly shown?: Uint8Array;
  readonly reference?: Partial<SealReference>;
  /** The seal is only named. */
  readonly isBare?: boolean;
}

/** Signs with a seal as whoever holds a signing key could, whether or not the seal allows it. */
async function signWith(structureDer: Uint8Array, use: Use = {}): Promise<Uint8Array> {
  const document = openPdf(new MemorySource(pdf));
  const seal = parseSeal(structureDer);
  const shown = readPicture(use.shown ?? seal.info.picture.data, 42 * PT_PER_MM);
  const writer = beginRevision(document);
  const form = writer.resolve(shown.addTo(writer, pictureRules(document)));
  if (!(form instanceof PdfStream)) throw new Error('a picture without a form');
  const pending = beginSignature(document, signer, {
    claimedAt,
    appearance: composeAppearance(document, [
      {
        picture: shown,
        widthMm: 42,
        placements: [{ kind: 'point', page: 0, centre: { xPt: 200, yPt: 200 } }],
      },
    ]),
    seal: {
      code: seal.info.esID,
      name: seal.info.property.name,
      version: seal.version,
      appearanceSha256: pictureSha256(form, (value) => writer.resolve(value)),
      ...(use.isBare === true ? {} : { structureDer }),
      ...use.reference,
    },
  });
  const value = await signer.sign(pending.signedAttributes, pending.scheme);
  return concatBytes([pdf, finishSignature(pending, value)]);
}

function trust(withMaker = true): TrustStore {
  const nothing = { intermediatesDer: [], crlsDer: [], ocspDer: [] };
  const profiles = [
    {
      name: 'signers',
      anchorsDer: [pki.rootDer],
      usages: ['contract-signing'] as const,
      ...nothing,
    },
    {
      name: 'seals',
      anchorsDer: withMaker ? [seals.root.certificate.der] : [],
      usages: ['seal-making'] as const,
      ...nothing,
    },
  ];
  return { profiles: () => Promise.resolve(profiles) };
}

async function judged(
  file: Uint8Array,
  believed = trust(),
  register: { readonly seals?: SealRegister } = {},
): Promise<SignatureReport> {
  const report = await verifyPdf(file, { fileName: 'a.pdf', trust: believed, at, ...register });
  return report.signatures[0]!;
}

const codes = (report: SignatureReport): readonly string[] =>
  report.messages.map(({ code }) => code);

describe('a signature that carries its seal', () => {
  it.each([4, 5] as const)('passes with all of it, version %d', async (version) => {
    const info =
      version === 4
        ? infoFor()
        : infoFor({ picture: { type: 'SVG', data: svg, width: 42, height: 42 } });
    const report = await judged(await signWith(await sealDer(seals.maker, info, version)));
    expect(report).toMatchObject({
      indication: 'TOTAL-PASSED',
      seal: { code: info.esID, name: info.property.name, status: 'valid', pictureMatches: true },
    });
  });

  it('cannot be decided where nobody vouches for the maker', async () => {
    const file = await signWith(await sealDer(seals.maker, infoFor()));
    expect(await judged(file, trust(false))).toMatchObject({
      indication: 'INDETERMINATE',
      seal: { status: 'unknown' },
    });
  });

  it('cannot be decided where the maker is the signer’s own', async () => {
    const forger = await makers();
    const report = await judged(await signWith(await sealDer(forger.maker, infoFor())));
    expect(report.indication).toBe('INDETERMINATE');
  });
});

describe('a seal that somebody vouches for, who has no register', () => {
  const stating = (
    statusHistory: readonly { at: Date; status: 'active' | 'revoked' }[],
    name = infoFor().property.name,
  ): { readonly seals: SealRegister } => ({
    seals: {
      statedBy: 'key-1',
      find: (code) =>
        Promise.resolve(
          code === infoFor().esID
            ? {
                name,
                statusHistory,
                validFrom: new Date('2026-01-01T00:00:00Z'),
                validUntil: new Date('2029-01-01T00:00:00Z'),
                certificateSha256: [sha256Hex(signer.certificateDer)],
                appearanceSha256: undefined,
              }
            : undefined,
        ),
      findStructure: () => Promise.resolve(undefined),
    },
  });
  const active = { at: new Date('2026-01-01T00:00:00Z'), status: 'active' } as const;
  const revoked = { at: new Date('2026-06-01T00:00:00Z'), status: 'revoked' } as const;
  const sign = async (use: Use): Promise<Uint8Array> =>
    signWith(await sealDer(seals.maker, infoFor()), use);

  it('has the status that is stated, and the report says by whom', async () => {
    const file = await sign({ isBare: true });
    const alone = await judged(file);
    expect([alone.seal?.status, codes(alone)]).toEqual([
      'unknown',
      expect.arrayContaining(['seal-unknown']),
    ]);
    const report = await judged(file, trust(), stating([active]));
    expect(report).toMatchObject({ indication: 'TOTAL-PASSED', seal: { status: 'valid' } });
    expect(codes(report)).not.toContain('seal-unknown');
    expect(report.messages.find(({ code }) => code === 'seal-stated-by')?.textEn).toMatch(/key-1$/);
  });

  it('fails where it is stated to be revoked, or another', async () => {
    const file = await sign({ isBare: true });
    expect(await judged(file, trust(), stating([active, revoked]))).toMatchObject({
      indication: 'TOTAL-FAILED',
      seal: { status: 'revoked' },
    });
    const other = await judged(file, trust(), stating([active], '别的印章'));
    expect(other.indication).toBe('TOTAL-FAILED');
  });

  it('is unknown, not forged, where nothing is stated of it', async () => {
    const file = await sign({ isBare: true, reference: { code: '3701020000099' } });
    const report = await judged(file, trust(), stating([active]));
    expect(report).toMatchObject({ indication: 'TOTAL-PASSED', seal: { status: 'unknown' } });
    expect(codes(report)).toContain('seal-unknown');
  });

  it('still needs a maker that is believed where it comes along', async () => {
    const report = await judged(await sign({}), trust(false), stating([active]));
    expect(report).toMatchObject({ indication: 'INDETERMINATE', seal: { status: 'unknown' } });
  });
});

describe('a signature that carries a seal it should not', () => {
  it('fails where the signer is not in the list', async () => {
    const der = await sealDer(
      seals.maker,
      infoFor({ property: sealInfo([seals.signer.certificate.der]).property }),
    );
    const report = await judged(await signWith(der));
    expect(report).toMatchObject({
      indication: 'TOTAL-FAILED',
      subIndication: 'SIG_CONSTRAINTS_FAILURE',
    });
    expect(codes(report)).toContain('seal-certificate-mismatch');
  });

  it('fails where the page shows another picture', async () => {
    const der = await sealDer(seals.maker, infoFor());
    const report = await judged(await signWith(der, { shown: otherPicture }));
    expect(report).toMatchObject({
      indication: 'TOTAL-FAILED',
      seal: { pictureMatches: false },
    });
    expect(codes(report)).toContain('seal-picture-mismatch');
  });

  it('fails where the seal named is another', async () => {
    const der = await sealDer(seals.maker, infoFor());
    const report = await judged(await signWith(der, { reference: { code: '3701020000029' } }));
    expect(codes(report)).toContain('seal-structure-mismatch');
    expect(report.indication).toBe('TOTAL-FAILED');
  });

  it('fails where the seal had ended', async () => {
    const { property, ...rest } = infoFor();
    const ended = { ...property, validEnd: new Date('2026-11-01T00:00:00Z') };
    const report = await judged(
      await signWith(await sealDer(seals.maker, { ...rest, property: ended })),
    );
    expect(report).toMatchObject({ indication: 'TOTAL-FAILED', seal: { status: 'expired' } });
  });

  it('fails where the seal was altered, though signed again', async () => {
    const der = await sealDer(seals.maker, infoFor());
    const changed = der.slice();
    const name = utf8ToBytes('合同专用章');
    const offset = Buffer.from(changed).indexOf(name) + name.length - 1;
    changed[offset] = (changed[offset] ?? 0) ^ 1;
    const report = await judged(await signWith(changed));
    expect(codes(report)).toContain('seal-maker-signature-invalid');
    expect(report.indication).toBe('TOTAL-FAILED');
  });

  it('fails where the seal is no seal', async () => {
    const der = await sealDer(seals.maker, infoFor());
    const reference = { structureDer: Uint8Array.of(0x30, 0) };
    const report = await judged(await signWith(der, { reference }));
    expect(codes(report)).toContain('seal-structure-malformed');
    expect(report.indication).toBe('TOTAL-FAILED');
  });
});
