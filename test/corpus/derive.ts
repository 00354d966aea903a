/**
 * Files made from those of the corpus: rewritten by qpdf in every layout it knows, and damaged the way
 * programs and transports damage files.
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CORPUS_CACHE, type CorpusFile } from './gather.js';
import { runTool } from './tools.js';

const LAYOUTS: Readonly<Record<string, readonly string[]>> = {
  linearised: ['--linearize'],
  'linearised-streams': ['--linearize', '--object-streams=generate'],
  'object-streams': ['--object-streams=generate'],
  'no-object-streams': ['--object-streams=disable', '--stream-data=uncompress'],
  'version-2.0': ['--force-version=2.0', '--object-streams=generate'],
  'version-1.3': ['--force-version=1.3', '--object-streams=disable'],
};

const blank = (word: string): string => ' '.repeat(word.length);

/** Bytes as Latin-1 in and out. Undefined where a file has nothing of the kind to damage. */
const DAMAGES: Readonly<Record<string, (file: string) => string | undefined>> = {
  'startxref-wrong': (file) => replaceLast(file, /startxref\s+\d+/, 'startxref\n9'),
  'startxref-zero': (file) => replaceLast(file, /startxref\s+\d+/, 'startxref\n0'),
  'end-cut-off': (file) => file.slice(0, Math.max(file.lastIndexOf('startxref'), 0)),
  'bytes-before-header': (file) => `X-Mail: yes\r\n\r\n${'-'.repeat(300)}\n${file}`,
  'bytes-after-end': (file) => `${file}${'\0'.repeat(2000)}<html></html>`,
  'no-endobj': (file) => file.replaceAll('endobj', blank('endobj')),
  'no-endstream': (file) => file.replaceAll('endstream', blank('endstream')),
  'table-from-1': (file) => replaceLast(file, /\bxref\s+0 (?=\d)/, 'xref\n1 '),
  'entries-of-19': (file) => replaceEntries(file, ' $1\n'),
  'entries-of-21': (file) => replaceEntries(file, ' $1 \r\n'),
  'prev-zero': (file) => replaceLast(file, /\/Root\b/, '/Prev 0 /Root'),
  'no-size': (file) => replaceLast(file, /\/Size\b/, '/Sice'),
  'lines-end-in-cr': (file) => file.replace(/(endobj|obj|endstream|R|>>)\n/g, '$1\r'),
};

function replaceLast(file: string, pattern: RegExp, by: string): string | undefined {
  const last = [...file.matchAll(new RegExp(pattern, 'g'))].at(-1);
  if (last === undefined) return undefined;
  return file.slice(0, last.index) + by + file.slice(last.index + last[0].length);
}

function replaceEntries(file: string, by: string): string | undefined {
  const changed = file.replace(/(?<=\d{10} \d{5}) ([nf])(?: \n| \r|\r\n)/g, by);
  return changed === file ? undefined : changed;
}

/** Larger ones make no point that smaller ones do not. */
const LARGEST_BYTES = 400_000;

/** @param perKind - How many files of the corpus each layout and each damage is applied to. */
export async function deriveFiles(
  files: readonly CorpusFile[],
  perKind: number,
): Promise<readonly CorpusFile[]> {
  const folder = join(CORPUS_CACHE, 'derived');
  mkdirSync(folder, { recursive: true });
  const sound = await soundFiles(files, perKind * 2);
  const derived: CorpusFile[] = [];
  const add = (kind: string, from: CorpusFile): CorpusFile => {
    const id = `${kind}-${from.id}`;
    return { id, source: 'derived', name: `${kind} ${from.name}`, path: join(folder, `${id}.pdf`) };
  };
  for (const [kind, options] of Object.entries(LAYOUTS)) {
    for (const from of sound.slice(0, perKind)) {
      const file = add(kind, from);
      if (!existsSync(file.path)) await runTool('qpdf', [...options, from.path, file.path]);
      if (existsSync(file.path)) derived.push(file);
    }
  }
  for (const [kind, damage] of Object.entries(DAMAGES)) {
    let count = 0;
    for (const from of sound) {
      const damaged = damage(readFileSync(from.path, 'latin1'));
      if (damaged === undefined || ++count > perKind) continue;
      const file = add(kind, from);
      writeFileSync(file.path, damaged, 'latin1');
      derived.push(file);
    }
  }
  return derived;
}

/** The first few that qpdf has nothing to say against. */
async function soundFiles(
  files: readonly CorpusFile[],
  count: number,
): Promise<readonly CorpusFile[]> {
  const sound: CorpusFile[] = [];
  for (const file of [...files].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    if (sound.length >= count) break;
    if (statSync(file.path).size > LARGEST_BYTES) continue;
    const { status } = await runTool('qpdf', ['--check', file.path]);
    const needsPassword = (await runTool('qpdf', ['--is-encrypted', file.path])).status === 0;
    if (status === 0 && !needsPassword) sound.push(file);
  }
  return sound;
}
