/** `qianyin sign IN -o OUT`: applies one PAdES signature by a UKey or a PKCS#12 file; appends only. */
import type { Command } from 'commander';
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
import { addLevelOptions, levelOf, parseLevel, type LevelFlags } from '../flags/level-flags.js';
import { addPasswordOption, passwordFor, type PasswordFlags } from '../flags/password-flags.js';
import { addSignatureOptions, signatureOf, type SignatureFlags } from '../flags/signature-flags.js';

interface SignFlags extends KeyFlags, SignatureFlags, AppearanceFlags, LevelFlags, PasswordFlags {
  readonly output: string;
}

export function addSignCommand(program: Command, context: CliContext): void {
  const command = program
    .command('sign <input>')
    .description('签署 PDF：以 UKey 或证书文件追加一个 PAdES 签名 (sign a PDF; appends only)')
    .requiredOption('-o, --output <file>', '签署后的文件 (signed file)')
    .option(
      '--level <level>',
      'PAdES 级别：B-B、B-T、B-LT、B-LTA (level)',
      parseLevel,
      'B-B' as const,
    );
  addKeyOptions(command);
  addLevelOptions(command);
  addSignatureOptions(command);
  addAppearanceOptions(command);
  addPasswordOption(command);
  command.action((input: string, flags: SignFlags) => sign(context, input, flags));
}

async function sign(context: CliContext, input: string, flags: SignFlags): Promise<void> {
  assertOneKey(flags);
  const level = levelOf(context, flags);
  const signature = signatureOf(flags);
  const { runtime, output } = context;
  using draft = runtime.files.draft(input, flags.output);
  const appearance = await appearanceOf(context, flags);
  using password = await passwordFor(context, flags, input);
  using secret = await obtainKeySecret(context, flags);
  await using key = await openKey(context, flags, secret);
  // SHA-256 is of the report on the signed file too, whatever the signature's own.
  const source = await draft.fill([...new Set(['sha256', signature.digest ?? 'sha256'] as const)]);
  const signed = await runtime.sign({
    ...signature,
    source,
    key,
    ...(password === undefined ? {} : { password }),
    ...(appearance === undefined ? {} : { appearance }),
    ...(level === undefined ? {} : { level }),
  });
  await draft.commit(signed.appended);
  output.result(
    { file: flags.output, field: signed.fieldName, signer: signed.signer, level: flags.level },
    `已签署 (signed): ${flags.output}\n签名域 (field): ${signed.fieldName}\n签署人 (signer): ${signed.signer}`,
  );
}
