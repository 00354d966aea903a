/** A version that was sent gives way to a changed one: it is kept, and signing starts again. */
import { toRfc3339 } from '../kernel/index.js';
import type { EarlierVersion } from './flow-record.js';
import { versionNumber, type ContractRecord } from './record.js';

/**
 * The fields of `contract` that a new version begins with: nothing sent, confirmed or signed, and
 * the version before among the earlier ones, where anybody else has seen it.
 *
 * @param dataBlobId - Where the data of the version before are kept.
 */
export function freshVersion(contract: ContractRecord, dataBlobId: string | undefined, at: Date) {
  const { document, signatures, extensions, times } = contract;
  const version: EarlierVersion | undefined =
    times.sentAt === undefined || document === undefined
      ? undefined
      : {
          number: versionNumber(contract),
          ...(dataBlobId === undefined ? {} : { dataBlobId }),
          document,
          signatures,
          ...(extensions === undefined ? {} : { extensions }),
          times,
          endedAt: toRfc3339(at),
        };
  return {
    state: 'draft',
    ...(version === undefined ? {} : { earlier: [...(contract.earlier ?? []), version] }),
    signatures: [],
    extensions: undefined,
    level: undefined,
    signBy: undefined,
    reminders: undefined,
    voidConsents: undefined,
    times: { createdAt: times.createdAt },
  } as const;
}
