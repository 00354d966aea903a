/** What two other programs show of a file: poppler and mupdf, one digest a program. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAMS = [
  { name: 'pdftoppm', arguments: (file: string) => ['-r', '36', file] },
  {
    name: 'mutool',
    arguments: (file: string) => ['draw', '-q', '-r', '36', '-F', 'pnm', '-o', '-', file],
  },
] as const;

export type Rendering = ReadonlyMap<string, string>;

/** Programs that are not installed are left out. */
export function rendering(pdf: Uint8Array): Rendering {
  const directory = mkdtempSync(join(tmpdir(), 'qianyin-fuzz-'));
  const file = join(directory, 'a.pdf');
  writeFileSync(file, pdf);
  try {
    const found = new Map<string, string>();
    for (const { name, arguments: argumentsOf } of PROGRAMS) {
      const ran = spawnSync(name, argumentsOf(file), {
        maxBuffer: 256 * 1024 * 1024,
        timeout: 20_000,
      });
      if (ran.error !== undefined) continue;
      found.set(name, createHash('sha256').update(ran.stdout).digest('hex'));
    }
    return found;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
