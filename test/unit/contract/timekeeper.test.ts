/** What the clock is due to do as a process starts; the ways through the API are in test/http. */
import { expect, it } from '@jest/globals';
import { CONTRACTS, createTimekeeper } from '../../../src/contract/index.js';
import { silentLogger, systemClock, toRfc3339 } from '../../../src/kernel/index.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';
import { SCOPE_ALL } from '../../../src/store/index.js';
import { signedContract } from '../filing/signed-contract.js';

it('ends at start, once, what ran out while no process ran', async () => {
  const contracts = await openMemoryStore().open(CONTRACTS);
  const due = signedContract({
    version: 1,
    state: 'sent',
    signatures: [],
    signBy: toRfc3339(new Date(Date.now() - 86_400_000)),
  });
  await contracts.insert(due);
  const processes = [1, 2].map(() =>
    createTimekeeper({
      contracts,
      clock: systemClock,
      logger: silentLogger,
      intervalMs: 3_600_000,
      onPublished: () => undefined,
    }),
  );
  for (const each of processes) each.start();
  // A stop lets the round that is under way end.
  await Promise.all(processes.map((each) => each.stop()));
  const contract = await contracts.get(due.id, SCOPE_ALL);
  expect(contract?.state).toBe('expired');
  expect(contract?.pendingEvents.map(({ type }) => type)).toEqual(['contract.expired']);
});
