/**
 * Software UKeys: SoftHSM tokens with a signing and an encryption pair each, keys made on the token,
 * certificates from the development PKI. PINs go through the PKCS#11 calls, never through arguments.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pkcs11js from 'pkcs11js';
import { AppError, isAppError, type Clock, type Secret } from '../../kernel/index.js';
import { SoftToken } from './soft-token.js';
import type { TokenKeyType } from './token-key-pair.js';

export interface SoftTokenDeclaration {
  readonly label: string;
  readonly pin: Secret;
  readonly soPin: Secret;
  /** Of both certificates, RFC 4514. */
  readonly subject: string;
  /** `rsa-2048` unless given. */
  readonly keyType?: TokenKeyType;
  /** Issuing CA; the first one of the PKI unless given. */
  readonly issuerId?: string;
}

export interface ProvisionSoftHsmInput {
  /** Holds `softhsm2.conf` and the tokens; readable by its owner only. */
  readonly directory: string;
  /** `libsofthsm2.so` */
  readonly modulePath: string;
  /** A PKI that `initPki` made. */
  readonly pkiDirectory: string;
  readonly clock: Clock;
  readonly tokens: readonly SoftTokenDeclaration[];
}

export interface ProvisionedToken {
  readonly label: string;
  readonly serial: string;
  readonly signingCertificateDer: Uint8Array;
  readonly encryptionCertificateDer: Uint8Array;
}

export interface ProvisionedSoftHsm {
  /** For `SOFTHSM2_CONF` of every process that loads the module on these tokens. */
  readonly confPath: string;
  readonly tokens: readonly ProvisionedToken[];
}

/**
 * Makes the tokens declared, or what is missing of them. Sets `SOFTHSM2_CONF` of this process, since
 * SoftHSM takes its configuration from nowhere else, and reads it when it is initialised.
 *
 * @throws AppError `token-library-missing`; `config-invalid` where the module is in use in this
 *   process with another configuration; `token-pin-incorrect` where a token is there with another PIN
 */
export async function provisionSoftHsm(input: ProvisionSoftHsmInput): Promise<ProvisionedSoftHsm> {
  const confPath = await writeConfiguration(resolve(input.directory));
  // eslint-disable-next-line no-restricted-properties -- the library reads nothing but its environment
  process.env['SOFTHSM2_CONF'] = confPath;
  const cryptoki = load(input.modulePath);
  const isOurs = initialize(cryptoki);
  try {
    const tokensDirectory = join(resolve(input.directory), 'tokens');
    await requireOwnTokens(cryptoki, tokensDirectory);
    const tokens: ProvisionedToken[] = [];
    for (const declaration of input.tokens) {
      using token = SoftToken.open(cryptoki, declaration);
      await requireOwnTokens(cryptoki, tokensDirectory);
      tokens.push({
        label: declaration.label,
        serial: token.serial,
        signingCertificateDer: await token.ensurePair('signing', input),
        encryptionCertificateDer: await token.ensurePair('encryption', input),
      });
    }
    return { confPath, tokens };
  } catch (error) {
    if (isAppError(error)) throw error;
    const isPin = String(error).includes('CKR_PIN_INCORRECT');
    throw new AppError(
      isPin ? 'token-pin-incorrect' : 'token-failed',
      'a SoftHSM token could not be set up',
      { cause: error },
    );
  } finally {
    if (isOurs) cryptoki.C_Finalize();
  }
}

async function writeConfiguration(directory: string): Promise<string> {
  const tokens = join(directory, 'tokens');
  await mkdir(tokens, { recursive: true, mode: 0o700 });
  const confPath = join(directory, 'softhsm2.conf');
  const lines = [
    `directories.tokendir = ${tokens}`,
    'objectstore.backend = file',
    'log.level = ERROR',
    'slots.removable = false',
  ];
  await writeFile(confPath, `${lines.join('\n')}\n`, { mode: 0o600 });
  return confPath;
}

function load(modulePath: string): pkcs11js.PKCS11 {
  const cryptoki = new pkcs11js.PKCS11();
  try {
    cryptoki.load(modulePath);
    return cryptoki;
  } catch (error) {
    throw new AppError('token-library-missing', 'libsofthsm2 does not load', { cause: error });
  }
}

function initialize(cryptoki: pkcs11js.PKCS11): boolean {
  try {
    cryptoki.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK });
    return true;
  } catch (error) {
    if (String(error).includes('CKR_CRYPTOKI_ALREADY_INITIALIZED')) return false;
    throw new AppError('token-library-missing', 'libsofthsm2 does not initialise', {
      cause: error,
    });
  }
}

/** Tokens that would land in somebody else's directory are not made: the serial is the end of the folder's name. */
async function requireOwnTokens(cryptoki: pkcs11js.PKCS11, tokensDirectory: string): Promise<void> {
  const own = (await readdir(tokensDirectory))
    .map((name) => name.replace(/-/g, '').slice(-16))
    .sort();
  const seen = cryptoki
    .C_GetSlotList(true)
    .map((slot) => cryptoki.C_GetTokenInfo(slot))
    .filter(({ flags }) => (flags & pkcs11js.CKF_TOKEN_INITIALIZED) !== 0)
    .map(({ serialNumber }) => serialNumber.trim())
    .sort();
  if (own.join() === seen.join()) return;
  throw new AppError('config-invalid', 'SoftHSM is in use with another configuration', {
    params: { setting: 'SOFTHSM2_CONF' },
  });
}
