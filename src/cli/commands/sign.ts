/** `qianyin sign IN -o OUT`: applies one PAdES signature by a UKey or a PKCS#12 file; appends only. */
import type { Command } from 'commander';
import { AppError, type Secret } from '../../kernel/index.js';
import type { SigningKey } from '../../token/index.js';
import { obtainSecret } from '../secret-entry.js';
import type { CliContext } from '../context.js';
import type { SignFileRequest } from '../runtime.js';
import { parsePage, parsePoint, parsePositive } from '../arguments.js';

interface SignFlags {
  readonly output: string;
  readonly token?: string;
  readonly certId?: string;
  readonly p12?: string;
  readonly module: readonly string[];
  readonly pinFile?: string;
  readonly confirmFinalTry?: boolean;
  readonly level: string;
  readonly digest?: string;
  readonly pss?: boolean;
  readonly sealName?: string;
  readonly sealType: string;
  readonly page: string;
  readonly at?: string;
  readonly size?: string;
  readonly field?: string;
  readonly certify?: string;
  readonly reason?: string;
  readonly location?: string;
  readonly name?: string;
}

const DIGESTS = ['sha256', 'sha384', 'sha512'] as const;
const CERTIFY = ['no-changes', 'form-filling', 'annotations'] as const;

function oneOf<T extends string>(value: string, allowed: readonly T[], option: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new AppError('usage', `${option} takes one of ${allowed.join(', ')}`, {
      params: { option, allowed },
    });
  }
  return found;
}

async function openKey(
  context: CliContext,
  flags: SignFlags,
  secret: Secret,
): Promise<SigningKey & AsyncDisposable> {
  const { runtime } = context;
  if (flags.p12 !== undefined) return runtime.openPkcs12(runtime.files.read(flags.p12), secret);
  const provider = await runtime.openTokens(flags.module);
  const key = await provider.open(
    {
      ...(flags.token === undefined ? {} : { label: flags.token }),
      ...(flags.certId === undefined ? {} : { certificateIdHex: flags.certId }),
    },
    { pin: secret, confirmFinalTry: flags.confirmFinalTry ?? false },
  );
  return {
    certificateDer: key.certificateDer,
    chainDer: key.chainDer,
    algorithm: key.algorithm,
    sign: (message, scheme) => key.sign(message, scheme),
    async [Symbol.asyncDispose]() {
      await key[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

async function appearanceOf(
  context: CliContext,
  flags: SignFlags,
): Promise<SignFileRequest['appearance']> {
  if (flags.sealName === undefined) return undefined;
  if (flags.at === undefined)
    throw new AppError('usage', '--seal-name needs --at X,Y', { params: { option: '--at' } });
  const drawing = await context.runtime.drawSeal({
    name: flags.sealName,
    kind: flags.sealType,
    code: undefined,
    // A picture drawn outside the register must not be taken for a real one.
    isSpecimen: true,
  });
  return {
    drawing,
    page: parsePage(flags.page),
    centre: parsePoint(flags.at, '--at'),
    ...(flags.size === undefined ? {} : { widthMm: parsePositive(flags.size, '--size') }),
  };
}

export function addSignCommand(program: Command, context: CliContext): void {
  program
    .command('sign <input>')
    .description('签署 PDF：以 UKey 或证书文件追加一个 PAdES 签名 (sign a PDF; appends only)')
    .requiredOption('-o, --output <file>', '签署后的文件 (signed file)')
    .option('--token <label>', 'UKey 标签 (token label)')
    .option('--cert-id <hex>', '证书的 CKA_ID (certificate on the token)')
    .option('--p12 <file>', 'PKCS#12 证书文件 (key file instead of a token)')
    .option('--module <file...>', 'PKCS#11 驱动 (PKCS#11 module)', [])
    .option(
      '--pin-file <file>',
      'PIN 或口令所在文件；或用环境变量 QIANYIN_PIN (file that holds the PIN)',
    )
    .option('--confirm-final-try', '确认使用最后一次 PIN 机会 (use the last PIN try)')
    .option('--level <level>', 'PAdES 级别 (level)', 'B-B')
    .option('--digest <name>', '摘要算法 (digest)')
    .option('--pss', '使用 RSA-PSS (RSA-PSS padding)')
    .option('--seal-name <text>', '样章上的名称 (draw a specimen seal of this name)')
    .option('--seal-type <type>', '样章类型 (kind of seal)', 'contract')
    .option('--page <n>', '盖章页，从 1 起，或 last (page)', 'last')
    .option('--at <x,y>', '印章中心，距页面左下角，单位点 (centre of the seal, points)')
    .option('--size <mm>', '印章宽度，毫米 (width on paper)')
    .option('--field <name>', '签名域名称 (signature field)')
    .option('--certify <permission>', '认证签名：no-changes、form-filling、annotations (DocMDP)')
    .option('--reason <text>', '签署原因 (reason)')
    .option('--location <text>', '签署地点 (location)')
    .option('--name <text>', '签署人 (name)')
    .action(async (input: string, flags: SignFlags) => {
      if ((flags.token === undefined) === (flags.p12 === undefined)) {
        throw new AppError('usage', 'give either --token or --p12', {
          params: { option: '--token | --p12' },
        });
      }
      if (flags.level !== 'B-B') {
        throw new AppError('usage', 'only level B-B can be made by now', {
          params: { option: '--level', allowed: ['B-B'] },
        });
      }
      const digest =
        flags.digest === undefined ? undefined : oneOf(flags.digest, DIGESTS, '--digest');
      const certify =
        flags.certify === undefined ? undefined : oneOf(flags.certify, CERTIFY, '--certify');
      const { runtime, output } = context;
      using source = runtime.files.open(input);
      const appearance = await appearanceOf(context, flags);
      using secret = await obtainSecret(
        runtime.secrets,
        flags.pinFile,
        flags.p12 === undefined ? 'PIN: ' : '口令 (password): ',
      );
      await using key = await openKey(context, flags, secret);
      const signed = await runtime.sign({
        source,
        key,
        isPss: flags.pss ?? false,
        ...(digest === undefined ? {} : { digest }),
        ...(appearance === undefined ? {} : { appearance }),
        ...(flags.field === undefined ? {} : { field: flags.field }),
        ...(certify === undefined ? {} : { certify }),
        ...(flags.reason === undefined ? {} : { reason: flags.reason }),
        ...(flags.location === undefined ? {} : { location: flags.location }),
        ...(flags.name === undefined ? {} : { name: flags.name }),
      });
      runtime.files.writeAppended(flags.output, source, signed.appended);
      output.result(
        { file: flags.output, field: signed.fieldName, signer: signed.signer, level: 'B-B' },
        `已签署 (signed): ${flags.output}\n签名域 (field): ${signed.fieldName}\n签署人 (signer): ${signed.signer}`,
      );
    });
}
