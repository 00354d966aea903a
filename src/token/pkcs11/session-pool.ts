/**
 * The sessions of one token and the queue before them. One operation a session at a time, work in
 * the order it came, and work that needs the token alone (login, logout) takes its turn in the same
 * queue, so that neither starves.
 */
import type pkcs11js from 'pkcs11js';

export interface PooledSession {
  readonly handle: pkcs11js.Handle;
  /** Handles of private keys by the SHA-256 of their certificate, as found through this session. */
  readonly keys: Map<string, pkcs11js.Handle>;
  /** Set by who found it dead or left an operation running in it: it is not used again. */
  isSpent: boolean;
}

interface Turn {
  readonly isAlone: boolean;
  readonly start: () => void;
}

export class SessionPool {
  readonly #openSession: () => pkcs11js.Handle;
  readonly #closeSession: (handle: pkcs11js.Handle) => void;
  readonly #limit: number;
  readonly #queue: Turn[] = [];
  #idle: PooledSession[] = [];
  #busy = 0;
  #isTakenAlone = false;

  /** @param limit - Sessions at most, at least 1. */
  constructor(
    openSession: () => pkcs11js.Handle,
    closeSession: (handle: pkcs11js.Handle) => void,
    limit: number,
  ) {
    this.#openSession = openSession;
    this.#closeSession = closeSession;
    this.#limit = limit;
  }

  /** Runs `work` with a session of its own. */
  async use<T>(work: (session: PooledSession) => Promise<T>): Promise<T> {
    await this.#turn(false);
    let session: PooledSession | undefined;
    try {
      session = this.#idle.pop() ?? {
        handle: this.#openSession(),
        keys: new Map(),
        isSpent: false,
      };
      return await work(session);
    } finally {
      this.#busy--;
      if (session !== undefined && !session.isSpent) this.#idle.push(session);
      this.#advance();
    }
  }

  /** Runs `work` while no session is in use. */
  async alone<T>(work: () => T | Promise<T>): Promise<T> {
    await this.#turn(true);
    try {
      return await work();
    } finally {
      this.#isTakenAlone = false;
      this.#advance();
    }
  }

  get isIdle(): boolean {
    return this.#busy === 0 && !this.#isTakenAlone && this.#queue.length === 0;
  }

  /** Closes the sessions that are not in use. */
  closeIdle(): void {
    const idle = this.#idle;
    this.#idle = [];
    for (const { handle } of idle) this.#closeSession(handle);
  }

  #turn(isAlone: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#queue.push({ isAlone, start: resolve });
      this.#advance();
    });
  }

  /** Starts whoever is next, as far as there is room; a turn counts from here, not from its first step. */
  #advance(): void {
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined || this.#isTakenAlone) return;
      if (next.isAlone ? this.#busy > 0 : this.#busy >= this.#limit) return;
      this.#queue.shift();
      if (next.isAlone) this.#isTakenAlone = true;
      else this.#busy++;
      next.start();
    }
  }
}
