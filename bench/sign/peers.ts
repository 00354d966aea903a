/** The peers that run on Node.js, from file to file, each with the same key on the same token. */
import { readFileSync, writeFileSync } from 'node:fs';
import forge from 'node-forge';
import { PDF } from '@libpdf/core';
import { plainAddPlaceholder } from '@signpdf/placeholder-plain';
import { SignPdf } from '@signpdf/signpdf';
import { Signer } from '@signpdf/utils';
import type { RawToken } from '../raw-token.js';

export async function signWithLibPdf(
  input: string,
  output: string,
  token: RawToken,
  certificateDer: Uint8Array,
): Promise<void> {
  const pdf = await PDF.load(readFileSync(input));
  const { bytes } = await pdf.sign({
    signer: {
      certificate: certificateDer,
      keyType: 'RSA',
      signatureAlgorithm: 'RSASSA-PKCS1-v1_5',
      sign: (data) => Promise.resolve(new Uint8Array(token.sign(Buffer.from(data)))),
    },
  });
  writeFileSync(output, bytes);
}

/** DigestInfo of SHA-256, up to the digest. @see RFC 8017, 9.2 */
const SHA256_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** As `@signpdf/signer-p12` builds its CMS, with the token in place of the PKCS#12 key. */
class ForgeTokenSigner extends Signer {
  readonly #token: RawToken;
  readonly #certificateDer: Uint8Array;

  constructor(token: RawToken, certificateDer: Uint8Array) {
    super();
    this.#token = token;
    this.#certificateDer = certificateDer;
  }

  override sign(pdf: Buffer, signingTime?: Date): Promise<Buffer> {
    const der = forge.util.createBuffer(Buffer.from(this.#certificateDer).toString('binary'));
    const certificate = forge.pki.certificateFromAsn1(forge.asn1.fromDer(der));
    const p7 = forge.pkcs7.createSignedData();
    p7.content = forge.util.createBuffer(pdf.toString('binary'));
    p7.addCertificate(certificate);
    const key = {
      sign: (md: forge.md.MessageDigest): string => {
        const digest = Buffer.from(md.digest().getBytes(), 'binary');
        return this.#token.signDigestInfo(Buffer.concat([SHA256_INFO, digest])).toString('binary');
      },
    };
    const { oids } = forge.pki;
    p7.addSigner({
      // forge asks a key for nothing but `sign`.
      key: key as unknown as forge.pki.rsa.PrivateKey,
      certificate,
      digestAlgorithm: oids['sha256'] ?? '',
      authenticatedAttributes: [
        { type: oids['contentType'] ?? '', value: oids['data'] ?? '' },
        // forge takes a Date here, its types a string.
        { type: oids['signingTime'] ?? '', value: signingTime as unknown as string },
        { type: oids['messageDigest'] ?? '' },
      ],
    });
    p7.sign({ detached: true });
    return Promise.resolve(Buffer.from(forge.asn1.toDer(p7.toAsn1()).getBytes(), 'binary'));
  }
}

export async function signWithSignPdf(
  input: string,
  output: string,
  token: RawToken,
  certificateDer: Uint8Array,
  at: Date,
): Promise<void> {
  const prepared = plainAddPlaceholder({
    pdfBuffer: readFileSync(input),
    reason: 'bench',
    contactInfo: '',
    name: '',
    location: '',
    signingTime: at,
  });
  const signer = new ForgeTokenSigner(token, certificateDer);
  writeFileSync(output, await new SignPdf().sign(prepared, signer, at));
}
