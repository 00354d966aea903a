export { createCliRuntime } from './cli-runtime.js';
export { packageVersion } from './version.js';
export type { ProcessEnvironment } from './cli-runtime.js';
export { runCli } from '../cli/index.js';
