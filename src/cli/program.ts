/** The command line as a whole: commands, `--json`, and the one place where a failure becomes an exit status. */
import { Command, CommanderError } from 'commander';
import { AppError } from '../kernel/index.js';
import { addAuditCommand } from './commands/audit.js';
import { addBackupCommands } from './commands/backup.js';
import { addContractCommand } from './commands/contract.js';
import { addLocateCommand } from './commands/locate.js';
import { addExtendCommand } from './commands/extend.js';
import { addPkiCommand } from './commands/pki.js';
import { addQuickstartCommand } from './commands/quickstart.js';
import { addSealCommand } from './commands/seal.js';
import { addServeCommand } from './commands/serve.js';
import { addSignCommand } from './commands/sign.js';
import { addTokenCommand } from './commands/token.js';
import { addTwoStepCommands } from './commands/two-step.js';
import { addVerifyCommand } from './commands/verify.js';
import type { CliContext } from './context.js';
import { EXIT, type ExitStatus } from './exit-codes.js';
import { createOutput, type OutputStreams } from './output.js';
import type { CliRuntime } from './runtime.js';

const COMMANDS = [
  addQuickstartCommand,
  addServeCommand,
  addPkiCommand,
  addTokenCommand,
  addSignCommand,
  addTwoStepCommands,
  addExtendCommand,
  addVerifyCommand,
  addLocateCommand,
  addSealCommand,
  addContractCommand,
  addAuditCommand,
  addBackupCommands,
];

/** Makes commander throw instead of ending the process, on every level. */
function prepare(command: Command, streams: OutputStreams): void {
  command.exitOverride();
  command.configureOutput({
    writeOut: streams.stdout,
    // Usage faults are reported in our own one line.
    writeErr: () => undefined,
  });
  for (const child of command.commands) prepare(child, streams);
}

/**
 * Runs one command.
 *
 * @param args - Without the interpreter and the script.
 * @returns The exit status; nothing is thrown.
 */
export async function runCli(
  args: readonly string[],
  runtime: CliRuntime,
  streams: OutputStreams,
): Promise<ExitStatus> {
  const output = createOutput(streams, args.includes('--json'));
  let status: ExitStatus = EXIT.done;
  const context: CliContext = {
    runtime,
    output,
    setStatus: (next) => {
      status = next;
    },
  };
  const program = new Command('qianyin')
    .description('签印：政府采购电子合同签署与电子印章 (e-contract and e-seal signing)')
    .version(runtime.version);
  for (const add of COMMANDS) add(program, context);
  for (const command of walk(program)) command.option('--json', '以 JSON 输出 (JSON output)');
  prepare(program, streams);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) return output.failure(error);
    if (error.exitCode === 0 || error.code === 'commander.help') return EXIT.done;
    const what = error.message.replace(/^error: /, '');
    return output.failure(new AppError('usage', what, { params: { fault: what } }));
  }
}

/** Every command that does something itself. */
function* walk(command: Command): Generator<Command> {
  for (const child of command.commands) {
    if (child.commands.length === 0) yield child;
    yield* walk(child);
  }
}
