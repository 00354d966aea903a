/** What every adapter of the blob port must do. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  equalBytes,
  MemorySource,
  sha256Hex,
  utf8ToBytes,
  type ErrorCode,
} from '../../src/kernel/index.js';
import type { BlobStore } from '../../src/store/index.js';

const coded = (code: ErrorCode): unknown => expect.objectContaining({ name: 'AppError', code });

export function blobStoreContract(name: string, open: () => Promise<BlobStore>): void {
  describe(`blob store: ${name}`, () => {
    let blobs: BlobStore;
    const missing = sha256Hex(utf8ToBytes('nobody stored this'));
    beforeAll(async () => {
      blobs = await open();
    });

    it('stores the parts joined, under their SHA-256', async () => {
      const whole = utf8ToBytes('政府采购合同 of several parts');
      const id = await blobs.put([
        whole.subarray(0, 5),
        new MemorySource(whole.subarray(5, 9)),
        new Uint8Array(0),
        whole.subarray(9),
      ]);
      expect(id).toBe(sha256Hex(whole));
      expect(await blobs.has(id)).toBe(true);
      expect(await blobs.read(id)).toEqual(whole);
    });

    it('stores nothing as something', async () => {
      const id = await blobs.put([]);
      expect(await blobs.read(id)).toEqual(new Uint8Array(0));
    });

    it('stores the same bytes once, also at the same moment', async () => {
      const bytes = new Uint8Array(3_000_000).map((_, at) => at % 251);
      const ids = await Promise.all(Array.from({ length: 5 }, () => blobs.put([bytes])));
      expect(new Set(ids).size).toBe(1);
      expect(equalBytes(await blobs.read(ids[0]!), bytes)).toBe(true);
      const listed: string[] = [];
      for await (const id of blobs.list()) listed.push(id);
      expect(listed.filter((id) => id === ids[0])).toHaveLength(1);
      expect(listed).toEqual([...listed].sort());
    });

    it('gives random access', async () => {
      const bytes = Uint8Array.from({ length: 5000 }, (_, at) => at % 256);
      const source = await blobs.open(await blobs.put([bytes]));
      expect(source.size).toBe(5000);
      expect(source.read(10, 5)).toEqual(bytes.slice(10, 15));
      expect(source.read(4990, 100)).toEqual(bytes.slice(4990));
      expect(source.read(9000, 1)).toHaveLength(0);
      await source[Symbol.asyncDispose]();
    });

    it('hands out copies', async () => {
      const id = await blobs.put([utf8ToBytes('copy')]);
      (await blobs.read(id)).fill(0);
      expect(await blobs.read(id)).toEqual(utf8ToBytes('copy'));
    });

    it('says what it does not have, and takes no paths for names', async () => {
      for (const id of [missing, '', '../../../../etc/passwd', missing.toUpperCase()]) {
        expect(await blobs.has(id)).toBe(false);
        await expect(blobs.read(id)).rejects.toEqual(coded('blob-not-found'));
        await expect(blobs.open(id)).rejects.toEqual(coded('blob-not-found'));
        await expect(blobs.remove(id)).resolves.toBeUndefined();
      }
    });

    it('removes', async () => {
      const id = await blobs.put([utf8ToBytes('short-lived')]);
      await blobs.remove(id);
      expect(await blobs.has(id)).toBe(false);
      await blobs.remove(id);
    });
  });
}
