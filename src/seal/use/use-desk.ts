/** Everything about the use of seals, put together on its collections. */
import type { UnitIndex, UnitRecord } from '../../access/index.js';
import type { EventSubscriber } from '../../audit/index.js';
import type { Clock, Logger } from '../../kernel/index.js';
import type { Collection } from '../../store/index.js';
import type { SealIndex, SealRecord } from '../record.js';
import type { BookLine, BookLineIndex } from './book-entry.js';
import { createSealUsages, type SealUsages } from './usages.js';
import { SealUseBook } from './use-book.js';
import { SealUseController, type SealUseControl } from './use-control.js';
import {
  createSealUsePolicies,
  type SealUsePolicies,
  type SealUsePolicy,
  type SealUsePolicyIndex,
} from './use-policy.js';
import {
  createSealUseRequests,
  type SealUseRequest,
  type SealUseRequestIndex,
  type SealUseRequests,
} from './use-request.js';

export interface SealUseDeskOptions {
  readonly lines: Collection<BookLine, BookLineIndex>;
  readonly policies: Collection<SealUsePolicy, SealUsePolicyIndex>;
  readonly requests: Collection<SealUseRequest, SealUseRequestIndex>;
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'get'>;
  readonly units: Pick<Collection<UnitRecord, UnitIndex>, 'get'>;
  /** SHA-256 (hex) of the signed file where the contract was signed in this attempt. */
  readonly signedIn: (contractId: string, attemptId: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told after each write that carries events, so that the relay need not wait for its next round. */
  readonly onWritten: () => void;
}

export interface SealUseDesk {
  readonly control: SealUseControl;
  readonly policies: SealUsePolicies;
  readonly requests: SealUseRequests;
  readonly usages: SealUsages;
  readonly book: SealUseBook;
  readonly subscriber: EventSubscriber;
  /** Ends intents whose time is over; can be repeated. */
  sweep(): Promise<void>;
}

export function createSealUseDesk(options: SealUseDeskOptions): SealUseDesk {
  const book = new SealUseBook(options);
  const requests = createSealUseRequests(options);
  const control = new SealUseController({ ...options, book, requests });
  return {
    control,
    policies: createSealUsePolicies(options),
    requests,
    usages: createSealUsages(options),
    book,
    subscriber: control.subscriber,
    sweep: () => control.sweep(),
  };
}
