/** Signing of files with an opened key: one, or many with one entry of the PIN. */
import { basename, join, resolve } from 'node:path';
import { AppError, errorText, isAppError, type ErrorCode } from '../../kernel/index.js';
import type { SigningKey } from '../../token/index.js';
import type { CliContext } from '../context.js';
import { tellFindings } from '../findings.js';
import { EXIT, exitStatusOf } from '../exit-codes.js';
import type { Level } from '../../signing/index.js';
import { passwordFor, type PasswordFlags } from '../flags/password-flags.js';
import type { SignedFile, SignFileRequest } from '../runtime.js';

/** What every file of a command is signed with. */
export interface FileSigning {
  readonly request: Omit<SignFileRequest, 'source' | 'password'>;
  readonly passwords: PasswordFlags;
  readonly level: Level;
}

export interface FileOutcome {
  readonly file: string;
  readonly output: string;
  /** `skipped`: signed by an earlier run, and checked; `waiting`: not tried. */
  readonly state: 'signed' | 'skipped' | 'failed' | 'waiting';
  readonly field?: string;
  readonly code?: ErrorCode;
}

/** @throws AppError of reading, signing and writing; nothing is left at `outputPath` then */
export async function signFileAt(
  context: CliContext,
  signing: FileSigning,
  inputPath: string,
  outputPath: string,
): Promise<SignedFile> {
  const { runtime } = context;
  const { request } = signing;
  using draft = runtime.files.draft(inputPath, outputPath);
  using password = await passwordFor(context, signing.passwords, inputPath);
  // SHA-256 is of the report on the signed file too, whatever the signature's own.
  const source = await draft.fill([...new Set(['sha256', request.digest ?? 'sha256'] as const)]);
  const signed = await runtime.sign({
    ...request,
    source,
    ...(password === undefined ? {} : { password }),
  });
  await draft.commit(signed.appended);
  tellFindings(context.output, signed.findings);
  return signed;
}

/** Where each file goes. @throws AppError `usage` where two would become one, or one itself */
export function outputsIn(
  directory: string,
  inputs: readonly string[],
): readonly { readonly input: string; readonly output: string }[] {
  const taken = new Set(inputs.map((input) => resolve(input)));
  return inputs.map((input) => {
    const output = join(directory, basename(input));
    if (taken.has(resolve(output))) {
      throw new AppError('usage', 'two files would have one name, or a file would be replaced', {
        params: { option: '--out-dir', file: output },
      });
    }
    taken.add(resolve(output));
    return { input, output };
  });
}

/**
 * A token that wants its PIN for every signature signs many files only with its user's consent.
 * @throws AppError `token-pin-each-signature`
 */
export function assertMaySignMany(key: SigningKey, hasConsent: boolean): void {
  if (key.authentication === 'once' || hasConsent) return;
  throw new AppError('token-pin-each-signature', 'the token wants its PIN for each signature', {
    params: { option: '--pin-for-each-signature' },
  });
}

/** Signs all of them, each for itself; what is wrong with the token ends the run. */
export async function signFilesIn(
  context: CliContext,
  signing: FileSigning,
  directory: string,
  inputs: readonly string[],
): Promise<void> {
  const pairs = outputsIn(directory, inputs);
  context.runtime.files.makeDirectory(directory);
  const outcomes: FileOutcome[] = [];
  let isOver = false;
  for (const [index, { input, output }] of pairs.entries()) {
    if (isOver) {
      outcomes.push({ file: input, output, state: 'waiting' });
      continue;
    }
    const outcome = await outcomeOf(context, signing, input, output);
    outcomes.push(outcome);
    context.output.progress(`${index + 1}/${pairs.length} ${outcomeText(outcome)}`);
    isOver = outcome.code !== undefined && isOfToken(outcome.code);
  }
  report(context, outcomes);
}

async function outcomeOf(
  context: CliContext,
  signing: FileSigning,
  file: string,
  output: string,
): Promise<FileOutcome> {
  try {
    if (await isDone(context, signing, file, output)) return { file, output, state: 'skipped' };
    const { fieldName } = await signFileAt(context, signing, file, output);
    return { file, output, state: 'signed', field: fieldName };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { file, output, state: 'failed', code: error.code };
  }
}

/** @throws AppError `file-exists` where something else is in the place of the signed file */
async function isDone(
  { runtime }: CliContext,
  { request, level }: FileSigning,
  input: string,
  output: string,
): Promise<boolean> {
  if (!runtime.files.exists(output)) return false;
  using original = runtime.files.open(input);
  using signed = runtime.files.open(output);
  const by = {
    certificateDer: request.key.certificateDer,
    level,
    ...(request.level === undefined ? {} : { trust: request.level.trust }),
  };
  if (await runtime.isSignedCopy(original, signed, by)) return true;
  throw new AppError('file-exists', 'another file is there', { params: { file: output } });
}

const isOfToken = (code: ErrorCode): boolean => code.startsWith('token-');

function outcomeText({ file, state, code }: FileOutcome): string {
  switch (state) {
    case 'signed':
      return `${file}: 已签署 (signed)`;
    case 'skipped':
      return `${file}: 此前已签署，跳过 (signed before, skipped)`;
    case 'waiting':
      return `${file}: 未处理 (not tried)`;
    case 'failed': {
      const text = code === undefined ? undefined : errorText(code);
      return `${file}: ${code ?? ''}: ${text?.title ?? ''}；${text?.hint ?? ''} / ${text?.titleEn ?? ''}`;
    }
  }
}

function report(context: CliContext, outcomes: readonly FileOutcome[]): void {
  const count = (state: FileOutcome['state']): number =>
    outcomes.filter((outcome) => outcome.state === state).length;
  const counts = {
    signed: count('signed'),
    skipped: count('skipped'),
    failed: count('failed'),
    waiting: count('waiting'),
  };
  context.output.result(
    { ...counts, files: outcomes },
    `已签署 ${counts.signed}，跳过 ${counts.skipped}，失败 ${counts.failed}，未处理 ${counts.waiting}` +
      ` (signed, skipped, failed, not tried)`,
  );
  const failed = outcomes.findLast(({ code }) => code !== undefined)?.code;
  context.setStatus(failed === undefined ? EXIT.done : exitStatusOf(failed));
}
