/** How a PIN or password reaches a command: a file, the environment, or a prompt without echo; never an argument. */
import { AppError, Secret, isAppError } from '../kernel/index.js';

export interface SecretSources {
  /** The content of a file, or throws AppError `file-not-found`. */
  readonly readFile: (path: string) => Uint8Array;
  /** `QIANYIN_PIN`, already read by the configuration. */
  readonly fromEnvironment: string | undefined;
  /** `QIANYIN_PDF_PASSWORD`. */
  readonly pdfPassword: string | undefined;
  /** Asks at the terminal; undefined where there is none. */
  readonly prompt: ((question: string) => Promise<string>) | undefined;
}

/**
 * @param pinFile - `--pin-file`; a trailing line end does not count.
 * @throws AppError `token-pin-required`, `file-not-found`
 */
export async function obtainSecret(
  sources: SecretSources,
  pinFile: string | undefined,
  question: string,
): Promise<Secret> {
  if (pinFile !== undefined) return secretInFile(sources, pinFile);
  if (sources.fromEnvironment !== undefined) return Secret.fromText(sources.fromEnvironment);
  if (sources.prompt !== undefined) {
    try {
      return Secret.fromText(await sources.prompt(question));
    } catch (error) {
      if (isAppError(error)) throw error;
      throw new AppError('token-pin-required', 'no PIN was entered', { cause: error });
    }
  }
  throw new AppError('token-pin-required', 'no PIN by file, environment or prompt');
}

/**
 * The password of an encrypted PDF; undefined where none is given and nobody can be asked, or none is needed.
 *
 * @param passwordFile - `--password-file`; a trailing line end does not count.
 * @param isNeeded - Asked only before a prompt.
 * @throws AppError `file-not-found`, `pdf-encrypted` where the prompt is left without an answer
 */
export async function obtainPdfPassword(
  sources: SecretSources,
  passwordFile: string | undefined,
  isNeeded: () => Promise<boolean>,
): Promise<Secret | undefined> {
  if (passwordFile !== undefined) return secretInFile(sources, passwordFile);
  if (sources.pdfPassword !== undefined) return Secret.fromText(sources.pdfPassword);
  if (sources.prompt === undefined || !(await isNeeded())) return undefined;
  try {
    return Secret.fromText(await sources.prompt('PDF 口令 (password of the PDF): '));
  } catch (cause) {
    throw new AppError('pdf-encrypted', 'no password was entered', { cause });
  }
}

function secretInFile(sources: SecretSources, path: string): Secret {
  const bytes = sources.readFile(path);
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  const secret = Secret.fromBytes(bytes.slice(0, end));
  bytes.fill(0);
  return secret;
}
