/**
 * The program that hosts one PKCS#11 module. Pipe 3 carries the calls, pipe 4 nothing: its end says
 * that the service is gone, also while the module blocks this thread.
 */
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { serveModule } from './serve-module.js';

const CALLS_FD = 3;
const LIFE_FD = 4;
/** For a logout and C_Finalize once the service is gone. */
const GRACE_MS = 2000;

/**
 * A thread of its own, as text since a worker's file would have to be found again in every way this
 * program is started. It ends the process where the main thread is stuck in the module.
 */
const WATCH = `
  const { Socket } = require('node:net');
  const { workerData: { fd, graceMs } } = require('node:worker_threads');
  const end = () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs);
  new Socket({ fd, readable: true, writable: false }).on('end', end).on('error', end).resume();
`;
new Worker(WATCH, {
  eval: true,
  execArgv: [],
  workerData: { fd: LIFE_FD, graceMs: GRACE_MS },
}).unref();

// The terminal's signals reach the whole process group; the service decides when a module ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => undefined);
}

const calls = new Socket({ fd: CALLS_FD, readable: true, writable: true });
await serveModule(calls);
// eslint-disable-next-line no-restricted-properties -- an entry point too: a call stuck in the module would keep the process
process.exit(0);
