/** The seal maker's key as the configuration names it: a PKCS#12 file or a token, with its secret from a file. */
import { readFileSync } from 'node:fs';
import type { Config } from '../../config/index.js';
import { AppError, Secret } from '../../kernel/index.js';
import type { SealMakerKeys } from '../../seal/index.js';
import type { TimestampClient } from '../../signing/index.js';
import { openPkcs12Key } from '../../token/pkcs12/index.js';
import type { SigningKey, TokenProvider } from '../../token/index.js';

export interface SealMakerOptions {
  readonly config: Config['seals'];
  readonly tokens: TokenProvider;
  /** For structures of version 5; they go without where there is no authority. */
  readonly timestamps: TimestampClient | undefined;
  /** Instead of the configured key. */
  readonly open?: SealMakerKeys['open'] | undefined;
}

export function createSealMaker(options: SealMakerOptions): SealMakerKeys {
  const { config, tokens, timestamps } = options;
  return {
    open: options.open ?? (() => openConfigured(config, tokens)),
    ...(timestamps === undefined
      ? {}
      : {
          timestamp: async (sha256: Uint8Array) =>
            (await timestamps.stamp(sha256, 'sha256')).tokenDer,
        }),
  };
}

async function openConfigured(
  { makerP12File, makerToken, makerSecretFile }: Config['seals'],
  tokens: TokenProvider,
): Promise<SigningKey> {
  if (makerSecretFile === undefined) throw unavailable();
  const text = Buffer.from(read(makerSecretFile)).toString('utf8').trim();
  using secret = Secret.fromText(text);
  if (makerP12File !== undefined) {
    return await openPkcs12Key({ der: read(makerP12File), password: secret });
  }
  if (makerToken !== undefined) return await tokens.open({ label: makerToken }, { pin: secret });
  throw unavailable();
}

function read(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw unavailable(cause);
  }
}

function unavailable(cause?: unknown): AppError {
  const message = 'no key that makes seals is configured, or its file cannot be read';
  return new AppError('seal-maker-unavailable', message, cause === undefined ? {} : { cause });
}
