/** Server processes on one store, each started again when it dies; each life ends at a planned point. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultPoint } from '../../../src/kernel/index.js';
import { startServer, type ServerProcess } from '../processes.js';

/** Where a life ends: the `pass`th time that the point is passed. */
export interface PlannedDeath {
  readonly point: FaultPoint;
  readonly pass: number;
}

export class DyingServers {
  /** Deaths that came about, in their order. */
  readonly deaths: PlannedDeath[] = [];
  /** Rejects where a process ends otherwise than planned, or does not start. */
  readonly failed: Promise<never>;
  readonly #plan: PlannedDeath[];
  readonly #running = new Map<string, ServerProcess>();
  readonly #slots: Promise<void>[];
  #isStopping = false;
  #log = '';

  /** @param configFiles - One process each. */
  constructor(configFiles: readonly string[], plan: readonly PlannedDeath[]) {
    this.#plan = [...plan];
    this.#slots = configFiles.map((file) => this.#keepAlive(file));
    this.failed = Promise.all(this.#slots).then(() => new Promise<never>(() => undefined));
    // Nobody may be waiting for it.
    this.failed.catch(() => undefined);
  }

  /** What all of them have said. */
  log(): string {
    return this.#log + [...this.#running.values()].map((server) => server.log()).join('');
  }

  /** @throws Error where a process ended otherwise than planned */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const server of this.#running.values()) server.child.kill('SIGTERM');
    await Promise.all(this.#slots);
  }

  /** Asked anew after each wait. */
  #stops(): boolean {
    return this.#isStopping;
  }

  async #keepAlive(configFile: string): Promise<void> {
    while (!this.#isStopping) {
      const death = this.#plan.shift();
      const server = await startServer(configFile, killAt(death));
      this.#running.set(configFile, server);
      if (this.#stops()) server.child.kill('SIGTERM');
      const how = await server.ended;
      this.#running.delete(configFile);
      this.#log += server.log();
      if (how === 'SIGKILL' && death !== undefined) this.deaths.push(death);
      else if (!this.#stops()) {
        throw new Error(`a server ended (${how}): ${server.log().slice(-2000)}`);
      }
      await sleep(50);
    }
  }
}

/** Also lets attempts and keys of the dead lapse soon. */
function killAt(death: PlannedDeath | undefined): Readonly<Record<string, string>> {
  if (death === undefined) return {};
  return { QIANYIN_TEST_KILL_AT: `${death.point}@${death.pass}` };
}
