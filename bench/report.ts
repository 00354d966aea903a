/** What a part of the bench found, and how it is printed. */
import type { Rate, Step } from './measure.js';

export interface RatedWork extends Rate {
  /** Rate as a share of the part's yardstick. */
  readonly ratio: number;
  /** The yardstick's processor time as a share of this work's: the ratio on a machine without other work. */
  readonly cpuRatio: number;
  /** The ratio this work should reach; absent where it has none. */
  readonly aim?: number;
}

export interface Breakdown {
  readonly name: string;
  readonly steps: readonly Step[];
}

export interface PartReport {
  readonly part: string;
  /** What was measured on: sizes, counts, versions. */
  readonly setting: Readonly<Record<string, string | number>>;
  /** The first one is the yardstick. */
  readonly rates: readonly RatedWork[];
  readonly breakdowns: readonly Breakdown[];
}

const pad = (text: string, width: number): string => text.padEnd(width);
const padLeft = (text: string, width: number): string => text.padStart(width);

export function reportText(report: PartReport): string {
  const { part, setting, rates, breakdowns } = report;
  const width = Math.max(...rates.map(({ name }) => name.length), 4);
  const lines = [
    `# ${part}`,
    ...Object.entries(setting).map(([name, value]) => `${name}: ${String(value)}`),
    '',
    `${pad('work', width)}  ${[
      'count',
      'per second',
      'median ms',
      'p95 ms',
      'cpu ms',
      'ratio',
      'cpu ratio',
      'aim',
    ]
      .map((title) => padLeft(title, 10))
      .join(' ')}`,
    ...rates.map((rate) => {
      const cells = [
        String(rate.count),
        rate.perSecond.toFixed(1),
        rate.medianMs.toFixed(2),
        rate.p95Ms.toFixed(2),
        rate.cpuMs.toFixed(2),
        rate.ratio.toFixed(3),
        rate.cpuRatio.toFixed(3),
        rate.aim === undefined ? '' : rate.aim.toFixed(2),
      ];
      return `${pad(rate.name, width)}  ${cells.map((cell) => padLeft(cell, 10)).join(' ')}`;
    }),
  ];
  for (const { name, steps } of breakdowns) {
    const total = steps.reduce((sum, step) => sum + step.microseconds, 0);
    lines.push('', `${name}, µs a step (median)`);
    for (const step of [...steps, { name: 'sum', microseconds: total }]) {
      const share = `${((step.microseconds / total) * 100).toFixed(0)}%`;
      lines.push(
        `${pad(step.name, width)}  ${padLeft(String(step.microseconds), 10)} ${padLeft(share, 6)}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
