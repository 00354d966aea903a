/** `qianyin sign IN -o OUT`, or many IN with `--out-dir DIR`: one PAdES signature each by a UKey or a PKCS#12 file; appends only. */
import type { Command } from 'commander';
import { AppError } from '../../kernel/index.js';
import type { CliContext } from '../context.js';
import {
  addAppearanceOptions,
  appearanceOf,
  type AppearanceFlags,
} from '../flags/appearance-flags.js';
import {
  addKeyOptions,
  assertOneKey,
  obtainKeySecret,
  openKey,
  type KeyFlags,
} from '../flags/key-flags.js';
import { addSignatureLevelOptions, levelOf, type LevelFlags } from '../flags/level-flags.js';
import { addPasswordOption, type PasswordFlags } from '../flags/password-flags.js';
import { addSignatureOptions, signatureOf, type SignatureFlags } from '../flags/signature-flags.js';
import type { SignableRequest } from '../runtime.js';
import { assertMaySignMany, signFileAt, signFilesIn, type FileSigning } from './sign-files.js';

interface SignFlags extends KeyFlags, SignatureFlags, AppearanceFlags, LevelFlags, PasswordFlags {
  readonly output?: string;
  readonly outDir?: string;
  readonly pinForEachSignature?: boolean;
}

export function addSignCommand(program: Command, context: CliContext): void {
  const command = program
    .command('sign <inputs...>')
    .description('签署 PDF：以 UKey 或证书文件追加一个 PAdES 签名 (sign a PDF; appends only)')
    .option('-o, --output <file>', '签署后的文件 (signed file)')
    .option(
      '--out-dir <dir>',
      '批量签署：只输入一次 PIN，结果放入此目录；可中断后重来 (many files, one PIN; may be run again)',
    )
    .option(
      '--pin-for-each-signature',
      '批量签署时，同意每次签名都向 UKey 提供这次输入的 PIN (the token may be given the PIN for each signature)',
    );
  addKeyOptions(command);
  addSignatureLevelOptions(command);
  addSignatureOptions(command);
  addAppearanceOptions(command);
  addPasswordOption(command);
  command.action((inputs: readonly string[], flags: SignFlags) => sign(context, inputs, flags));
}

async function sign(
  context: CliContext,
  inputs: readonly string[],
  flags: SignFlags,
): Promise<void> {
  assertOneKey(flags);
  const target = targetOf(inputs, flags);
  const level = await levelOf(context, flags);
  const signature = await signatureOf(flags);
  const appearance = await appearanceOf(context, flags);
  const seen = appearance === undefined ? signature : { ...signature, appearance };
  if (target.kind === 'file') await assertSignable(context, target.input, seen);
  using secret = await obtainKeySecret(context, flags);
  await using key = await openKey(context, flags, secret);
  const signing: FileSigning = {
    request: {
      ...signature,
      key,
      ...(appearance === undefined ? {} : { appearance }),
      ...(level === undefined ? {} : { level }),
    },
    passwords: flags,
    level: flags.level,
  };
  if (target.kind === 'directory') {
    if (inputs.length > 1) assertMaySignMany(key, flags.pinForEachSignature ?? false);
    await signFilesIn(context, signing, target.directory, inputs);
    return;
  }
  const signed = await signFileAt(context, signing, target.input, target.output);
  context.output.result(
    {
      file: target.output,
      field: signed.fieldName,
      signer: signed.signer,
      level: flags.level,
      findings: signed.findings,
    },
    `已签署 (signed): ${target.output}\n签名域 (field): ${signed.fieldName}\n签署人 (signer): ${signed.signer}`,
  );
}

/** Before a PIN is asked for. An encrypted file is looked at once it has its password. */
async function assertSignable(
  { runtime }: CliContext,
  path: string,
  request: Omit<SignableRequest, 'source'>,
): Promise<void> {
  using source = runtime.files.open(path);
  if (!(await runtime.needsPassword(source))) await runtime.assertSignable({ ...request, source });
}

type Target =
  | { readonly kind: 'file'; readonly input: string; readonly output: string }
  | { readonly kind: 'directory'; readonly directory: string };

/** @throws AppError `usage` */
function targetOf(inputs: readonly string[], { output, outDir }: SignFlags): Target {
  const [input, ...others] = inputs;
  if (output === undefined && outDir !== undefined) return { kind: 'directory', directory: outDir };
  if (output !== undefined && outDir === undefined && input !== undefined && others.length === 0) {
    return { kind: 'file', input, output };
  }
  throw new AppError('usage', 'give -o for one file, or --out-dir for many', {
    params: { option: '-o | --out-dir' },
  });
}
