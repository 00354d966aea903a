/**
 * Signs files of the corpus twice, by the command line's own code, in a process of its own: a file that
 * hangs or crashes takes down this process and no other. One request a message, one answer a message.
 */
import { createCliRuntime, runCli } from '../../src/app/index.js';
import type { CliRuntime } from '../../src/cli/index.js';
import { PIN, signTwice, type CommandError, type SignRequest } from './signing-steps.js';

interface Failure {
  readonly error: CommandError;
}

/** The command line's own runtime; the one key and the one picture are made once instead of for every file. */
function corpusRuntime(): CliRuntime {
  const runtime = createCliRuntime({
    env: { ...PIN },
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

async function sign(args: readonly string[]): Promise<CommandError | undefined> {
  let out = '';
  const status = await runCli(['sign', ...args, '--json'], runtime, {
    stdout: (text) => (out += text),
    stderr: () => undefined,
  });
  return status === 0 ? undefined : (JSON.parse(out) as Failure).error;
}

process.send?.('ready');
process.on('message', (request: SignRequest) => {
  void signTwice(request, sign).then((answer) => process.send?.(answer));
});
