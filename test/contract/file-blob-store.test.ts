import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { utf8ToBytes, type ByteSource } from '../../src/kernel/index.js';
import { openFileBlobStore } from '../../src/store/files/index.js';
import { childArguments, childEnvironment } from '../support/child-process.js';
import { blobStoreContract } from './blob-store-contract.js';

const root = mkdtempSync(join(tmpdir(), 'qianyin-blobs-'));
afterAll(() => rmSync(root, { recursive: true }));
const pathOf = (directory: string, id: string): string => join(directory, id.slice(0, 3), id);

blobStoreContract('files', () => openFileBlobStore({ directory: join(root, 'contract') }));

describe('file blob store', () => {
  it('finds changed content, and writes it anew when it is stored again', async () => {
    const directory = join(root, 'corrupt');
    const blobs = await openFileBlobStore({ directory });
    const id = await blobs.put([utf8ToBytes('content')]);
    writeFileSync(pathOf(directory, id), 'c0ntent');
    await expect(blobs.read(id)).rejects.toMatchObject({ code: 'blob-corrupt' });
    expect(await blobs.put([utf8ToBytes('content')])).toBe(id);
    expect(await blobs.read(id)).toEqual(utf8ToBytes('content'));
  });

  it('leaves nothing behind when the source fails half-way or changes while it is read', async () => {
    const directory = join(root, 'failing');
    const blobs = await openFileBlobStore({ directory });
    let reads = 0;
    const failing: ByteSource = {
      size: 3 << 20,
      read: (_offset, length) => {
        if (++reads === 5) throw new Error('device gone');
        return new Uint8Array(length);
      },
    };
    await expect(blobs.put([failing])).rejects.toMatchObject({ code: 'store-unavailable' });
    let calls = 0;
    const changing: ByteSource = { size: 1, read: () => Uint8Array.of(calls++) };
    await expect(blobs.put([changing])).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(readdirSync(directory)).toEqual(['.incoming']);
    expect(readdirSync(join(directory, '.incoming'))).toEqual([]);
  });

  it('leaves nothing under the name when the disk takes only a part', async () => {
    const directory = join(root, 'short');
    // A limit on file sizes gives what a full disk gives: a short write, then an error.
    const script = `ulimit -f 1024; exec "$0" "$@"`;
    const { status, stdout } = spawnSync(
      'bash',
      [
        '-c',
        script,
        process.execPath,
        ...childArguments('test/contract/blob-writer.ts', [directory]),
      ],
      { encoding: 'utf8', env: childEnvironment() },
    );
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'store-unavailable\nsmall stored\n' });
    const blobs = await openFileBlobStore({ directory });
    const ids: string[] = [];
    for await (const id of blobs.list()) ids.push(id);
    expect(ids).toHaveLength(1);
    expect(await blobs.read(ids[0]!)).toEqual(utf8ToBytes('small'));
    expect(readdirSync(join(directory, '.incoming'))).toEqual([]);
  });

  it('keeps documents from other accounts of the machine', async () => {
    const directory = join(root, 'private');
    const blobs = await openFileBlobStore({ directory });
    const id = await blobs.put([utf8ToBytes('private')]);
    expect(statSync(pathOf(directory, id)).mode & 0o077).toBe(0);
    expect(statSync(directory).mode & 0o077).toBe(0);
  });

  it('clears old temporary files and leaves those of writers at work', async () => {
    const directory = join(root, 'sweep');
    await openFileBlobStore({ directory });
    const old = join(directory, '.incoming', 'old');
    const young = join(directory, '.incoming', 'young');
    writeFileSync(old, 'x');
    writeFileSync(young, 'x');
    utimesSync(old, 1000, 1000);
    await openFileBlobStore({ directory });
    expect(readdirSync(join(directory, '.incoming'))).toEqual(['young']);
  });

  it('refuses a folder that cannot be one', async () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');
    await expect(openFileBlobStore({ directory: file })).rejects.toMatchObject({
      code: 'store-unavailable',
    });
  });
});
