/** What the signature says and how it is made: algorithms, field, certification, dictionary texts. */
import type { Command } from 'commander';
import { oneOf } from '../arguments.js';
import type { SignatureRequest } from '../runtime.js';

export interface SignatureFlags {
  readonly digest?: string;
  readonly pss?: boolean;
  readonly field?: string;
  readonly certify?: string;
  readonly reason?: string;
  readonly location?: string;
  readonly name?: string;
}

const DIGESTS = ['sha256', 'sha384', 'sha512'] as const;
const CERTIFY = ['no-changes', 'form-filling', 'annotations'] as const;

export function addSignatureOptions(command: Command): Command {
  return command
    .option('--digest <name>', '摘要算法 (digest)')
    .option('--pss', '使用 RSA-PSS (RSA-PSS padding)')
    .option('--field <name>', '签名域名称 (signature field)')
    .option('--certify <permission>', '认证签名：no-changes、form-filling、annotations (DocMDP)')
    .option('--reason <text>', '签署原因 (reason)')
    .option('--location <text>', '签署地点 (location)')
    .option('--name <text>', '签署人 (name)');
}

/** @throws AppError `usage` */
export function signatureOf(flags: SignatureFlags): SignatureRequest {
  const digest = flags.digest === undefined ? undefined : oneOf(flags.digest, DIGESTS, '--digest');
  const certify =
    flags.certify === undefined ? undefined : oneOf(flags.certify, CERTIFY, '--certify');
  return {
    isPss: flags.pss ?? false,
    ...(digest === undefined ? {} : { digest }),
    ...(flags.field === undefined ? {} : { field: flags.field }),
    ...(certify === undefined ? {} : { certify }),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...(flags.location === undefined ? {} : { location: flags.location }),
    ...(flags.name === undefined ? {} : { name: flags.name }),
  };
}
