/** Builds CRLs, for development PKIs and tests. */
import {
  derContext,
  derElement,
  derEnumerated,
  derGeneralizedTime,
  derIa5,
  derInteger,
  derIntegerHex,
  derSequence,
  derSequenceOf,
  derTime,
  OID,
} from '../asn1/index.js';
import {
  authorityKeyIdExtension,
  buildExtension,
  signStructure,
} from '../x509/build-certificate.js';
import { signatureAlgorithmDer, type SignatureScheme, type SignFunction } from '../x509/index.js';
import { revocationReasonCode, type RevocationReason } from './reasons.js';

export interface RevokedCertificate {
  readonly serialHex: string;
  readonly revokedAt: Date;
  readonly reason?: RevocationReason;
  readonly invalidityDate?: Date;
}

export interface CrlInput {
  readonly issuerNameDer: Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly number: number | bigint;
  readonly entries: readonly RevokedCertificate[];
  /** The issuer's subject key identifier. */
  readonly authorityKeyIdHex?: string;
  /** Encoded Extensions beside number and key identifier. */
  readonly furtherExtensions?: readonly Uint8Array[];
  readonly scheme: SignatureScheme;
  readonly sign: SignFunction;
}

/** A version 2 CRL. @throws AppError `algorithm-unsupported`, and whatever `sign` throws */
export async function buildCrl(input: CrlInput): Promise<Uint8Array> {
  const extensions = [
    ...(input.authorityKeyIdHex === undefined
      ? []
      : [authorityKeyIdExtension(input.authorityKeyIdHex)]),
    buildExtension(OID.crlNumber, derInteger(input.number)),
    ...(input.furtherExtensions ?? []),
  ];
  const tbs = derSequence(
    derInteger(1),
    signatureAlgorithmDer(input.scheme),
    input.issuerNameDer,
    derTime(input.thisUpdate),
    derTime(input.nextUpdate),
    // An empty list must be absent.
    input.entries.length === 0 ? undefined : derSequenceOf(input.entries.map(derEntry)),
    derContext(0, derSequence(...extensions)),
  );
  return signStructure(tbs, input.scheme, input.sign);
}

function derEntry(entry: RevokedCertificate): Uint8Array {
  const extensions: Uint8Array[] = [];
  // RFC 5280 5.3.1: `unspecified` is said by leaving the extension out.
  if (entry.reason !== undefined && entry.reason !== 'unspecified') {
    extensions.push(
      buildExtension(OID.reasonCode, derEnumerated(revocationReasonCode(entry.reason))),
    );
  }
  if (entry.invalidityDate !== undefined) {
    extensions.push(buildExtension(OID.invalidityDate, derGeneralizedTime(entry.invalidityDate)));
  }
  return derSequence(
    derIntegerHex(entry.serialHex),
    derTime(entry.revokedAt),
    extensions.length === 0 ? undefined : derSequence(...extensions),
  );
}

/** Critical IssuingDistributionPoint extension of a CRL for one address, or for one kind of certificate. */
export function issuingDistributionPointExtension(scope: {
  readonly url?: string;
  readonly only?: 'user' | 'ca';
  readonly isIndirect?: boolean;
}): Uint8Array {
  const yes = Uint8Array.of(0xff);
  return buildExtension(
    OID.issuingDistributionPoint,
    derSequence(
      scope.url === undefined ? undefined : derContext(0, derContext(0, derIa5(scope.url, 0x86))),
      scope.only === 'user' ? derElement(0x81, yes) : undefined,
      scope.only === 'ca' ? derElement(0x82, yes) : undefined,
      scope.isIndirect === true ? derElement(0x84, yes) : undefined,
    ),
    true,
  );
}
