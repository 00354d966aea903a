/** `qianyin token list`: the UKeys there are, their PIN state and certificates; and what is wrong where there are none. */
import type { Command } from 'commander';
import { errorText } from '../../kernel/index.js';
import type { TokenListing } from '../../token/index.js';
import type { CliContext } from '../context.js';

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

export function addTokenCommand(program: Command, context: CliContext): void {
  program
    .command('token')
    .description('UKey')
    .command('list')
    .description('列出 UKey 及其证书 (list tokens and certificates)')
    .option('--module <file...>', 'PKCS#11 驱动 (PKCS#11 module)', [])
    .action(async (flags: { readonly module: readonly string[] }) => {
      await using provider = await context.runtime.openTokens(flags.module);
      const listing = await provider.list();
      context.output.result(listingValue(listing), listingText(listing));
    });
}
