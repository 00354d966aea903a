/** What the signature says and how it is made: algorithms, field, certification, dictionary texts. */
import type { Command } from 'commander';
import { AppError } from '../../kernel/index.js';
import type { AdmissionPolicy } from '../../signing/index.js';
import { oneOf } from '../arguments.js';
import type { SignatureRequest } from '../runtime.js';

export interface SignatureFlags {
  readonly digest?: string;
  readonly pss?: boolean;
  readonly field?: string;
  readonly certify?: string;
  readonly lock?: string;
  readonly reason?: string;
  readonly location?: string;
  readonly name?: string;
  readonly allow: readonly string[];
}

const DIGESTS = ['sha256', 'sha384', 'sha512'] as const;
const CERTIFY = ['no-changes', 'form-filling', 'annotations'] as const;

export function addSignatureOptions(command: Command): Command {
  return command
    .option('--digest <name>', '摘要算法 (digest)')
    .option('--pss', '使用 RSA-PSS (RSA-PSS padding)')
    .option('--field <name>', '签名域名称 (signature field)')
    .option('--certify <permission>', '认证签名：no-changes、form-filling、annotations (DocMDP)')
    .option('--lock <fields>', '锁定表单域：all、include:名称,…、exclude:名称,… (FieldMDP)')
    .option('--reason <text>', '签署原因 (reason)')
    .option('--location <text>', '签署地点 (location)')
    .option('--name <text>', '签署人 (name)')
    .option(
      '--allow <kind...>',
      '放行按策略拒签的内容，如 javascript、hidden-layer，all 为全部 (sign although it holds this)',
      [],
    );
}

async function admissionPolicy(names: readonly string[]): Promise<AdmissionPolicy> {
  if (names.length === 0) return [];
  const { ADMISSION_KINDS, isAdmissionKind } = await import('../../signing/index.js');
  return names.map((name) => {
    if (isAdmissionKind(name)) return name;
    throw new AppError('usage', 'no such kind of content', {
      params: { option: '--allow', allowed: [...Object.keys(ADMISSION_KINDS), 'all'] },
    });
  });
}

/** @throws AppError `usage` */
export async function signatureOf(flags: SignatureFlags): Promise<SignatureRequest> {
  const digest = flags.digest === undefined ? undefined : oneOf(flags.digest, DIGESTS, '--digest');
  const certify =
    flags.certify === undefined ? undefined : oneOf(flags.certify, CERTIFY, '--certify');
  return {
    isPss: flags.pss ?? false,
    allow: await admissionPolicy(flags.allow),
    ...(digest === undefined ? {} : { digest }),
    ...(flags.field === undefined ? {} : { field: flags.field }),
    ...(certify === undefined ? {} : { certify }),
    ...(flags.lock === undefined ? {} : { lock: parseLock(flags.lock) }),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...(flags.location === undefined ? {} : { location: flags.location }),
    ...(flags.name === undefined ? {} : { name: flags.name }),
  };
}

/** `all`, `include:A,B` or `exclude:A,B`: whole hierarchical names. */
function parseLock(text: string): NonNullable<SignatureRequest['lock']> {
  if (text === 'all') return { action: 'All', fields: [] };
  const [kind, names = ''] = text.split(/:(.*)/s);
  const fields = names.split(',').filter((name) => name !== '');
  if (fields.length > 0 && kind === 'include') return { action: 'Include', fields };
  if (fields.length > 0 && kind === 'exclude') return { action: 'Exclude', fields };
  throw new AppError('usage', '--lock takes all, include:NAME,… or exclude:NAME,…', {
    params: { option: '--lock', expected: 'all | include:NAME,… | exclude:NAME,…' },
  });
}
