/** The password of an encrypted PDF: from a file, the environment, or asked for where the file needs one. */
import type { Command } from 'commander';
import type { Secret } from '../../kernel/index.js';
import type { CliContext } from '../context.js';
import { obtainPdfPassword } from '../secret-entry.js';

export interface PasswordFlags {
  readonly passwordFile?: string;
}

export function addPasswordOption(command: Command): Command {
  return command.option(
    '--password-file <file>',
    '加密 PDF 的口令所在文件；或用环境变量 QIANYIN_PDF_PASSWORD (file that holds the password of an encrypted PDF)',
  );
}

/** The caller disposes of it. @returns undefined where none is given and none is needed. */
export function passwordFor(
  { runtime }: CliContext,
  flags: PasswordFlags,
  path: string,
): Promise<Secret | undefined> {
  return obtainPdfPassword(runtime.secrets, flags.passwordFile, async () => {
    using source = runtime.files.open(path);
    return await runtime.needsPassword(source);
  });
}
