/** How long work takes: rates of work in lanes, and time step by step. */

export interface Rate {
  readonly name: string;
  readonly count: number;
  readonly perSecond: number;
  /** Median time of one piece of work, milliseconds. */
  readonly medianMs: number;
  /** 95 of 100 take no longer. */
  readonly p95Ms: number;
  /** Processor time of the whole process a piece, milliseconds: does not grow with what else the machine does. */
  readonly cpuMs: number;
}

export interface MeasureOptions {
  readonly name: string;
  /** How many pieces of work are under way at once. */
  readonly lanes: number;
  /** Ends after this time, or after so many pieces. */
  readonly until: { readonly ms: number } | { readonly count: number };
  readonly work: (index: number) => Promise<void>;
}

/** Pieces are numbered from 0 over all lanes; a failure of one ends the measurement. */
export async function measure(options: MeasureOptions): Promise<Rate> {
  const { name, lanes, until, work } = options;
  const durations: number[] = [];
  let started = 0;
  const cpuBefore = process.cpuUsage();
  const beginMs = performance.now();
  const isOver = (): boolean =>
    'ms' in until ? performance.now() - beginMs >= until.ms : started >= until.count;
  const lane = async (): Promise<void> => {
    while (!isOver()) {
      const index = started++;
      const fromMs = performance.now();
      await work(index);
      durations.push(performance.now() - fromMs);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const elapsedMs = performance.now() - beginMs;
  const cpu = process.cpuUsage(cpuBefore);
  durations.sort((a, b) => a - b);
  return {
    name,
    count: durations.length,
    perSecond: (durations.length / elapsedMs) * 1000,
    medianMs: quantile(durations, 0.5),
    p95Ms: quantile(durations, 0.95),
    cpuMs: (cpu.user + cpu.system) / 1000 / durations.length,
  };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** Of one measurement made in several rounds, the round of median rate: one disturbed round does not count. */
export function medianRate(rounds: readonly Rate[]): Rate {
  const sorted = [...rounds].sort((a, b) => a.perSecond - b.perSecond);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('no round was measured');
  return middle;
}

export interface Step {
  readonly name: string;
  /** Median over all times this step was done. */
  readonly microseconds: number;
}

/** A watch that is stopped between steps: one at a time, so only for work in one lane. */
export class StepWatch {
  readonly #steps = new Map<string, number[]>();
  #lastMs = 0;

  start(): void {
    this.#lastMs = performance.now();
  }

  /** The time since the last call belongs to the step of this name. */
  lap(name: string): void {
    const nowMs = performance.now();
    const times = this.#steps.get(name) ?? [];
    times.push(nowMs - this.#lastMs);
    this.#steps.set(name, times);
    this.#lastMs = performance.now();
  }

  steps(): readonly Step[] {
    return [...this.#steps].map(([name, times]) => ({
      name,
      microseconds: Math.round(median(times) * 1000),
    }));
  }
}
