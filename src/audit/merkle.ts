/**
 * Merkle trees over a growing list. Every complete subtree's root is kept with its last leaf, so a
 * root or a proof needs no more than a few reads for each level.
 *
 * @see RFC 6962, 2.1 (hashes, audit paths, consistency proofs)
 */
import { AppError, digestBytes, equalBytes } from '../kernel/index.js';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export type Hash = Uint8Array;

export function leafHash(content: Uint8Array): Hash {
  return digestBytes('sha256', LEAF, content);
}

export function nodeHash(left: Hash, right: Hash): Hash {
  return digestBytes('sha256', NODE, left, right);
}

/** Root of the tree without leaves. */
export const EMPTY_ROOT: Hash = digestBytes('sha256');

/**
 * The root of a complete subtree.
 * @param level - The subtree has 2^level leaves.
 * @param last - Index of its last leaf, from 0.
 */
export type SubtreeReader = (level: number, last: number) => Promise<Hash>;

/** Largest power of two below `size`, as a level; `size` is at least 2. */
function splitLevel(size: number): number {
  let level = 0;
  while (2 ** (level + 1) < size) level++;
  return level;
}

/** Root over leaves `[start, start + size)`; `start` is where a subtree of that size may begin. */
async function rangeRoot(read: SubtreeReader, start: number, size: number): Promise<Hash> {
  const level = Math.log2(size);
  if (Number.isInteger(level)) return read(level, start + size - 1);
  const split = 2 ** splitLevel(size);
  const left = await rangeRoot(read, start, split);
  return nodeHash(left, await rangeRoot(read, start + split, size - split));
}

export function treeRoot(read: SubtreeReader, size: number): Promise<Hash> {
  return size === 0 ? Promise.resolve(EMPTY_ROOT) : rangeRoot(read, 0, size);
}

/** Audit path of leaf `index` in the tree of the first `size` leaves, nearest sibling first. */
export async function inclusionProof(
  read: SubtreeReader,
  index: number,
  size: number,
): Promise<readonly Hash[]> {
  if (index >= size)
    throw new AppError('input-invalid', 'no such leaf', { params: { index, size } });
  const path = async (start: number, length: number): Promise<Hash[]> => {
    if (length === 1) return [];
    const split = 2 ** splitLevel(length);
    if (index < start + split) {
      const below = await path(start, split);
      return [...below, await rangeRoot(read, start + split, length - split)];
    }
    const below = await path(start + split, length - split);
    return [...below, await rangeRoot(read, start, split)];
  };
  return path(0, size);
}

/** Proof that the tree of the first `oldSize` leaves is a beginning of that of the first `size`. */
export async function consistencyProof(
  read: SubtreeReader,
  oldSize: number,
  size: number,
): Promise<readonly Hash[]> {
  if (oldSize > size) {
    throw new AppError('input-invalid', 'the older tree is larger', { params: { oldSize, size } });
  }
  if (oldSize === 0 || oldSize === size) return [];
  const proof = async (
    m: number,
    start: number,
    length: number,
    isWhole: boolean,
  ): Promise<Hash[]> => {
    if (m === length) return isWhole ? [] : [await rangeRoot(read, start, length)];
    const split = 2 ** splitLevel(length);
    if (m <= split) {
      const below = await proof(m, start, split, isWhole);
      return [...below, await rangeRoot(read, start + split, length - split)];
    }
    const below = await proof(m - split, start + split, length - split, false);
    return [...below, await rangeRoot(read, start, split)];
  };
  return proof(oldSize, 0, size, true);
}

/** @see RFC 9162, 2.1.3.2: checks an inclusion proof without the tree. */
export function verifyInclusion(
  leaf: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
  root: Hash,
): boolean {
  if (index >= size) return false;
  let fn = index;
  let sn = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && equalBytes(hash, root);
}

/** @see RFC 9162, 2.1.4.2: checks a consistency proof without the trees. */
export function verifyConsistency(
  oldSize: number,
  size: number,
  oldRoot: Hash,
  root: Hash,
  proof: readonly Hash[],
): boolean {
  if (oldSize === size) return proof.length === 0 && equalBytes(oldRoot, root);
  if (oldSize === 0) return proof.length === 0;
  if (oldSize > size) return false;
  const isPower = Number.isInteger(Math.log2(oldSize));
  const path = isPower ? [oldRoot, ...proof] : [...proof];
  let fn = oldSize - 1;
  let sn = size - 1;
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  const [first] = path;
  if (first === undefined) return false;
  let oldHash = first;
  let newHash = first;
  for (const sibling of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, root);
}
