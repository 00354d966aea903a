/** How long a contract takes from its data to the PDF/A file that is signed, in a process that is warm. */
import { loadResources } from '../../src/app/resources.js';
import { renderContract } from '../../src/contract/index.js';
import { systemClock } from '../../src/kernel/index.js';
import { longContractData } from '../installation/long-contract.js';
import type { PartOptions } from '../main.js';
import { measure, medianRate, type Rate } from '../measure.js';
import type { PartReport } from '../report.js';

/** The sample has 12 items: how often they are listed. */
const SIZES = [1, 9, 34] as const;
const CONTRACTS = 10;
const WARM_UP = 3;

export async function benchRendering({ rounds, progress }: PartOptions): Promise<PartReport> {
  const { fonts, templates } = loadResources();
  const template = templates.get('goods');
  if (template === undefined) throw new Error('there is no template for goods');
  const at = systemClock.now();
  const works = SIZES.map((times) => {
    const data = longContractData('RENDER-1', at, times);
    const name = `${data.items.length} items`;
    return { name, render: () => renderContract({ data, template, fonts, at }) };
  });
  const pages: Record<string, number> = {};
  const measured = new Map<string, Rate[]>(works.map(({ name }) => [name, []]));
  progress('warming up');
  for (const { name, render } of works) {
    for (let run = 0; run < WARM_UP; run++) pages[`pages of ${name}`] = (await render()).pageCount;
  }
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}`);
    for (const { name, render } of works) {
      const work = async (): Promise<void> => {
        await render();
      };
      measured
        .get(name)
        ?.push(await measure({ name, lanes: 1, until: { count: CONTRACTS }, work }));
    }
  }
  const rates = [...measured.values()].map(medianRate);
  const yardstick = rates[0];
  if (yardstick === undefined) throw new Error('nothing was measured');
  return {
    part: 'render',
    setting: { 'aim, ms for 100 items': 1000, ...pages, rounds, node: process.version },
    rates: rates.map((rate) => ({
      ...rate,
      ratio: rate.perSecond / yardstick.perSecond,
      cpuRatio: yardstick.cpuMs / rate.cpuMs,
    })),
    breakdowns: [],
  };
}
