/** Seals and their signatures put together by hand, by whoever makes them and with whatever is wrong in them. */
import { MemorySource, concatBytes, digestBytes, sha256Hex } from '../../src/kernel/index.js';
import {
  assembleSeal,
  assembleSesSignature,
  buildSealInfo,
  buildToSign,
  parseSeal,
  signAlgIDOf,
  type SES_CertList,
  type SES_SealInfo,
} from '../../src/eseal/index.js';
import type { SealReference, Signer } from '../../src/pades/index.js';
import { openPdf } from '../../src/pdf/index.js';
import { encodePng, readPicture, withPngMetadata } from '../../src/picture/index.js';
import {
  type Certificate,
  certificateSha256Hex,
  derBitString,
  derIa5,
  derInteger,
  derOctets,
  derOid,
  derSequence,
  derTime,
  derUtf8,
} from '../../src/pki/index.js';
import { composeAppearance } from '../../src/signing/index.js';
import { pictureDigests, type SealFacts, type SealRegister } from '../../src/verification/index.js';
import { signPdf } from '../support/sign-pdf.js';
import type { Honest } from './attack.js';
import type { Holder } from './authority.js';
import { CLAIMED_AT, withCms } from './workshop.js';

export const CODE = '3799990000123';
export const NAME = '示例市财政局合同专用章';
/** A seal holds its picture, and is in its signature. */
const HOLE_BYTES = 256 * 1024;
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';

/** A square of one colour, of 42 mm. */
function picture(shade: number): Uint8Array {
  const pixels = new Uint8Array(8 * 8 * 3).map((_, i) => (i % 3 === 0 ? 200 : shade));
  return withPngMetadata(encodePng(8, 8, pixels), (8 / 42) * 25.4);
}

export const OWN_PICTURE = picture(20);
export const OTHER_PICTURE = picture(90);

/** Whole certificates, or SM3 digests of them. */
export function listOf(holders: readonly Holder[], kind: 'certificates' | 'digests'): SES_CertList {
  const certs = holders.map(({ certificate }) => certificate.der);
  return kind === 'certificates'
    ? { certListType: 1, certs }
    : {
        certListType: 2,
        certDigests: certs.map((der) => ({ type: 'SM3', value: digestBytes('sm3', der) })),
      };
}

export interface SealRequest {
  readonly maker?: Holder;
  readonly list?: SES_CertList;
  readonly version?: 4 | 5;
  readonly code?: string;
  readonly name?: string;
  readonly picture?: Uint8Array;
  readonly validStart?: Date;
  readonly validEnd?: Date;
}

/** The seal of the finance bureau, which its first holder may use, unless the request has it otherwise. */
export function makeSeal({ holders }: Honest, request: SealRequest = {}): Uint8Array {
  const { maker = holders.sealMaker, version = 4 } = request;
  const validStart = request.validStart ?? new Date('2026-01-01T00:00:00Z');
  const info: SES_SealInfo = {
    vid: 'ATTACK',
    esID: request.code ?? CODE,
    property: {
      type: 1,
      name: request.name ?? NAME,
      certList: request.list ?? listOf([holders.signer], 'certificates'),
      createDate: new Date('2026-01-01T00:00:00Z'),
      validStart,
      validEnd: request.validEnd ?? new Date('2027-01-01T00:00:00Z'),
    },
    picture: { type: 'PNG', data: request.picture ?? OWN_PICTURE, width: 42, height: 42 },
    extDatas: [],
  };
  const infoDer = buildSealInfo(info, version);
  return assembleSeal({
    version,
    infoDer,
    cert: maker.certificate.der,
    signAlgID: signAlgIDOf(maker.certificate.publicKey.key!),
    signedValue: maker.sign(infoDer),
  });
}

/** The seal with `from` replaced by as many other bytes; its maker's value stays. */
export function altered(seal: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const at = Buffer.from(seal).indexOf(from);
  if (at < 0 || from.length !== to.length) throw new Error('not to be replaced so');
  const copy = seal.slice();
  copy.set(to, at);
  return copy;
}

export interface UseRequest {
  readonly signer?: Holder;
  /** What the page shows; the seal's own picture unless given. */
  readonly shown?: Uint8Array;
  readonly reference?: Partial<SealReference>;
}

/** A PAdES signature that shows the seal and carries its structure. */
export function sealedByPades(
  { plain, holders }: Honest,
  structureDer: Uint8Array,
  use: UseRequest = {},
): Promise<Uint8Array> {
  const { info } = parseSeal(structureDer);
  const document = openPdf(new MemorySource(plain));
  const shown = readPicture(use.shown ?? info.picture.data);
  const centre = { xPt: 200, yPt: 200 };
  return signPdf(plain, signerOf(use.signer ?? holders.signer), {
    appearance: composeAppearance(document, [
      { picture: shown, placements: [{ kind: 'point', page: 0, centre }] },
    ]),
    seal: {
      code: info.esID,
      name: info.property.name,
      version: 1,
      appearanceSha256: pictureDigests(document, shown)[0]!,
      structureDer,
      ...use.reference,
    },
  });
}

function signerOf({ certificate, sign }: Holder): Signer {
  const algorithm = certificate.publicKey.key;
  if (algorithm === undefined) throw new Error('not a key to sign with');
  return {
    certificateDer: certificate.der,
    chainDer: [],
    algorithm,
    sign: (message) => Promise.resolve(sign(message)),
  };
}

/** Who signs with a seal, wherever the key is. */
export interface SesSigner {
  readonly certificate: Certificate;
  readonly sign: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

export interface SesRequest {
  readonly signer?: SesSigner;
  /** Whose certificate is sent, where it is another's. */
  readonly sent?: SesSigner;
  readonly dataHash?: Uint8Array;
  readonly timeInfo?: Date;
  /** The seal that is sent, where it is another than was signed. */
  readonly swapped?: Uint8Array;
  /** What follows the structure in its hole. */
  readonly behind?: Uint8Array;
}

/** A signature that the seal itself gives (GM.sm2seal). */
export function sealedBySes(
  honest: { readonly plain: Uint8Array; readonly holders: { readonly signer: SesSigner } },
  sealDer: Uint8Array,
  request: SesRequest = {},
): Promise<Uint8Array> {
  const { signer = honest.holders.signer, sent = signer } = request;
  return withSes(honest.plain, async (content) => {
    const toSign = (eseal: Uint8Array): Uint8Array =>
      buildToSign({
        version: parseSeal(eseal).version === 5 ? 5 : 4,
        eseal: parseSeal(eseal),
        timeInfo: request.timeInfo ?? CLAIMED_AT,
        dataHash: request.dataHash ?? digestBytes('sm3', content),
        propertyInfo: '/ByteRange',
        extDatas: [],
      });
    const structure = assembleSesSignature({
      toSignDer: toSign(request.swapped ?? sealDer),
      cert: sent.certificate.der,
      signatureAlgID: signAlgIDOf(sent.certificate.publicKey.key!),
      signature: await signer.sign(toSign(sealDer)),
    });
    return concatBytes([structure, request.behind ?? new Uint8Array()]);
  });
}

/** Signs with a structure in place of a CMS. */
function withSes(
  pdf: Uint8Array,
  make: (content: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  const subFilter = '/ETSI.CAdES.detached';
  return withCms(pdf, make, { contentsBytes: HOLE_BYTES }, (text) =>
    text.replace(subFilter, '/GM.sm2seal'.padEnd(subFilter.length)),
  );
}

/** Seal and signature of GM/T 0031-2014, which nobody writes any more. */
export function sealedByVersion1(
  { plain, holders }: Honest,
  change: { readonly isListed?: boolean; readonly validEnd?: Date } = {},
): Promise<Uint8Array> {
  const { sealMaker: maker, signer, peer } = holders;
  const listed = change.isListed === false ? peer : signer;
  const infoDer = derSequence(
    derSequence(derIa5('ES'), derInteger(1), derIa5('ATTACK')),
    derIa5(CODE),
    derSequence(
      derInteger(1),
      derUtf8(NAME),
      derSequence(derOctets(listed.certificate.der)),
      derTime(new Date('2026-01-01T00:00:00Z')),
      derTime(new Date('2026-01-01T00:00:00Z')),
      derTime(change.validEnd ?? new Date('2027-01-01T00:00:00Z')),
    ),
    derSequence(derIa5('PNG'), derOctets(OWN_PICTURE), derInteger(42), derInteger(42)),
  );
  const by = [derOctets(maker.certificate.der), derOid(ECDSA_SHA256)];
  const value = maker.sign(derSequence(infoDer, ...by));
  const seal = derSequence(infoDer, derSequence(...by, derBitString(value)));
  return withSes(plain, (content) => {
    const toSign = derSequence(
      derInteger(1),
      seal,
      derBitString(new TextEncoder().encode('20261120080000Z')),
      derBitString(digestBytes('sm3', content)),
      derIa5('/ByteRange'),
      derOctets(signer.certificate.der),
      derOid(ECDSA_SHA256),
    );
    return derSequence(toSign, derBitString(signer.sign(toSign)));
  });
}

/** A register that knows one seal. */
export function registerOf(
  structureDer: Uint8Array,
  holders: readonly Holder[],
  facts: Partial<SealFacts> = {},
): SealRegister {
  const known: SealFacts = {
    name: NAME,
    statusHistory: [{ at: new Date('2026-01-01T00:00:00Z'), status: 'active' }],
    validFrom: new Date('2026-01-01T00:00:00Z'),
    validUntil: new Date('2027-01-01T00:00:00Z'),
    certificateSha256: holders.map(({ certificate }) => certificateSha256Hex(certificate)),
    structureSha256: sha256Hex(structureDer),
    appearanceSha256: undefined,
    ...facts,
  };
  return {
    find: (code) => Promise.resolve(code === CODE ? known : undefined),
    findStructure: (code, sha256) =>
      Promise.resolve(
        code !== CODE ? undefined : sha256 === known.structureSha256 ? known : 'other-structure',
      ),
  };
}
