/** One pass for many digests, and the same digests as many passes give. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ConcatSource,
  HashedSource,
  MemorySource,
  PrefixSource,
  digestBytes,
  digestSpans,
  type ByteSource,
  type DigestAlgorithm,
} from '../../../src/kernel/index.js';

/** Counts what is read of it. */
class CountingSource implements ByteSource {
  readonly size: number;
  bytesRead = 0;
  largestRead = 0;
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
    this.size = source.size;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = this.#source.read(offset, length);
    this.bytesRead += bytes.length;
    this.largestRead = Math.max(this.largestRead, bytes.length);
    return bytes;
  }
}

/** As large as asked for, without memory: byte `n` is a function of `n`. */
class GeneratedSource implements ByteSource {
  readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    for (let i = 0; i < bytes.length; i++) bytes[i] = (offset + i) % 251;
    return bytes;
  }
}

const ALGORITHMS: readonly DigestAlgorithm[] = ['sha256', 'sha384', 'sm3'];

describe('HashedSource', () => {
  it('gives the digests of the bytes, whatever was asked before', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        fc.uint8Array({ maxLength: 500 }),
        fc.array(
          fc.tuple(fc.nat(2600), fc.nat(2600), fc.nat(2600), fc.constantFrom(...ALGORITHMS)),
        ),
        (head, tail, requests) => {
          const whole = new Uint8Array([...head, ...tail]);
          const base = new HashedSource(new MemorySource(head));
          const source = new HashedSource(new ConcatSource(base, new MemorySource(tail)));
          for (const [a, b, c, algorithm] of requests) {
            const [end, from, to] = [a, b, c].sort((x, y) => x - y) as [number, number, number];
            const expected = digestBytes(
              algorithm,
              whole.subarray(0, end),
              whole.subarray(from, to),
            );
            const spans = [
              [0, Math.min(end, whole.length)],
              [Math.min(from, whole.length), Math.min(to, whole.length)],
            ] as const;
            expect(digestSpans(algorithm, source, spans)).toEqual(expected);
            const prefix = new PrefixSource(source, to);
            expect(digestSpans(algorithm, prefix, [[0, prefix.size]])).toEqual(
              digestBytes(algorithm, whole.subarray(0, to)),
            );
          }
        },
      ),
    );
  });

  it('reads a large file once for twenty signatures and the whole', () => {
    const size = 16 << 20;
    const counting = new CountingSource(new GeneratedSource(size));
    const source = new HashedSource(counting);
    const gapBytes = 8192;
    for (let index = 0; index < 20; index++) {
      const start = size - (20 - index) * 20_000;
      digestSpans('sha256', source, [
        [0, start],
        [start + gapBytes, start + 20_000],
      ]);
    }
    const whole = digestSpans('sha256', source, [[0, size]]);
    expect(whole).toEqual(digestSpans('sha256', new GeneratedSource(size), [[0, size]]));
    expect(counting.bytesRead).toBeLessThan(size + 21 * 20_000);
    expect(counting.largestRead).toBeLessThanOrEqual(1 << 18);
  });

  it('goes on from a state taken elsewhere', () => {
    const bytes = new Uint8Array(1000).fill(7);
    const counting = new CountingSource(new MemorySource(bytes));
    const taken = new HashedSource(new MemorySource(bytes)).prefixHash('sha256', 900);
    const source = new HashedSource(counting, new Map([['sha256', taken]]));
    expect(digestSpans('sha256', source, [[0, 1000]])).toEqual(digestBytes('sha256', bytes));
    expect(counting.bytesRead).toBe(100);
  });

  it('hands out states that are the caller’s own', () => {
    const source = new HashedSource(new MemorySource(new Uint8Array(10)));
    source.prefixHash('sha256', 10).hash.update('spoiled');
    expect(digestSpans('sha256', source, [[0, 10]])).toEqual(
      digestBytes('sha256', new Uint8Array(10)),
    );
  });
});
