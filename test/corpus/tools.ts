/** Runs the outside judges with a bound on time and output. */
import { execFile } from 'node:child_process';

export interface ToolResult {
  /** Undefined where the tool was stopped by a signal or its time was up. */
  readonly status: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const TOOL_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

export function runTool(
  command: string,
  args: readonly string[],
  cwd?: string,
): Promise<ToolResult> {
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      {
        timeout: TOOL_TIMEOUT_MS,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT_BYTES,
        encoding: 'buffer',
        ...(cwd === undefined ? {} : { cwd }),
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
        resolve({ status: code, stdout, stderr: stderr.toString('latin1') });
      },
    );
  });
}
