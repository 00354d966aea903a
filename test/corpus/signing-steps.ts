/** Which two signatures a file of the corpus gets, whoever runs the commands. */

/** What is seen of a signature: a contract seal, a small one where the page has no room for it, nothing. */
export const SEALS = ['contract', 'small', 'none'] as const;
export type SealKind = (typeof SEALS)[number];

export interface SignRequest {
  readonly id: string;
  readonly input: string;
  /** Where the file goes with one signature, and with two. */
  readonly once: string;
  readonly twice: string;
  readonly p12: string;
  /** Further options of both signatures. */
  readonly options: readonly string[];
}

export interface CommandError {
  readonly code: string;
  readonly message: string;
}

export interface SignAnswer {
  readonly id: string;
  readonly seal: SealKind;
  /** What the command that was refused said, or undefined. */
  readonly refusal?: CommandError & { readonly step: 1 | 2 };
  readonly milliseconds: number;
}

/** Runs `qianyin sign` with these arguments and `--json`; undefined where it succeeded. */
export type RunSign = (args: readonly string[]) => Promise<CommandError | undefined>;

/** The PIN of the key, as an environment variable gives it. */
export const PIN = { QIANYIN_PIN: 'corpus' } as const;

const PICTURE = ['--seal-name', '语料测试专用'];
const FIRST = ['--page', '1'];
const LAST = ['--page', 'last'];
/** Seen on the first page; then on the last one, so that both ends of the page tree are written to. */
const PLACES: Readonly<Record<SealKind, readonly [readonly string[], readonly string[]]>> = {
  contract: [
    [...PICTURE, ...FIRST, '--at', '120,120'],
    [...PICTURE, ...LAST, '--at', '260,120'],
  ],
  small: [
    [...PICTURE, '--size', '10', ...FIRST, '--at', '20,20'],
    [...PICTURE, '--size', '10', ...LAST, '--at', '55,20'],
  ],
  none: [[], []],
};

/** A page too small for a seal gets a smaller one, as a person would do; one too small for that, none. */
export async function signTwice(request: SignRequest, run: RunSign): Promise<SignAnswer> {
  const started = performance.now();
  let answer: Omit<SignAnswer, 'milliseconds'> | undefined;
  for (const seal of SEALS) {
    answer = await attempt(request, run, seal);
    if (answer.refusal?.code !== 'appearance-outside-page') break;
  }
  const milliseconds = Math.round(performance.now() - started);
  return { id: request.id, seal: 'none', ...answer, milliseconds };
}

async function attempt(
  { id, input, once, twice, p12, options }: SignRequest,
  run: RunSign,
  seal: SealKind,
): Promise<Omit<SignAnswer, 'milliseconds'>> {
  const key = ['--p12', p12, ...options];
  const [first, second] = PLACES[seal];
  const atFirst = await run([input, '-o', once, ...key, ...first]);
  if (atFirst !== undefined) return { id, seal, refusal: { step: 1, ...atFirst } };
  const atSecond = await run([once, '-o', twice, ...key, ...second]);
  if (atSecond !== undefined) return { id, seal, refusal: { step: 2, ...atSecond } };
  return { id, seal };
}
