/** `qianyin token list|doctor`: the UKeys there are, their PIN state and certificates; and what is wrong with them. */
import type { Command } from 'commander';
import { errorText } from '../../kernel/index.js';
import type { TokenListing } from '../../token/index.js';
import type { CliContext } from '../context.js';
import { exitStatusOf } from '../exit-codes.js';
import { obtainSecret } from '../secret-entry.js';
import { examineTokens } from '../token-doctor.js';

const PIN_STATE = {
  ok: '正常 (ok)',
  'count-low': '曾输错 (count low)',
  'final-try': '仅剩一次 (final try)',
  locked: '已锁定 (locked)',
  'not-initialised': '未初始化 (not initialised)',
} as const;

function listingValue(listing: TokenListing): unknown {
  return {
    tokens: listing.slots.map((slot) => ({
      module: slot.modulePath,
      slot: slot.slotId,
      label: slot.label,
      serial: slot.serial,
      manufacturer: slot.manufacturer,
      model: slot.model,
      pinState: slot.pinState,
      certificates: slot.certificates.map((certificate) => ({
        id: certificate.idHex,
        label: certificate.label,
        subject: certificate.subject,
        serial: certificate.serialHex,
        sha256: certificate.sha256Hex,
        key: certificate.algorithm,
        notBefore: certificate.notBefore,
        notAfter: certificate.notAfter,
        keyUsage: certificate.keyUsage,
        forSigning: certificate.isForSigning,
        selected: certificate.idHex === slot.signingCertificate?.idHex,
      })),
    })),
    faults: listing.faults.map((fault) => ({
      module: fault.modulePath,
      code: fault.code,
      ...(fault.reason === undefined ? {} : { reason: fault.reason }),
      message: errorText(fault.code).title,
      hint: errorText(fault.code).hint,
    })),
  };
}

function listingText(listing: TokenListing): string {
  const lines: string[] = [];
  for (const slot of listing.slots) {
    lines.push(
      `${slot.label}  序列号 ${slot.serial}  ${slot.model}  PIN ${PIN_STATE[slot.pinState]}  (slot ${slot.slotId}, ${slot.modulePath})`,
    );
    for (const certificate of slot.certificates) {
      const mark = certificate.idHex === slot.signingCertificate?.idHex ? '→' : ' ';
      const use = certificate.isForSigning ? '签名 (signing)' : '非签名 (not for signing)';
      lines.push(
        `  ${mark} ${certificate.idHex}  ${certificate.subject}  ${use}  至 ${certificate.notAfter}`,
      );
    }
  }
  for (const fault of listing.faults) {
    const text = errorText(fault.code);
    lines.push(`! ${fault.modulePath}: ${text.title}；${text.hint} / ${text.titleEn}`);
  }
  return lines.length === 0 ? '没有检测到 UKey (no token)' : lines.join('\n');
}

interface DoctorFlags {
  readonly module: readonly string[];
  readonly token?: string;
  readonly pinFile?: string;
}

const MARKS = { ok: '✓', warning: '!', failed: '✗' } as const;

/** A PIN is used where one is given, and never asked for. */
async function doctor(context: CliContext, flags: DoctorFlags): Promise<void> {
  const { runtime, output } = context;
  const isGiven = flags.pinFile !== undefined || runtime.secrets.fromEnvironment !== undefined;
  using pin = isGiven ? await obtainSecret(runtime.secrets, flags.pinFile, '') : undefined;
  await using provider = await runtime.openTokens(flags.module);
  const steps = await examineTokens(provider, { clock: runtime.clock, label: flags.token, pin });
  output.result(
    { steps },
    steps
      .map(({ verdict, step, of, text }) => `${MARKS[verdict]} ${step}  ${of}  ${text}`)
      .join('\n'),
  );
  const code = steps.find((step) => step.code !== undefined)?.code;
  if (code !== undefined) context.setStatus(exitStatusOf(code));
}

export function addTokenCommand(program: Command, context: CliContext): void {
  const token = program.command('token').description('UKey');
  token
    .command('list')
    .description('列出 UKey 及其证书 (list tokens and certificates)')
    .option('--module <file...>', 'PKCS#11 驱动 (PKCS#11 module)', [])
    .action(async (flags: { readonly module: readonly string[] }) => {
      await using provider = await context.runtime.openTokens(flags.module);
      const listing = await provider.list();
      context.output.result(listingValue(listing), listingText(listing));
    });
  token
    .command('doctor')
    .description('逐项检查 UKey，并说明怎么办 (examine tokens step by step)')
    .option('--module <file...>', 'PKCS#11 驱动 (PKCS#11 module)', [])
    .option('--token <label>', '只检查此标签的 UKey (only this token)')
    .option('--pin-file <file>', 'PIN 所在文件；给出 PIN 时做一次测试签名 (makes a test signature)')
    .action((flags: DoctorFlags) => doctor(context, flags));
}
