/** Access tokens: JWT by the profile of RFC 9068, one algorithm, keys from our own set only. */
import jwt from 'jsonwebtoken';
import { AppError, newId, type Clock } from '../kernel/index.js';
import type { AccessKey, PublicJwk } from './access-keys.js';

const ALGORITHM = 'ES256';
const TYPE = 'at+jwt';
const MAX_TOKEN_LENGTH = 4096;
/** Header parameters that bring or point to a key, or demand what we do not do. */
const REFUSED_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64'] as const;

/** What a token says; whether the account is still so is asked at each call. */
export interface AccessClaims {
  readonly accountId: string;
  readonly sessionEpoch: number;
  /** SHA-256 (hex) of the certificate that logged in, where a UKey did. */
  readonly certificateSha256: string | undefined;
}

export interface IssuedToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

export interface AccessTokens {
  issue(claims: AccessClaims): IssuedToken;
  /** @throws AppError `unauthenticated` for every fault alike */
  verify(token: string): AccessClaims;
  jwks(): { readonly keys: readonly PublicJwk[] };
}

export interface AccessTokensOptions {
  /** The first signs; all verify, so that a key can be replaced without ending sessions. */
  readonly keys: readonly [AccessKey, ...AccessKey[]];
  readonly issuer: string;
  readonly audience: string;
  readonly ttlSeconds: number;
  readonly clock: Clock;
}

/** @see RFC 8725 (best practices), RFC 9068 (access tokens) */
export function createAccessTokens(options: AccessTokensOptions): AccessTokens {
  const { keys, issuer, audience, ttlSeconds, clock } = options;
  const byKid = new Map(keys.map((key) => [key.kid, key]));
  const nowSeconds = (): number => Math.floor(clock.now().getTime() / 1000);

  return {
    issue(claims) {
      const [key] = keys;
      const iat = nowSeconds();
      const payload = {
        iss: issuer,
        aud: audience,
        sub: claims.accountId,
        jti: newId('jti'),
        iat,
        exp: iat + ttlSeconds,
        epoch: claims.sessionEpoch,
        ...(claims.certificateSha256 === undefined ? {} : { cert: claims.certificateSha256 }),
      };
      const accessToken = jwt.sign(payload, key.privateKey, {
        algorithm: ALGORITHM,
        header: { alg: ALGORITHM, typ: TYPE, kid: key.kid },
      });
      return { accessToken, expiresAt: new Date(payload.exp * 1000) };
    },

    verify(token) {
      if (token.length > MAX_TOKEN_LENGTH) throw refused('too long');
      try {
        const key = byKid.get(keyIdOf(token));
        if (key === undefined) throw refused('unknown key');
        const payload: unknown = jwt.verify(token, key.publicKey, {
          algorithms: [ALGORITHM],
          issuer,
          audience,
          clockTimestamp: nowSeconds(),
        });
        return readClaims(payload);
      } catch (error) {
        if (error instanceof AppError) throw error;
        throw refused('not valid', error);
      }
    },

    jwks: () => ({ keys: keys.map((key) => key.jwk) }),
  };
}

/** The key id of a header that is as we write it. @throws AppError `unauthenticated` */
function keyIdOf(token: string): string {
  const decoded = jwt.decode(token, { complete: true });
  if (decoded === null) throw refused('not a JWT');
  const header: Readonly<Record<string, unknown>> = { ...decoded.header };
  if (REFUSED_HEADERS.some((name) => Object.hasOwn(header, name))) throw refused('header');
  if (header['alg'] !== ALGORITHM || header['typ'] !== TYPE) throw refused('header');
  const kid = header['kid'];
  if (typeof kid !== 'string') throw refused('header');
  return kid;
}

function readClaims(payload: unknown): AccessClaims {
  if (typeof payload !== 'object' || payload === null) throw refused('payload');
  const { sub, epoch, exp, cert } = payload as Readonly<Record<string, unknown>>;
  // `jsonwebtoken` lets a token without `exp` live for ever.
  if (typeof sub !== 'string' || typeof epoch !== 'number' || typeof exp !== 'number') {
    throw refused('claims');
  }
  if (cert !== undefined && typeof cert !== 'string') throw refused('claims');
  return { accountId: sub, sessionEpoch: epoch, certificateSha256: cert };
}

function refused(reason: string, cause?: unknown): AppError {
  return new AppError('unauthenticated', `access token: ${reason}`, { cause });
}
