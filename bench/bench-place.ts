/** A token with a key, its certificate and anchors, and a Python with pyHanko: what every race needs. */
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { softHsmLibrary } from '../src/app/quickstart/quickstart.js';
import { Secret, systemClock } from '../src/kernel/index.js';
import { initPki } from '../src/sandbox/pki/index.js';
import { provisionSoftHsm } from '../src/sandbox/softhsm/index.js';

export const TOKEN_LABEL = 'bench';

/** From `dist-bench/bench` to the checkout. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface BenchPlace {
  readonly pin: string;
  readonly env: Readonly<Record<string, string>>;
  readonly modulePath: string;
  readonly certificate: string;
  readonly directory: string;
  /** Folder of trust anchors, as the command line takes it. */
  readonly trust: string;
  /** A Python with pyHanko; undefined where it cannot be had. */
  readonly python: string | undefined;
}

export async function openBenchPlace(directory: string): Promise<BenchPlace> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const modulePath = softHsmLibrary();
  const pin = String(randomInt(10_000_000, 99_999_999));
  const pkiDirectory = join(directory, 'pki');
  await initPki({ directory: pkiDirectory, baseUrl: 'http://127.0.0.1:9', clock: systemClock });
  const secret = Secret.fromText(pin);
  const { confPath, tokens } = await provisionSoftHsm({
    directory: join(directory, 'softhsm'),
    modulePath,
    pkiDirectory,
    clock: systemClock,
    tokens: [
      {
        label: TOKEN_LABEL,
        pin: secret,
        soPin: secret,
        subject: 'CN=bench,C=CN',
        keyType: 'rsa-2048',
        issuerId: 'budget-system',
      },
    ],
  });
  const certificate = join(directory, 'certificate.der');
  writeFileSync(certificate, tokens[0]?.signingCertificateDer ?? new Uint8Array());
  const python = join(ROOT, '.ci-cache', 'pyhanko', 'bin', 'python');
  return {
    pin,
    env: { SOFTHSM2_CONF: confPath, BENCH_PIN: pin, QIANYIN_PIN: pin },
    modulePath,
    certificate,
    directory,
    trust: join(pkiDirectory, 'trust'),
    python: existsSync(python) ? python : undefined,
  };
}
