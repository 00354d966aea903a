/** `verify --diff-images`: each page as it was signed and as it is now, and a third picture with the differences marked. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ByteSource } from '../../kernel/index.js';
import { openPdf } from '../../pdf/index.js';
import { encodePng } from '../../picture/index.js';
import type { VerificationReport } from '../../verification/index.js';
import { comparePages, isDifferent, type PageDifference } from './compare-pages.js';
import type { Picture } from './draw-pages.js';

/**
 * Writes the pictures of every page that looks otherwise than when a signature was made.
 *
 * @returns the files written
 * @throws AppError `renderer-missing`, `pdf-malformed`, `input-invalid` where a file cannot be drawn,
 *   `pdf-limit-exceeded`
 */
export async function writePageDifferences(
  source: ByteSource,
  report: VerificationReport,
  directory: string,
): Promise<readonly string[]> {
  const { revisions } = openPdf(source, { mode: 'lenient' });
  const written: string[] = [];
  const seen = new Set<number>();
  const now = source.read(0, source.size);
  for (const { revision } of report.signatures) {
    const end = revisions[revision - 1]?.endOffset;
    if (end === undefined || end >= source.size || seen.has(end)) continue;
    seen.add(end);
    mkdirSync(directory, { recursive: true });
    for await (const difference of comparePages(now.subarray(0, end), now)) {
      if (difference === undefined) continue;
      const name = `${basename(report.file, '.pdf')}-revision${revision}-page${difference.page}`;
      for (const [kind, picture] of picturesOf(difference)) {
        const file = join(directory, `${name}-${kind}.png`);
        writeFileSync(file, encodePng(picture.width, picture.height, picture.data));
        written.push(file);
      }
    }
  }
  return written;
}

function picturesOf(
  difference: PageDifference,
): readonly (readonly [kind: string, picture: Picture])[] {
  const { before, after, areas } = difference;
  return [
    ...(before === undefined ? [] : [['before', before] as const]),
    ...(after === undefined ? [] : [['after', after] as const]),
    ...(before === undefined || after === undefined || areas.length === 0
      ? []
      : [['difference', marked(before, after)] as const]),
  ];
}

/** What stayed is paled, so that the marks stand out. */
function marked(before: Picture, after: Picture): Picture {
  const data = after.data.map((now) => 255 - ((255 - now) >> 2));
  for (let at = 0; at < data.length; at += 3) {
    if (isDifferent(before, after, at)) data.set([220, 0, 0], at);
  }
  return { ...after, data };
}
