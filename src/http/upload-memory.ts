/**
 * Bounds what all bodies under way hold together: each is bounded by itself, but anybody may send
 * many at once, and slowly.
 */
import { AppError } from '../kernel/index.js';

export interface HeldMemory {
  /** @throws AppError `unavailable` where too much is held already */
  take(bytes: number): void;
  /** Once the request has been answered or has broken off; further calls do nothing. */
  release(): void;
}

export class UploadMemory {
  readonly #mostBytes: number;
  #heldBytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  open(): HeldMemory {
    let own = 0;
    return {
      take: (bytes) => {
        if (this.#heldBytes + bytes > this.#mostBytes) {
          throw new AppError('unavailable', 'too many uploads are under way');
        }
        this.#heldBytes += bytes;
        own += bytes;
      },
      release: () => {
        this.#heldBytes -= own;
        own = 0;
      },
    };
  }
}
