/**
 * How much of a token's raw RSA-2048 rate is left after PDF, CMS and our own verification, and after
 * the whole API. Everything runs in one process and in turns, so that the ratios hold on a busy machine.
 */
import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { TOKENS, openGround } from '../installation/ground.js';
import { confirmedContract, openPlace } from '../installation/place.js';
import type { PartOptions } from '../main.js';
import { StepWatch, measure, medianRate, type Rate } from '../measure.js';
import type { PartReport } from '../report.js';
import { ArrowWatch, measureCalls } from './http-signing.js';
import { openInProcessSigner } from './in-process.js';
import { RawToken } from '../raw-token.js';

/** Lists the sample's items so often that the contract has ten pages or more. */
const ITEM_REPEATS = 5;
const MIN_PAGES = 10;
const RAW_MS = 1000;
const IN_PROCESS_MS = 2000;
const CALLS = 100;
const WARM_UP = 100;
/** About what one write of a contract's record comes to. */
const SYNCED_BYTES = 20_480;

const NAMES = {
  raw: 'C_Sign, one session',
  rawAsync: 'C_Sign in the thread pool, one session',
  disk: 'append 20 KiB to a file, synced',
  sequential: 'in process, one after the other',
  parallel: 'in process, 4 in flight',
  oneClient: 'POST signatures, 1 client',
  manyClients: 'POST signatures, 8 clients',
} as const;

type Measured = keyof typeof NAMES;

const AIMS: Partial<Readonly<Record<Measured, number>>> = {
  sequential: 0.5,
  parallel: 0.5,
  oneClient: 0.25,
  manyClients: 0.25,
};

export async function benchService(options: PartOptions): Promise<PartReport> {
  const { directory, rounds, progress } = options;
  const arrows = new ArrowWatch();
  progress('tokens, service, units, seals');
  const ground = await openGround(directory);
  await using place = await openPlace({
    directory: join(directory, 'service'),
    ground,
    faults: arrows.onArrow,
  });
  const contract = await confirmedContract(place, 'BENCH-1', ITEM_REPEATS);
  const { document } = contract;
  if (document === undefined || document.pageCount < MIN_PAGES) {
    throw new Error(`the contract has fewer than ${MIN_PAGES} pages`);
  }
  using raw = new RawToken(ground.modulePath, TOKENS.raw, ground.pin);
  await using signer = await openInProcessSigner(place, contract);
  // As long as the signed attributes that the others sign.
  const message = randomBytes(200);

  const calls = (name: string, clients: number, count = CALLS): Promise<Rate> =>
    measureCalls(place, contract, { name, clients, count });
  const inProcess = (name: string, lanes: number): Promise<Rate> =>
    measure({
      name,
      lanes,
      until: { ms: IN_PROCESS_MS },
      work: async () => {
        await signer.sign();
      },
    });
  const works: Readonly<Record<Measured, () => Promise<Rate>>> = {
    raw: () =>
      measure({
        name: NAMES.raw,
        lanes: 1,
        until: { ms: RAW_MS },
        work: () => {
          raw.sign(message);
          return Promise.resolve();
        },
      }),
    rawAsync: () =>
      measure({
        name: NAMES.rawAsync,
        lanes: 1,
        until: { ms: RAW_MS },
        work: async () => {
          await raw.signAsync(message);
        },
      }),
    disk: () => measureSyncs(join(directory, 'synced')),
    sequential: () => inProcess(NAMES.sequential, 1),
    parallel: () => inProcess(NAMES.parallel, 4),
    oneClient: () => calls(NAMES.oneClient, 1),
    manyClients: () => calls(NAMES.manyClients, 8),
  };

  progress('warming up');
  for (let i = 0; i < WARM_UP; i++) await signer.sign();
  await calls('warm-up', 2, WARM_UP);
  const measured = new Map<Measured, Rate[]>();
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}`);
    for (const key of Object.keys(works) as Measured[]) {
      measured.set(key, [...(measured.get(key) ?? []), await works[key]()]);
    }
  }
  progress('step by step');
  const inProcessSteps = new StepWatch();
  for (let i = 0; i < CALLS; i++) await signer.sign(inProcessSteps);
  const callSteps = new StepWatch();
  await measureCalls(
    place,
    contract,
    { name: 'steps', clients: 1, count: CALLS },
    { watch: callSteps, at: arrows },
  );

  const yardstick = medianRate(measured.get('raw') ?? []);
  return {
    part: 'service',
    setting: {
      token: 'SoftHSM, RSA-2048, CKM_SHA256_RSA_PKCS',
      'contract pages': document.pageCount,
      'contract bytes': document.sizeBytes,
      'appended bytes': await signer.sign(),
      rounds,
      node: process.version,
    },
    rates: [...measured].map(([key, each]) => {
      const rate = medianRate(each);
      const aim = AIMS[key];
      return {
        ...rate,
        ratio: rate.perSecond / yardstick.perSecond,
        cpuRatio: yardstick.cpuMs / rate.cpuMs,
        ...(aim === undefined ? {} : { aim }),
      };
    }),
    breakdowns: [
      { name: NAMES.sequential, steps: inProcessSteps.steps() },
      { name: NAMES.oneClient, steps: callSteps.steps() },
    ],
  };
}

/** What a durable step costs on this disk at the least: the whole call has several. */
async function measureSyncs(path: string): Promise<Rate> {
  const file = await open(path, 'a');
  const bytes = randomBytes(SYNCED_BYTES);
  try {
    return await measure({
      name: NAMES.disk,
      lanes: 1,
      until: { ms: RAW_MS },
      work: async () => {
        await file.appendFile(bytes);
        await file.datasync();
      },
    });
  } finally {
    await file.close();
  }
}
