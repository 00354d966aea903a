/** Writes a `SES_Signature` of version 4 or 5, around a key that is elsewhere. */
import {
  derBitString,
  derContext,
  derGeneralizedTime,
  derIa5,
  derInteger,
  derOctets,
  derOid,
  derSequence,
} from '../pki/index.js';
import type { TBS_Sign } from './types.js';
import { extensionDatasDer } from './write-seal.js';

/** What the signer signs: DER of `TBS_Sign`. The seal goes in byte for byte as it was received. */
export function buildToSign(toSign: TBS_Sign): Uint8Array {
  return derSequence(
    derInteger(toSign.version),
    toSign.eseal.der,
    derGeneralizedTime(toSign.timeInfo),
    derBitString(toSign.dataHash),
    derIa5(toSign.propertyInfo),
    toSign.extDatas.length === 0 ? undefined : derContext(0, extensionDatasDer(toSign.extDatas)),
  );
}

export interface SignatureParts {
  /** From {@link buildToSign}. */
  readonly toSignDer: Uint8Array;
  readonly cert: Uint8Array;
  readonly signatureAlgID: string;
  readonly signature: Uint8Array;
  /** An RFC 3161 token over `signature`. */
  readonly timeStamp?: Uint8Array;
}

export function assembleSesSignature(parts: SignatureParts): Uint8Array {
  return derSequence(
    parts.toSignDer,
    derOctets(parts.cert),
    derOid(parts.signatureAlgID),
    derBitString(parts.signature),
    parts.timeStamp === undefined ? undefined : derContext(0, derBitString(parts.timeStamp)),
  );
}
