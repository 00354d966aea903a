/** What went wrong with a request, and what to do, in the words of the page. */
import { ConnectionError, ProblemError } from '../api/request.js';
import type { Texts } from '../text/zh.js';

export interface Explanation {
  readonly title: string;
  readonly advice: string;
}

/** Found by the page itself, before anything is sent. */
export class UnsuitableFile extends Error {
  override readonly name = 'UnsuitableFile';
  readonly reason: 'not-a-pdf' | 'empty-file';

  constructor(reason: 'not-a-pdf' | 'empty-file') {
    super(reason);
    this.reason = reason;
  }
}

export function explainProblem(error: unknown, texts: Texts): Explanation {
  const [title = '', advice = ''] = wordsFor(error, texts.problems);
  return { title, advice };
}

function wordsFor(error: unknown, words: Texts['problems']): readonly string[] {
  if (error instanceof UnsuitableFile) return words[error.reason];
  if (error instanceof ConnectionError) return words.connection;
  if (!(error instanceof ProblemError)) return words.other;
  const { problem, retryAfterSeconds } = error;
  switch (problem.code) {
    case 'request-too-large': {
      const limit = Number(problem.params?.['maxBytes']);
      return words['request-too-large'](Number.isFinite(limit) ? limit : undefined);
    }
    case 'rate-limited':
      return words['rate-limited'](retryAfterSeconds);
    case 'media-type-unsupported':
    case 'pdf-not-a-pdf':
      return words['not-a-pdf'];
    case 'pdf-encrypted':
    case 'pdf-password-incorrect':
      return words['pdf-encrypted'];
    case 'package-malformed':
    case 'pdf-malformed':
    case 'pdf-limit-exceeded':
    case 'unavailable':
    case 'renderer-missing':
      return words[problem.code];
    default:
      // The service words its other problems itself; of its own faults there is nothing to tell.
      return problem.status < 500 && problem.title !== '' ? words.told(problem) : words.other;
  }
}
