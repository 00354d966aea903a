export { createCliRuntime, packageVersion } from './cli-runtime.js';
export type { ProcessEnvironment } from './cli-runtime.js';
export { runCli } from '../cli/index.js';
