/** What is new, as the changelog tells it: by version and kind, in Chinese where it has Chinese. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeatureAnnouncement } from '../http/index.js';
import { PACKAGE_ROOT } from './resources.js';

/** @throws Error where the package has no changelog: it is incomplete */
export function readFeatureAnnouncements(): readonly FeatureAnnouncement[] {
  return parseChangelog(readFileSync(join(PACKAGE_ROOT, 'CHANGELOG.md'), 'utf8'));
}

const VERSION = /^## \[(?<version>[^\]]+)\](?: - (?<date>\d{4}-\d\d-\d\d))?\s*$/;
const KIND = /^### (?<kind>\w+)\s*$/;
const ITEM = /^- (?<text>.+)$/;

/** @param text - In the form of Keep a Changelog; an item may say `中文 / English`. */
export function parseChangelog(text: string): readonly FeatureAnnouncement[] {
  const announcements: FeatureAnnouncement[] = [];
  let version = '';
  let releasedOn: string | null = null;
  let kind = '';
  for (const line of text.split(/\r?\n/)) {
    const heading = VERSION.exec(line)?.groups;
    if (heading !== undefined) {
      version = heading['version'] ?? '';
      releasedOn = heading['date'] ?? null;
      kind = '';
      continue;
    }
    kind = KIND.exec(line)?.groups?.['kind']?.toLowerCase() ?? kind;
    const item = ITEM.exec(line)?.groups?.['text'];
    if (item === undefined || version === '' || kind === '') continue;
    announcements.push({ version, releasedOn, kind, ...languagesOf(withoutMarks(item)) });
  }
  return announcements;
}

/** Links and code marks are for readers of the file. */
function withoutMarks(item: string): string {
  return item.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
}

function languagesOf(item: string): Pick<FeatureAnnouncement, 'text' | 'textEn'> {
  const parts = /^(?<chinese>.*\p{Script=Han}.*?) \/ (?<english>[A-Z].*)$/u.exec(item)?.groups;
  const { chinese, english } = parts ?? {};
  return chinese === undefined || english === undefined
    ? { text: item, textEn: item }
    : { text: chinese, textEn: english };
}
