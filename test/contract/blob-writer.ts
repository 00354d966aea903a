/** A process that stores a blob larger than it may write, then a small one; see file-blob-store.test.ts. */
import { utf8ToBytes } from '../../src/kernel/index.js';
import { openFileBlobStore } from '../../src/store/files/index.js';

const [directory = ''] = process.argv.slice(2);
const blobs = await openFileBlobStore({ directory });
try {
  await blobs.put([new Uint8Array(3 << 20)]);
} catch (error) {
  process.stdout.write(`${(error as { code: string }).code}\n`);
}
await blobs.put([utf8ToBytes('small')]);
process.stdout.write('small stored\n');
