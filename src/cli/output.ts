/** Where the command line writes: results on stdout, progress and faults on stderr, one JSON document under `--json`. */
import { AppError, errorText, isAppError } from '../kernel/index.js';
import { EXIT, exitStatusOf, type ExitStatus } from './exit-codes.js';

export interface OutputStreams {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

export interface Output {
  readonly isJson: boolean;
  /** The command's result: `value` under `--json`, `text` otherwise. Called once. */
  result(value: unknown, text: string): void;
  /** Something on the way, for a person. */
  progress(text: string): void;
  /** The one line of a failure; returns the exit status that belongs to it. */
  failure(error: unknown): ExitStatus;
}

/** `{…}` of a code's parameters, for the end of a sentence. */
function describeParams(error: AppError): string {
  const parts = Object.entries(error.params).map(([name, value]) => {
    const shown = Array.isArray(value) ? value.join('; ') : String(value);
    return `${name}: ${shown}`;
  });
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

export function createOutput(streams: OutputStreams, isJson: boolean): Output {
  return {
    isJson,
    result(value, text) {
      streams.stdout(isJson ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
    },
    progress(text) {
      streams.stderr(`${text}\n`);
    },
    failure(error) {
      const known = isAppError(error)
        ? error
        : new AppError('internal', 'unexpected', { cause: error });
      const text = errorText(known.code);
      const params = describeParams(known);
      streams.stderr(
        `qianyin: ${known.code}: ${text.title}${params} / ${text.titleEn}; ${text.hint} / ${text.hintEn}\n`,
      );
      if (isJson) {
        const body = {
          error: {
            code: known.code,
            message: `${text.title}${params} / ${text.titleEn}`,
            hint: `${text.hint} / ${text.hintEn}`,
          },
        };
        streams.stdout(`${JSON.stringify(body, null, 2)}\n`);
      }
      return known.code === 'internal' ? EXIT.internal : exitStatusOf(known.code);
    },
  };
}
