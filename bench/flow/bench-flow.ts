/**
 * Contracts a second through the whole way, with a store that is empty and with one that a province has
 * filled; in turns, so that whatever else the machine does meets both.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { generateEd25519Pem, keyFile } from '../../src/app/data-folder/keys.js';
import { loadResources } from '../../src/app/resources.js';
import { startSampleBudgetSystem } from '../../src/sandbox/budget-system/index.js';
import { openGround } from '../installation/ground.js';
import { openPlace, type Place } from '../installation/place.js';
import type { PartOptions } from '../main.js';
import { StepWatch, measure, medianRate, type Rate } from '../measure.js';
import type { PartReport, RatedWork } from '../report.js';
import { READINGS, measureReadings, supervisorOf } from './readings.js';
import { sampleWay } from './seed/sample-way.js';
import { seedStore, type Seeded } from './seed/seed-store.js';
import { goWholeWay } from './whole-way.js';

const CLIENTS = 8;
/** Contracts in one turn. */
const TURN = 16;
const WARM_UP = 8;
const STEPS = 10;
const AIM_P95 = 1.2;
const DATABASE = 'qianyin.sqlite';

export async function benchFlow(options: PartOptions): Promise<PartReport> {
  const { directory, rounds, progress, contracts } = options;
  mkdirSync(directory, { recursive: true });
  const ground = await openGround(join(directory, 'ground'));
  const signingKeyFile = join(directory, 'filing.pem');
  keyFile(signingKeyFile, generateEd25519Pem);
  const budget = await startSampleBudgetSystem({ directory: join(directory, 'budget'), port: 0 });
  const open = (name: string): Promise<Place> =>
    openPlace({
      directory: join(directory, name),
      ground,
      budgetSystem: { url: budget.url, signingKeyFile },
    });
  try {
    const seeded = await seed(open, join(directory, 'full'), options);
    progress('services');
    await using empty = await open('empty');
    await using full = await open('full');
    const places = [
      ['empty store', empty],
      [`${String(contracts)} contracts in it`, full],
    ] as const;
    progress('warming up');
    for (const [name, place] of places) await turn(place, `warm-up ${name}`, WARM_UP);
    const measured = new Map<string, Rate[]>(places.map(([name]) => [name, []]));
    for (let round = 1; round <= rounds; round++) {
      progress(`round ${round} of ${rounds}`);
      // Who goes first changes, as what the disk still has to do for the other falls to the second.
      for (const [name, place] of round % 2 === 1 ? places : [...places].reverse()) {
        measured.get(name)?.push(await turn(place, name, TURN));
      }
    }
    progress('step by step');
    const breakdowns = [];
    for (const [name, place] of places) {
      const watch = new StepWatch();
      for (let at = 0; at < STEPS; at++) await goWholeWay(place, watch);
      breakdowns.push({ name: `${name}, one client`, steps: watch.steps() });
    }
    progress('readings');
    const readings = compare(
      await measureReadings(await supervisorOf(empty)),
      await measureReadings(await supervisorOf(full)),
    );
    return report(measured, {
      seeded,
      readings,
      breakdowns,
      rounds,
      path: join(directory, 'full'),
    });
  } finally {
    await budget.stop();
  }
}

/** Fills the store of a service that has seen one contract and is stopped again. */
async function seed(
  open: (name: string) => Promise<Place>,
  directory: string,
  { contracts, progress }: PartOptions,
): Promise<Seeded> {
  progress('the contract that all others are like');
  const sample = await (async () => {
    await using place = await open('full');
    const id = await goWholeWay(place);
    // Most of a year's contracts are announced; the few that are not are what is listed as due.
    await place.handler.post(`/contracts/${id}/announcement`, {});
    await place.serving.service.settle();
    return await sampleWay(place, id);
  })();
  return seedStore({
    path: join(directory, DATABASE),
    sample,
    calendar: loadResources().calendar,
    contracts,
    progress,
  });
}

async function turn(place: Place, name: string, count: number): Promise<Rate> {
  const rate = await measure({
    name,
    lanes: CLIENTS,
    until: { count },
    work: async () => {
      await goWholeWay(place);
    },
  });
  // The next turn starts with nothing left over.
  await place.serving.service.settle();
  return rate;
}

/** Readings of the full store, beside the same of the empty one. */
function compare(
  empty: ReadonlyMap<string, Rate>,
  full: ReadonlyMap<string, Rate>,
): readonly RatedWork[] {
  return READINGS.flatMap((path) => {
    const [before, rate] = [empty.get(path), full.get(path)];
    return before === undefined || rate === undefined ? [] : [rated(rate, before)];
  });
}

function rated(rate: Rate, yardstick: Rate): RatedWork {
  return {
    ...rate,
    ratio: rate.perSecond / yardstick.perSecond,
    cpuRatio: yardstick.cpuMs / rate.cpuMs,
  };
}

interface Measured {
  readonly seeded: Seeded;
  readonly readings: readonly RatedWork[];
  readonly breakdowns: PartReport['breakdowns'];
  readonly rounds: number;
  readonly path: string;
}

function report(
  measured: ReadonlyMap<string, readonly Rate[]>,
  { seeded, readings, breakdowns, rounds, path }: Measured,
): PartReport {
  const rates = [...measured.values()].map(medianRate);
  const yardstick = rates[0];
  if (yardstick === undefined) throw new Error('nothing was measured');
  return {
    part: 'flow',
    setting: {
      way: 'create, submit, confirm, two signatures, filed with its receipt',
      clients: CLIENTS,
      token: 'SoftHSM, RSA-2048',
      'contracts seeded': seeded.contracts,
      'audit entries seeded': seeded.auditEntries,
      'units seeded': seeded.units,
      'seconds to seed': Math.round(seeded.seconds),
      'database MB': Math.round(statSync(join(path, DATABASE)).size / 1e6),
      'p95 to the empty store': Number(
        ((rates[1]?.p95Ms ?? Number.NaN) / yardstick.p95Ms).toFixed(2),
      ),
      'aim of that': AIM_P95,
      rounds,
      node: process.version,
    },
    // Each to the same work with the empty store.
    rates: [...rates.map((rate) => rated(rate, yardstick)), ...readings],
    breakdowns,
  };
}
