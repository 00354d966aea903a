/** What the service and a module's process say to each other. Bytes in headers are base64. */
import {
  AppError,
  isAppError,
  type AppErrorOptions,
  type ErrorCode,
} from '../../../kernel/index.js';
import type {
  KeyAlgorithm,
  SignatureScheme,
  SigningKey,
  TokenCertificate,
  TokenListing,
  TokenSelector,
  TokenSlot,
} from '../../index.js';
import type { PresentToken, PresentTokens } from '../module-access.js';
import type { ModuleOptions } from '../module-tokens.js';

/** First frame of a process: which module it hosts, and how. */
export interface HostSettings extends Pick<
  ModuleOptions,
  'idleLogoutMs' | 'callTimeoutMs' | 'maxSessions' | 'sm2Mechanisms'
> {
  readonly modulePath: string;
}

export type HostCall =
  | { readonly call: 'start'; readonly settings: HostSettings }
  | { readonly call: 'list' }
  | { readonly call: 'find' }
  /** Body: the PIN. */
  | {
      readonly call: 'open';
      readonly token: PresentToken;
      readonly selector: TokenSelector;
      readonly confirmFinalTry: boolean;
    }
  /** Body: the message. Answered with the signature as body. */
  | { readonly call: 'sign'; readonly keyId: number; readonly scheme: SignatureScheme }
  | { readonly call: 'release'; readonly keyId: number };

export type HostRequest = HostCall & { readonly id: number };

export interface HostResponse {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: WireError;
}

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly params: AppError['params'];
}

export interface WireKey {
  readonly keyId: number;
  readonly certificateB64: string;
  readonly chainB64: readonly string[];
  readonly algorithm: KeyAlgorithm;
  readonly authentication: SigningKey['authentication'];
}

type WireCertificate = Omit<TokenCertificate, 'der' | 'algorithm'> & {
  readonly derB64: string;
  readonly algorithm: KeyAlgorithm | null;
};

export interface WireListing {
  readonly slots: readonly (Omit<TokenSlot, 'certificates' | 'signingCertificate'> & {
    readonly certificates: readonly WireCertificate[];
    /** Index into `certificates`; -1 for none. */
    readonly signing: number;
  })[];
  readonly faults: TokenListing['faults'];
}

export type WirePresence = PresentTokens;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

export function wireListing({ slots, faults }: TokenListing): WireListing {
  return {
    faults,
    slots: slots.map(({ certificates, signingCertificate, ...slot }) => ({
      ...slot,
      certificates: certificates.map(({ der, algorithm, ...rest }) => ({
        ...rest,
        derB64: base64(der),
        algorithm: algorithm ?? null,
      })),
      signing: signingCertificate === undefined ? -1 : certificates.indexOf(signingCertificate),
    })),
  };
}

export function listingOf({ slots, faults }: WireListing): TokenListing {
  return {
    faults,
    slots: slots.map(({ certificates: wire, signing, ...slot }) => {
      const certificates = wire.map(({ derB64, algorithm, ...rest }) => ({
        ...rest,
        der: bytesOf(derB64),
        algorithm: algorithm ?? undefined,
      }));
      return { ...slot, certificates, signingCertificate: certificates[signing] };
    }),
  };
}

export function wireKey(keyId: number, key: SigningKey): WireKey {
  return {
    keyId,
    certificateB64: base64(key.certificateDer),
    chainB64: key.chainDer.map(base64),
    algorithm: key.algorithm,
    authentication: key.authentication,
  };
}

export function wireError(error: unknown): WireError {
  if (isAppError(error)) {
    return { code: error.code, message: error.message, params: error.params };
  }
  return {
    code: 'token-failed',
    message: error instanceof Error ? error.name : 'unknown failure in the module process',
    params: {},
  };
}

export function errorOf({ code, message, params }: WireError): AppError {
  const options: AppErrorOptions = { params };
  return new AppError(code, message, options);
}
