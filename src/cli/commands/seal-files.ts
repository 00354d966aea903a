/** `qianyin seal make|inspect|verify`: GB/T 38540 seals as files. */
import type { Command } from 'commander';
import { AppError, wholeSecond } from '../../kernel/index.js';
import type { SealDescription } from '../../seal/index.js';
import type { SealReport } from '../../verification/index.js';
import { oneOf, parsePositive, parseTime } from '../arguments.js';
import type { CliContext } from '../context.js';
import {
  addKeyOptions,
  assertOneKey,
  obtainKeySecret,
  openKey,
  type KeyFlags,
} from '../flags/key-flags.js';
import { INDICATION_STATUS } from '../indication-status.js';

const DAY_MS = 24 * 3_600_000;
const FORMATS = ['4', '5'] as const;

interface MakeFlags extends KeyFlags {
  readonly output: string;
  readonly picture: string;
  readonly name: string;
  readonly code: string;
  readonly cert: readonly string[];
  readonly person?: boolean;
  readonly digests?: boolean;
  readonly width: string;
  readonly height?: string;
  readonly from?: string;
  readonly until?: string;
  readonly days: string;
  readonly format: string;
}

export function addMake(seal: Command, context: CliContext): void {
  const command = seal
    .command('make')
    .description('制作电子印章数据，由制章者签名 (make a seal structure, signed by the maker)')
    .requiredOption('--picture <file>', '印模图片：PNG、JPG、GIF、BMP 或 SVG (picture)')
    .requiredOption('--name <text>', '印章名称 (name of the seal)')
    .requiredOption('--code <text>', '印章编码 (code of the seal)')
    .requiredOption('--cert <file...>', '可用此章签署的证书 (certificates that may sign with it)')
    .option('--person', '个人名章 (a person’s seal)')
    .option('--digests', '只记证书摘要 (list digests instead of certificates)')
    .option('--width <mm>', '宽度，整数毫米 (width on paper, whole millimetres)', '42')
    .option('--height <mm>', '高度，缺省与宽度相同 (height; as the width unless given)')
    .option('--from <time>', '生效时间，缺省为现在 (valid from)')
    .option('--until <time>', '失效时间 (valid until)')
    .option('--days <n>', '有效天数，未给 --until 时用 (days of validity)', '365')
    .option('--format <n>', '4：GB/T 38540-2020；5：GM/T 0031-2025', '4')
    .requiredOption('-o, --output <file>', '印章文件 .esl (seal file)');
  addKeyOptions(command);
  command.action((flags: MakeFlags) => make(context, flags));
}

async function make(context: CliContext, flags: MakeFlags): Promise<void> {
  assertOneKey(flags);
  const { runtime, output } = context;
  const format = oneOf(flags.format, FORMATS, '--format');
  const now = wholeSecond(runtime.clock.now());
  const validFrom = flags.from === undefined ? now : parseTime(flags.from, '--from');
  const validUntil =
    flags.until === undefined
      ? new Date(validFrom.getTime() + parsePositive(flags.days, '--days') * DAY_MS)
      : parseTime(flags.until, '--until');
  const widthMm = parseMillimetres(flags.width, '--width');
  const picture = runtime.files.read(flags.picture);
  const certificates = flags.cert.map((path) => runtime.files.read(path));
  using secret = await obtainKeySecret(context, flags);
  await using maker = await openKey(context, flags, secret);
  const der = await runtime.makeSeal({
    version: format === '5' ? 5 : 4,
    name: flags.name,
    code: flags.code,
    isPersonal: flags.person ?? false,
    picture,
    widthMm,
    heightMm: flags.height === undefined ? widthMm : parseMillimetres(flags.height, '--height'),
    certificates,
    listing: flags.digests === true ? 'digests' : 'certificates',
    createdAt: now,
    validFrom,
    validUntil,
    maker,
  });
  runtime.files.write(flags.output, der);
  const { description } = await runtime.inspectSeal(der);
  output.result(
    { file: flags.output, ...description },
    [`已制作 (made): ${flags.output}`, ...descriptionLines(description)].join('\n'),
  );
}

function parseMillimetres(text: string, option: string): number {
  const value = parsePositive(text, option);
  if (Number.isInteger(value)) return value;
  throw new AppError('usage', `${option} takes whole millimetres`, { params: { option } });
}

export function addInspect(seal: Command, { runtime, output }: CliContext): void {
  seal
    .command('inspect <file>')
    .description('查看电子印章数据，不作验证 (what a seal says of itself)')
    .option('--picture <file>', '取出印模图片 (write its picture to a file)')
    .action(async (file: string, flags: { readonly picture?: string }) => {
      const { description, picture } = await runtime.inspectSeal(runtime.files.read(file));
      if (flags.picture !== undefined) runtime.files.write(flags.picture, picture);
      output.result({ file, ...description }, [file, ...descriptionLines(description)].join('\n'));
    });
}

interface VerifyFlags {
  readonly trust: string;
  readonly at?: string;
  readonly offline?: boolean;
}

export function addVerify(seal: Command, context: CliContext): void {
  seal
    .command('verify <file>')
    .description('验证电子印章数据 (verify a seal)')
    .requiredOption('--trust <dir>', '信任的根证书目录 (folder of trust anchors)')
    .option('--at <time>', '按此时间验证 (validate at this time)')
    .option('--offline', '只用印章和信任目录中的材料 (no network)')
    .action(async (file: string, flags: VerifyFlags) => {
      const { runtime, output } = context;
      const report = await runtime.verifySeal(runtime.files.read(file), {
        fileName: file,
        trust: await runtime.openTrust(flags.trust),
        at: flags.at === undefined ? undefined : parseTime(flags.at, '--at'),
        isOffline: flags.offline ?? false,
      });
      output.result(report, reportLines(report).join('\n'));
      context.setStatus(INDICATION_STATUS[report.indication]);
    });
}

const STANDARDS: Readonly<Record<SealDescription['version'], string>> = {
  1: 'GM/T 0031-2014',
  4: 'GB/T 38540-2020',
  5: 'GM/T 0031-2025',
};

function descriptionLines(seal: SealDescription): readonly string[] {
  const { picture } = seal;
  return [
    `  印章 (seal): ${seal.name}  ${seal.code}  ${STANDARDS[seal.version]}`,
    `  有效期 (valid): ${seal.validFrom} — ${seal.validUntil}`,
    `  印模 (picture): ${picture.type}  ${picture.width} × ${picture.height} mm  ${picture.bytes} B`,
    `  制章者 (maker): ${seal.maker?.subject ?? '—'}`,
    ...seal.signers.map((signer) =>
      'subject' in signer
        ? `  签署证书 (signer): ${signer.subject}  ${signer.serial}`
        : `  签署证书摘要 (digest): ${'digest' in signer ? signer.digest : signer.unreadableSha256}`,
    ),
    ...seal.notes.map((note) => `  ! ${note}`),
  ];
}

const ANSWER = {
  'TOTAL-PASSED': '✔ 印章有效 (the seal is valid)',
  'TOTAL-FAILED': '✘ 印章无效 (the seal is not valid)',
  INDETERMINATE: '？ 无法判定 (cannot be decided)',
} as const;

function reportLines(report: SealReport): readonly string[] {
  return [
    report.file,
    ANSWER[report.indication],
    `  印章 (seal): ${report.name}  ${report.code}`,
    `  制章者 (maker): ${report.maker.subject ?? '—'}`,
    ...report.messages.map((message) => `  ! ${message.text} / ${message.textEn}`),
  ];
}
