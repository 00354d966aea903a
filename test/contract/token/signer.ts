/**
 * A service in small, for tests that end it: opens a token whose module has a process of its own,
 * signs on SIGUSR2, closes on SIGTERM.
 */
import { fileURLToPath } from 'node:url';
import { Secret, silentLogger, systemClock } from '../../../src/kernel/index.js';
import { openPkcs11Provider } from '../../../src/token/pkcs11/index.js';

const [directory = '', modulePath = '', shimEnvironment = '{}'] = process.argv.slice(2);
const host = fileURLToPath(new URL('../../../src/token/pkcs11/host/host-main.ts', import.meta.url));
const hooks = new URL('../../support/run-typescript.mjs', import.meta.url).href;

const provider = await openPkcs11Provider({
  modulePaths: [modulePath],
  logger: silentLogger,
  clock: systemClock,
  host: {
    environment: {
      ...process.env,
      SOFTHSM2_CONF: `${directory}/softhsm2.conf`,
      ...(JSON.parse(shimEnvironment) as Record<string, string>),
    },
    nodeArguments: ['--no-warnings', '--import', hooks, host],
  },
});
const key = await provider.open({}, { pin: Secret.fromText('123456') });
process.on('SIGUSR2', () => {
  const signature = key.sign(new Uint8Array(8), { padding: 'ecdsa', digest: 'sha256' });
  signature.catch(() => undefined);
  setTimeout(() => console.log('asked'), 200);
});
const keepAlive = setInterval(() => undefined, 1000);
process.on('SIGTERM', () => {
  clearInterval(keepAlive);
  void key[Symbol.asyncDispose]().then(() => provider[Symbol.asyncDispose]());
});
console.log('open');
