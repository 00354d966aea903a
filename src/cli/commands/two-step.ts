/** `qianyin prepare` and `qianyin complete`: a signature in two steps, for a key that is elsewhere. */
import type { Command } from 'commander';
import type { CliContext } from '../context.js';
import { tellFindings } from '../findings.js';
import {
  addAppearanceOptions,
  appearanceOf,
  type AppearanceFlags,
} from '../flags/appearance-flags.js';
import { addSignatureLevelOptions, levelOf, type LevelFlags } from '../flags/level-flags.js';
import { addPasswordOption, passwordFor, type PasswordFlags } from '../flags/password-flags.js';
import { addSignatureOptions, signatureOf, type SignatureFlags } from '../flags/signature-flags.js';

interface PrepareFlags extends SignatureFlags, AppearanceFlags, LevelFlags, PasswordFlags {
  readonly output: string;
  readonly cert: string;
  readonly chain: readonly string[];
}

interface CompleteFlags extends LevelFlags, PasswordFlags {
  readonly output: string;
  readonly signature: string;
}

export function addTwoStepCommands(program: Command, context: CliContext): void {
  const prepare = program
    .command('prepare <input>')
    .description('预备签名：密钥在别处，先得出待签内容 (prepare a signature for a key elsewhere)')
    .requiredOption('-o, --output <file>', '待签文件 (prepared file)')
    .requiredOption('--cert <file>', '签名证书，PEM 或 DER (certificate that will sign)')
    .option('--chain <file...>', '上级证书 (certificates that issued it)', []);
  addSignatureLevelOptions(prepare);
  addSignatureOptions(prepare);
  addAppearanceOptions(prepare);
  addPasswordOption(prepare);
  prepare.action((input: string, flags: PrepareFlags) => prepareFile(context, input, flags));

  const complete = program
    .command('complete <prepared>')
    .description('交回签名值，完成签名 (complete a prepared signature with its value)')
    .requiredOption('--signature <file>', '签名值：原始字节、Base64 或十六进制 (signature value)')
    .requiredOption('-o, --output <file>', '签署后的文件 (signed file)');
  addSignatureLevelOptions(complete);
  addPasswordOption(complete);
  complete.action((prepared: string, flags: CompleteFlags) =>
    completeFile(context, prepared, flags),
  );
}

async function prepareFile(context: CliContext, input: string, flags: PrepareFlags): Promise<void> {
  const { runtime, output } = context;
  const level = await levelOf(context, flags);
  using source = runtime.files.open(input);
  const appearance = await appearanceOf(context, flags);
  using password = await passwordFor(context, flags, input);
  const { appended, ...prepared } = await runtime.prepare({
    ...(await signatureOf(flags)),
    source,
    certificates: [flags.cert, ...flags.chain].map((path) => runtime.files.read(path)),
    ...(appearance === undefined ? {} : { appearance }),
    ...(level === undefined ? {} : { level }),
    ...(password === undefined ? {} : { password }),
  });
  runtime.files.writeAppended(flags.output, source, appended);
  tellFindings(output, prepared.findings);
  const { fieldName, ...rest } = prepared;
  output.result(
    { file: flags.output, field: fieldName, level: flags.level, ...rest },
    [
      `待签文件 (prepared): ${flags.output}`,
      `摘要 (digest, ${rest.digestAlgorithm}): ${rest.digest}`,
      `待签属性 (signed attributes, base64): ${rest.signedAttributes}`,
      `算法 (algorithm): ${rest.algorithm}`,
      `有效至 (expires): ${rest.expiresAt}`,
    ].join('\n'),
  );
}

async function completeFile(
  context: CliContext,
  preparedPath: string,
  flags: CompleteFlags,
): Promise<void> {
  const { runtime, output } = context;
  const level = await levelOf(context, flags);
  using source = runtime.files.open(preparedPath);
  using password = await passwordFor(context, flags, preparedPath);
  const signed = await runtime.complete({
    source,
    signature: runtime.files.read(flags.signature),
    keep: (base, appended) => runtime.files.writeAppended(flags.output, base, appended),
    ...(level === undefined ? {} : { level }),
    ...(password === undefined ? {} : { password }),
  });
  output.result(
    { file: flags.output, field: signed.fieldName, signer: signed.signer, level: flags.level },
    `已签署 (signed): ${flags.output}\n签名域 (field): ${signed.fieldName}\n签署人 (signer): ${signed.signer}`,
  );
}
