/** A process that writes to a SQLite store and prints what was acknowledged; see sqlite-processes.test.ts. */
import { silentLogger } from '../../src/kernel/index.js';
import { SCOPE_ALL } from '../../src/store/index.js';
import { openSqliteStore } from '../../src/store/sqlite/index.js';
import { sample, sampleSpec } from './sample-records.js';

const [mode, path, name, count] = process.argv.slice(2) as [string, string, string, string];
const store = await openSqliteStore({ path, logger: silentLogger });
const samples = await store.open(sampleSpec('shared'));

if (mode === 'insert') {
  // Several at once, so that a kill meets a transaction of more than one write.
  const insert = async (lane: number): Promise<void> => {
    for (let at = lane; at < Number(count); at += 4) {
      const id = `${name}-${String(at)}`;
      await samples.insert(sample(id, { number: id, tags: ['t', id], units: [name], rank: at }));
      process.stdout.write(`${id}\n`);
    }
  };
  await Promise.all([0, 1, 2, 3].map(insert));
} else {
  // Adds to one counter by optimistic replaces.
  for (let done = 0; done < Number(count);) {
    const now = (await samples.get('counter', SCOPE_ALL))!;
    try {
      await samples.replace({ ...now, version: now.version + 1, rank: (now.rank ?? 0) + 1 });
      done++;
    } catch (error) {
      if ((error as { code?: string }).code !== 'record-version-conflict') throw error;
    }
  }
}
await store[Symbol.asyncDispose]();
