import { beforeEach, describe, expect, it } from '@jest/globals';
import { carrierCollection, type EventCarrier } from '../../../src/audit/index.js';
import { SCOPE_ALL, type Collection, type CollectionSpec } from '../../../src/store/index.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';

interface Thing extends EventCarrier {
  readonly text: string;
}

const THINGS: CollectionSpec<Thing, 'text'> = {
  name: 'things',
  indexes: { text: { of: (thing) => thing.text } },
  scopeKeys: () => [],
};

let raw: Collection<Thing, 'text'>;
let things: Collection<Thing, 'text'>;
const first: Thing = { id: 't', version: 1, revision: 1, pendingEvents: [], text: 'a' };

beforeEach(async () => {
  raw = await openMemoryStore().open(THINGS);
  things = carrierCollection(raw);
  await things.insert(first);
});

describe('replacing a document', () => {
  it('is not disturbed by the relay taking events off it', async () => {
    await raw.replace({ ...first, version: 2 });
    await things.replace({ ...first, version: 2, revision: 2, text: 'b' });
    expect(await raw.get('t', SCOPE_ALL)).toMatchObject({ version: 3, revision: 2, text: 'b' });
  });

  it('is refused where somebody changed it', async () => {
    await things.replace({ ...first, version: 2, revision: 2, text: 'b' });
    await expect(
      things.replace({ ...first, version: 2, revision: 2, text: 'c' }),
    ).rejects.toMatchObject({ code: 'record-version-conflict' });
  });
});
