/**
 * Signs files of the corpus twice, by the command line's own code, in a process of its own: a file that
 * hangs or crashes takes down this process and no other. One request a message, one answer a message.
 */
import { createCliRuntime, runCli } from '../../src/app/index.js';
import type { CliRuntime } from '../../src/cli/index.js';

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

export interface SignAnswer {
  readonly id: string;
  /** What the command that was refused said, or undefined. */
  readonly refusal?: { readonly step: 1 | 2; readonly code: string; readonly message: string };
  readonly milliseconds: number;
}

interface Failure {
  readonly error: { readonly code: string; readonly message: string };
}

/** The command line's own runtime; the one key and the one picture are made once instead of for every file. */
function corpusRuntime(): CliRuntime {
  const runtime = createCliRuntime({
    env: { QIANYIN_PIN: 'corpus' },
    version: '0',
    isInteractive: false,
    untilStopped: () => Promise.resolve(),
  });
  let drawing: ReturnType<CliRuntime['drawSeal']> | undefined;
  let key: ReturnType<CliRuntime['openPkcs12']> | undefined;
  return {
    ...runtime,
    drawSeal: (seal) => (drawing ??= runtime.drawSeal(seal)),
    openPkcs12: async (der, password) => {
      const opened = await (key ??= runtime.openPkcs12(der, password));
      return { ...opened, sign: opened.sign.bind(opened), [Symbol.asyncDispose]: keptOpen };
    },
  };
}

const keptOpen = (): Promise<void> => Promise.resolve();
const runtime = corpusRuntime();

async function sign(args: readonly string[]): Promise<Failure['error'] | undefined> {
  let out = '';
  const status = await runCli(['sign', ...args, '--json'], runtime, {
    stdout: (text) => (out += text),
    stderr: () => undefined,
  });
  return status === 0 ? undefined : (JSON.parse(out) as Failure).error;
}

async function signTwice(request: SignRequest): Promise<SignAnswer> {
  const started = performance.now();
  const { id, input, once, twice, p12, options } = request;
  const key = ['--p12', p12, ...options];
  const steps = [
    // Seen on the first page; then on the last one, so that both ends of the page tree are written to.
    { files: [input, '-o', once], place: ['--page', '1', '--at', '120,120'] },
    { files: [once, '-o', twice], place: ['--page', 'last', '--at', '260,120'] },
  ];
  let refusal: SignAnswer['refusal'];
  for (const [index, { files, place }] of steps.entries()) {
    let error = await sign([...files, ...key, '--seal-name', '语料测试专用', ...place]);
    // A page too small for a seal is signed without one.
    if (error?.code === 'appearance-outside-page') error = await sign([...files, ...key]);
    if (error === undefined) continue;
    refusal = { step: index === 0 ? 1 : 2, ...error };
    break;
  }
  const milliseconds = Math.round(performance.now() - started);
  return { id, milliseconds, ...(refusal === undefined ? {} : { refusal }) };
}

process.send?.('ready');
process.on('message', (request: SignRequest) => {
  void signTwice(request).then((answer) => process.send?.(answer));
});
