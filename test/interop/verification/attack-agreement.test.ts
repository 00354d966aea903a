/**
 * Our verdict beside pyHanko's on every attack file. docs/agreement.md is written from what pyHanko
 * says (`QIANYIN_UPDATE_DOCS=1`); here the files it accepts, and a sample of the others, are asked again.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attack, Honest } from '../../attacks/attack.js';
import { GROUPS } from '../../attacks/groups.js';
import { makeHonest } from '../../attacks/honest.js';
import { TestPki } from '../../support/test-pki.js';
import { hasPyhanko, pyhanko, whereThereIs } from './peers.js';

const DOCUMENT = join(process.cwd(), 'docs/agreement.md');
const isUpdating = process.env['QIANYIN_UPDATE_DOCS'] === '1';
/** Of the files that pyHanko refuses too, every so many is asked again. */
const SAMPLE = 25;

const CASES = GROUPS.flatMap(({ title, clause, attacks }) =>
  attacks.map((attack) => ({ title, clause, attack, key: `${title}: ${attack.name}` })),
);

let honest: Honest;
let directory: string;
let root: string;

beforeAll(async () => {
  const pki = await TestPki.create();
  honest = await makeHonest(pki);
  directory = mkdtempSync(join(tmpdir(), 'qianyin-agreement-'));
  root = join(directory, 'root.pem');
  const base64 = Buffer.from(pki.rootDer).toString('base64');
  writeFileSync(root, `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Whether pyHanko calls every signature of each file valid. */
async function accepted(attacks: readonly Attack[]): Promise<readonly boolean[]> {
  const jobs = [];
  for (const [index, attack] of attacks.entries()) {
    const file = join(directory, `${index}.pdf`);
    writeFileSync(file, await attack.build(honest));
    jobs.push({ do: 'verify', in: file, roots: [root] });
  }
  const verdicts = pyhanko(jobs) as readonly (readonly string[])[];
  return verdicts.map((each) => each.length > 0 && each.every((verdict) => verdict === 'valid'));
}

const plain = (text: string): string => text.replace(/[\\`*_<>[\]|]/g, '\\$&');

function table(passed: readonly boolean[]): string {
  const differing = CASES.filter((_case, index) => passed[index]);
  const rows = differing.map(
    ({ key, clause, attack }) =>
      `- ${plain(key)}. Ours: \`${attack.verdict ?? 'TOTAL-FAILED'}\`, since ${plain(attack.reason)} (${clause}).`,
  );
  return `# Agreement with pyHanko

On every file of [attacks.md](attacks.md), whether all its signatures are called valid; written by \`QIANYIN_UPDATE_DOCS=1 npm run test:interop\`. Sound files are held against each other in \`test/interop/verification\`, where no difference is left.

Of ${CASES.length} files, both refuse ${CASES.length - differing.length}; pyHanko accepts ${differing.length} that we refuse; we accept none.

## Refused here, accepted there

${rows.join('\n')}
`;
}

whereThereIs(hasPyhanko, 'pyHanko', it)(
  'docs/agreement.md says what pyHanko says',
  async () => {
    if (isUpdating)
      writeFileSync(DOCUMENT, table(await accepted(CASES.map(({ attack }) => attack))));
    const document = readFileSync(DOCUMENT, 'utf8');
    const isListed = (key: string): boolean => document.includes(`- ${plain(key)}. Ours:`);
    expect(document).toContain(`Of ${CASES.length} files`);
    const asked = CASES.filter(({ key }, index) => isListed(key) || index % SAMPLE === 0);
    const answers = await accepted(asked.map(({ attack }) => attack));
    expect(asked.map(({ key }, index) => [key, answers[index]])).toEqual(
      asked.map(({ key }) => [key, isListed(key)]),
    );
  },
  600_000,
);
