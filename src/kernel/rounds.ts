/** Work in the background that comes in rounds: now and then, and at once when somebody knows of work. */

export interface RoundsOptions {
  /** One round. @returns Whether there may be more to do at once. */
  readonly run: () => Promise<boolean>;
  /** Told of a round that failed; the next one comes all the same. */
  readonly onError: (error: unknown) => void;
  /** Pause between rounds without a kick, in milliseconds. */
  readonly intervalMs: number;
}

export interface Rounds {
  start(): void;
  /** Do not wait for the next round. Nothing while it is stopped. */
  kick(): void;
  /** Resolves once the round under way has ended. */
  stop(): Promise<void>;
}

export function createRounds(options: RoundsOptions): Rounds {
  return new BackgroundRounds(options);
}

class BackgroundRounds implements Rounds {
  readonly #options: RoundsOptions;
  #timer: NodeJS.Timeout | undefined;
  #current: Promise<void> | undefined;
  #isRunning = false;
  #isKicked = false;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.kick();
  }

  kick(): void {
    if (!this.#isRunning) return;
    this.#isKicked = true;
    if (this.#current !== undefined) return;
    clearTimeout(this.#timer);
    this.#current = this.#runAll().finally(() => {
      this.#current = undefined;
      if (!this.#isRunning) return;
      if (this.#isKicked) {
        this.kick();
        return;
      }
      this.#timer = setTimeout(() => this.kick(), this.#options.intervalMs);
      this.#timer.unref();
    });
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    clearTimeout(this.#timer);
    await this.#current;
  }

  async #runAll(): Promise<void> {
    while (this.#isKicked && this.#isRunning) {
      this.#isKicked = false;
      try {
        if (await this.#options.run()) this.#isKicked = true;
      } catch (error) {
        this.#options.onError(error);
      }
    }
  }
}
