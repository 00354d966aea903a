/** What anybody may know of a seal as it was at a time, signed, and no more: no person, no unit's affairs. */
import {
  AppError,
  canonicalJson,
  sha256Hex,
  toRfc3339,
  utf8ToBytes,
  type Clock,
} from '../../kernel/index.js';
import { SCOPE_ALL, type Collection } from '../../store/index.js';
import type {
  EffectiveSealStatus,
  RevocationReason,
  SealIndex,
  SealKind,
  SealRecord,
} from '../record.js';
import { effectiveStatus, versionAt } from '../status.js';

/** Signs a JSON object as a compact JWS. @see RFC 7515 */
export interface JwsSigner {
  /** @param type - The header's `typ`: keeps one kind of statement from being taken for another. */
  sign(type: string, payload: object): string;
}

export interface PublicSealFacts {
  readonly code: string;
  /** As on the seal; a person's name on a representative's seal is not given out. */
  readonly name: string;
  readonly kind: SealKind;
  readonly status: EffectiveSealStatus;
  readonly validFrom: string;
  readonly validUntil: string;
  /** Of a seal that was revoked by then. */
  readonly revocation: { readonly at: string; readonly reason: RevocationReason } | null;
}

export interface SignedSealStatus extends PublicSealFacts {
  readonly at: Date;
  /** The same facts with `iss`, `sub` (the code), `iat` and `exp`, as a compact JWS. */
  readonly jws: string;
  /** How long an answer may be kept, and the name of what it says for as long. */
  readonly maxAgeSeconds: number;
  readonly validator: string;
  readonly expiresAt: Date;
}

export interface SignedSealStatusOptions {
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'getBy'>;
  readonly signer: JwsSigner;
  readonly issuer: string;
  readonly clock: Clock;
}

export const STATUS_TYPE = 'seal-status+jwt';
const PERSONAL_NAME = '法定代表人名章';

/** A status of now may change at any moment; one of the past does not change any more. */
const PRESENT = { windowSeconds: 60, lifeSeconds: 300 };
const PAST = { windowSeconds: 3600, lifeSeconds: 86_400 };

/** @throws AppError `seal-not-found` from the function returned */
export function createSignedSealStatus({
  seals,
  signer,
  issuer,
  clock,
}: SignedSealStatusOptions): (code: string, at: Date | undefined) => Promise<SignedSealStatus> {
  return async (code, asked) => {
    const now = clock.now();
    const at = asked ?? now;
    const seal = await seals.getBy('code', code, SCOPE_ALL);
    if (seal === undefined) throw new AppError('seal-not-found', 'no such seal');
    const facts = factsAt(seal, at);
    const nowSeconds = Math.floor(now.getTime() / 1000);
    const isPast = at.getTime() / 1000 < nowSeconds - PRESENT.windowSeconds;
    const { windowSeconds, lifeSeconds } = isPast ? PAST : PRESENT;
    const window = Math.floor(nowSeconds / windowSeconds);
    const iat = isPast ? window * windowSeconds : nowSeconds;
    const exp = iat + lifeSeconds;
    const claims = { iss: issuer, sub: code, iat, exp, at: toRfc3339(at), ...facts };
    const named = asked === undefined ? facts : { ...facts, at: toRfc3339(at) };
    return {
      ...facts,
      at,
      jws: signer.sign(STATUS_TYPE, claims),
      maxAgeSeconds: windowSeconds,
      validator: sha256Hex(utf8ToBytes(canonicalJson({ ...named, window }))),
      expiresAt: new Date(exp * 1000),
    };
  };
}

function factsAt(seal: SealRecord, at: Date): PublicSealFacts {
  const version = versionAt(seal, at);
  if (version === undefined) throw new AppError('internal', 'a seal without versions');
  const status = effectiveStatus(seal, at);
  const { code, kind, revocation } = seal;
  return {
    code,
    name: kind === 'legal-person' ? PERSONAL_NAME : seal.name,
    kind,
    status,
    validFrom: version.validFrom,
    validUntil: version.validUntil,
    revocation:
      status === 'revoked' && revocation !== undefined
        ? { at: revocation.at, reason: revocation.reason }
        : null,
  };
}
