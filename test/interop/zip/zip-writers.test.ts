/** What other writers make of a zip: descriptors behind the data, Zip64, names in UTF-8, folders. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { readPlainZip } from '../../../src/zip/index.js';

const BOUNDS = { mostBytes: 1e6, mostUnpackedBytes: 1e6, mostParts: 10 };

/** Python's zipfile; a pipe makes it write sizes behind the data. */
const SCRIPT = `
import sys, zipfile, io
kind, method = sys.argv[1], getattr(zipfile, sys.argv[2])
class Pipe(io.RawIOBase):
    def writable(self): return True
    def write(self, data): return sys.stdout.buffer.write(data)
whole = io.BytesIO()
out = Pipe() if kind.startswith('pipe') else whole
with zipfile.ZipFile(out, 'w', method) as z:
    z.mkdir('word') if hasattr(z, 'mkdir') else z.writestr('word/', b'')
    for name, data in (('word/document.xml', b'<w/>' * 500), ('名称.txt', b''), ('c.bin', bytes(range(256)))):
        with z.open(zipfile.ZipInfo(name) if method == 0 else name, 'w', force_zip64=kind.endswith('64')) as part:
            part.write(data)
sys.stdout.buffer.write(whole.getvalue())
`;

describe.each(['file', 'pipe', 'file-64', 'pipe-64'])('a zip written to a %s', (kind) => {
  it.each(['ZIP_STORED', 'ZIP_DEFLATED'])('is read, %s', (method) => {
    const made = spawnSync('python3', ['-c', SCRIPT, kind, method], { encoding: 'buffer' });
    expect(made.stderr.toString()).toBe('');
    const read = readPlainZip(new Uint8Array(made.stdout), BOUNDS);
    if ('fault' in read) throw read.cause;
    expect([...read.parts].map(([name, bytes]) => [name, bytes.length])).toEqual([
      ['word/', 0],
      ['word/document.xml', 2000],
      ['名称.txt', 0],
      ['c.bin', 256],
    ]);
    expect(read.parts.get('c.bin')).toEqual(Uint8Array.from({ length: 256 }, (_, i) => i));
  });
});
