/** Every standard that the source cites is listed where readers look for them. */
import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const CITATION =
  /\b(?:ETSI (?:EN|TS) \d{3} \d{3}(?:-\d)?|GB(?:\/T)? \d{4,5}|GM\/T \d{4}|RFC \d{4}|ISO \d{4,5}(?:-\d)?|NIST SP 800-\w+|FIPS \d{3}-\d|ITU-T [A-Z]\.\d+)|[\u4E00-\u9FFF]{1,4}〔\d{4}〕\d+号/gu;

function citedIn(folder: string): ReadonlySet<string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Set(
    files
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').match(CITATION) ?? []),
  );
}

describe('docs/standards.md', () => {
  it('lists every document that the source cites, and no other', () => {
    const cited = citedIn('src');
    expect(cited.size).toBeGreaterThan(60);
    const listed = new Set(readFileSync('docs/standards.md', 'utf8').match(CITATION));
    expect([...cited].filter((each) => !listed.has(each))).toEqual([]);
    // Named there for what is not done, or as the measure.
    const exceptions = ['GM/T 0016'];
    expect([...listed].filter((each) => !cited.has(each) && !exceptions.includes(each))).toEqual(
      [],
    );
  });
});
