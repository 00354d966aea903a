/** Which key signs: a UKey or a PKCS#12 file, and the PIN or password that opens it. */
import type { Command } from 'commander';
import { AppError, type Secret } from '../../kernel/index.js';
import type { SigningKey } from '../../token/index.js';
import type { CliContext } from '../context.js';
import { obtainSecret } from '../secret-entry.js';

export interface KeyFlags {
  readonly token?: string;
  readonly serial?: string;
  readonly certId?: string;
  readonly p12?: string;
  readonly module: readonly string[];
  readonly pinFile?: string;
  readonly confirmFinalTry?: boolean;
}

export function addKeyOptions(command: Command): Command {
  return command
    .option('--token <label>', 'UKey 标签 (token label)')
    .option('--serial <text>', 'UKey 序列号，标签相同时用 (serial, where labels are the same)')
    .option('--cert-id <hex>', '证书的 CKA_ID (certificate on the token)')
    .option('--p12 <file>', 'PKCS#12 证书文件 (key file instead of a token)')
    .option('--module <file...>', 'PKCS#11 驱动 (PKCS#11 module)', [])
    .option(
      '--pin-file <file>',
      'PIN 或口令所在文件；或用环境变量 QIANYIN_PIN (file that holds the PIN)',
    )
    .option('--confirm-final-try', '确认使用最后一次 PIN 机会 (use the last PIN try)');
}

/** @throws AppError `usage` unless exactly one of a token and a file is named */
export function assertOneKey(flags: KeyFlags): void {
  if ((flags.token === undefined) !== (flags.p12 === undefined)) return;
  throw new AppError('usage', 'give either --token or --p12', {
    params: { option: '--token | --p12' },
  });
}

/** Asks for the secret once; the caller disposes of it. */
export function obtainKeySecret(context: CliContext, flags: KeyFlags): Promise<Secret> {
  return obtainSecret(
    context.runtime.secrets,
    flags.pinFile,
    flags.p12 === undefined ? 'PIN: ' : '口令 (password): ',
  );
}

/** @throws AppError of the token rooms */
export async function openKey(
  context: CliContext,
  flags: KeyFlags,
  secret: Secret,
): Promise<SigningKey & AsyncDisposable> {
  const { runtime } = context;
  if (flags.p12 !== undefined) return runtime.openPkcs12(runtime.files.read(flags.p12), secret);
  const provider = await runtime.openTokens(flags.module);
  const key = await provider
    .open(
      {
        ...(flags.token === undefined ? {} : { label: flags.token }),
        ...(flags.serial === undefined ? {} : { serial: flags.serial }),
        ...(flags.certId === undefined ? {} : { certificateIdHex: flags.certId }),
      },
      { pin: secret, confirmFinalTry: flags.confirmFinalTry ?? false },
    )
    .catch(async (error: unknown) => {
      await provider[Symbol.asyncDispose]();
      throw error;
    });
  return {
    certificateDer: key.certificateDer,
    chainDer: key.chainDer,
    algorithm: key.algorithm,
    authentication: key.authentication,
    sign: (message, scheme) => key.sign(message, scheme),
    async [Symbol.asyncDispose]() {
      await key[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}
