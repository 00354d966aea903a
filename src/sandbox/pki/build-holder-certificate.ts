/** The certificates the development PKI issues, by profile. */
import { randomBytes } from 'node:crypto';
import { toHex } from '../../kernel/index.js';
import {
  authorityInfoAccessExtension,
  authorityKeyIdExtension,
  basicConstraintsExtension,
  buildCertificate,
  buildNameFromText,
  crlDistributionPointsExtension,
  extendedKeyUsageExtension,
  keyIdentifier,
  keyUsageExtension,
  ocspNoCheckExtension,
  OID,
  subjectKeyIdExtension,
  type SignatureScheme,
  type SignFunction,
} from '../../pki/index.js';
import { isRoot } from './declaration.js';

export type CertificateProfile =
  'root' | 'issuing' | 'tsa' | 'ocsp' | 'seal-maker' | 'signing' | 'encryption';

export interface ProfileInput {
  readonly profile: CertificateProfile;
  /** RFC 4514. */
  readonly subject: string;
  readonly publicKeyDer: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly issuer: {
    readonly id: string;
    readonly nameDer: Uint8Array;
    readonly publicKeyDer: Uint8Array;
    readonly scheme: SignatureScheme;
    readonly sign: SignFunction;
  };
  readonly baseUrl: string;
}

export interface BuiltCertificate {
  readonly der: Uint8Array;
  readonly serialHex: string;
}

export async function buildProfileCertificate(input: ProfileInput): Promise<BuiltCertificate> {
  const serialHex = newSerialHex();
  const der = await buildCertificate({
    serialHex,
    issuerNameDer: input.issuer.nameDer,
    subjectNameDer: buildNameFromText(input.subject),
    notBefore: input.notBefore,
    notAfter: input.notAfter,
    subjectPublicKeyDer: input.publicKeyDer,
    extensions: [
      ...profileExtensions(input.profile),
      subjectKeyIdExtension(input.publicKeyDer),
      ...(input.profile === 'root'
        ? []
        : [authorityKeyIdExtension(toHex(keyIdentifier(input.issuer.publicKeyDer)))]),
      ...addressExtensions(input),
    ],
    scheme: input.issuer.scheme,
    sign: input.issuer.sign,
  });
  return { der, serialHex };
}

/** 127 random bits: positive, and never shorter by a leading zero octet. */
function newSerialHex(): string {
  const octets = randomBytes(16);
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return toHex(octets);
}

function profileExtensions(profile: CertificateProfile): Uint8Array[] {
  switch (profile) {
    case 'root':
      return [basicConstraintsExtension(true), keyUsageExtension('keyCertSign', 'cRLSign')];
    case 'issuing':
      return [basicConstraintsExtension(true, 0), keyUsageExtension('keyCertSign', 'cRLSign')];
    case 'tsa':
      // RFC 3161 2.3: this purpose only, and critical.
      return [
        keyUsageExtension('digitalSignature'),
        extendedKeyUsageExtension([OID.timeStamping], true),
      ];
    case 'ocsp':
      return [
        keyUsageExtension('digitalSignature'),
        extendedKeyUsageExtension([OID.ocspSigning]),
        ocspNoCheckExtension(),
      ];
    case 'seal-maker':
    case 'signing':
      return [
        basicConstraintsExtension(false),
        keyUsageExtension('digitalSignature', 'nonRepudiation'),
      ];
    case 'encryption':
      return [
        basicConstraintsExtension(false),
        keyUsageExtension('keyEncipherment', 'dataEncipherment', 'keyAgreement'),
      ];
  }
}

function addressExtensions({ profile, issuer, baseUrl }: ProfileInput): Uint8Array[] {
  if (profile === 'root' || profile === 'ocsp') return [];
  return [
    crlDistributionPointsExtension([`${baseUrl}/crl/${issuer.id}.crl`]),
    authorityInfoAccessExtension({
      ...(isRoot(issuer.id) ? {} : { ocsp: [`${baseUrl}/ocsp`] }),
      caIssuers: [`${baseUrl}/ca/${issuer.id}.cer`],
    }),
  ];
}
