/** What services to be measured stand on: a development PKI, SoftHSM tokens, the key that makes seals. */
import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { softHsmLibrary } from '../../src/app/quickstart/quickstart.js';
import type { SampleCertificates } from '../../src/app/quickstart/seed-accounts.js';
import { Secret, systemClock } from '../../src/kernel/index.js';
import { initPki, sealMakerPkcs12 } from '../../src/sandbox/pki/index.js';
import { SAMPLE_BUYER, SAMPLE_SUPPLIER, type SampleUnit } from '../../src/sandbox/sample/index.js';
import { provisionSoftHsm } from '../../src/sandbox/softhsm/index.js';

export const TOKENS = {
  raw: 'raw',
  buyer: 'buyer',
  supplier: 'supplier',
  sealAdministrator: 'seal-administrator',
  sealReviewer: 'seal-reviewer',
} as const;

export interface Ground {
  readonly modulePath: string;
  readonly softHsmConf: string;
  readonly trustDirectory: string;
  readonly makerP12File: string;
  readonly makerSecretFile: string;
  /** Of every token. */
  readonly pin: Secret;
  readonly certificates: SampleCertificates;
}

/** @param directory - Made where it is missing. */
export async function openGround(directory: string): Promise<Ground> {
  const modulePath = softHsmLibrary();
  const pkiDirectory = join(directory, 'pki');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await initPki({ directory: pkiDirectory, baseUrl: 'http://127.0.0.1:9', clock: systemClock });
  const pin = Secret.fromText(String(randomInt(10_000_000, 99_999_999)));
  const token = (label: string, unit: SampleUnit, issuerId: string) => ({
    label,
    pin,
    soPin: pin,
    subject: `CN=${label},2.5.4.97=${unit.creditCode},O=${unit.name},C=CN`,
    keyType: 'rsa-2048' as const,
    issuerId,
  });
  const staffToken = (label: string) => ({
    label,
    pin,
    soPin: pin,
    subject: `CN=${label},O=示例市财政局,C=CN`,
    keyType: 'rsa-2048' as const,
    issuerId: 'budget-system',
  });
  const makerP12File = join(directory, 'seal-maker.p12');
  const makerSecretFile = join(directory, 'seal-maker.txt');
  writeFileSync(makerSecretFile, pin.revealText(), { mode: 0o600 });
  writeFileSync(makerP12File, await sealMakerPkcs12(pkiDirectory, pin), { mode: 0o600 });
  const provisioned = await provisionSoftHsm({
    directory: join(directory, 'softhsm'),
    modulePath,
    pkiDirectory,
    clock: systemClock,
    tokens: [
      token(TOKENS.raw, SAMPLE_BUYER, 'budget-system'),
      token(TOKENS.buyer, SAMPLE_BUYER, 'budget-system'),
      token(TOKENS.supplier, SAMPLE_SUPPLIER, 'trading-centre'),
      staffToken(TOKENS.sealAdministrator),
      staffToken(TOKENS.sealReviewer),
    ],
  });
  const certificateOf = (label: string): Uint8Array => {
    const found = provisioned.tokens.find((each) => each.label === label);
    if (found === undefined) throw new Error(`no token ${label}`);
    return found.signingCertificateDer;
  };
  return {
    modulePath,
    softHsmConf: provisioned.confPath,
    trustDirectory: join(pkiDirectory, 'trust'),
    makerP12File,
    makerSecretFile,
    pin,
    certificates: {
      buyer: certificateOf(TOKENS.buyer),
      supplier: certificateOf(TOKENS.supplier),
      sealAdministrator: certificateOf(TOKENS.sealAdministrator),
      sealReviewer: certificateOf(TOKENS.sealReviewer),
    },
  };
}
