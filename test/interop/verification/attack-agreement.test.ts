/**
 * Our verdict beside those of pyHanko and EU DSS on every attack file. docs/agreement.md is written from
 * what they say (`QIANYIN_UPDATE_DOCS=1`); here a sample is asked again, and all that pyHanko accepts.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Attack, Honest } from '../../attacks/attack.js';
import { GROUPS } from '../../attacks/groups.js';
import { makeHonest } from '../../attacks/honest.js';
import { TestPki } from '../../support/test-pki.js';
import { dss, hasDss, type DssVerdict } from './dss.js';
import { hasPyhanko, pyhanko } from './peers.js';

const DOCUMENT = join(process.cwd(), 'docs/agreement.md');
const isUpdating = process.env['QIANYIN_UPDATE_DOCS'] === '1';
/** Every so many files are asked again. */
const SAMPLE = 20;
const at = new Date('2026-11-23T00:00:00Z');

const CASES = GROUPS.flatMap(({ title, clause, attacks }) =>
  attacks.map((attack) => ({ title, clause, attack, key: `${title}: ${attack.name}` })),
);

/** `warns`: valid, with a warning about the file and not about its certificates. */
type Answer = 'refuses' | 'warns' | 'accepts';

interface Judge {
  readonly name: string;
  readonly isThere: boolean;
  readonly ask: (files: readonly string[]) => readonly Answer[];
}

let honest: Honest;
let directory: string;
let root: string;

const JUDGES: readonly Judge[] = [
  {
    name: 'pyHanko',
    isThere: hasPyhanko,
    ask: (files) => {
      const jobs = files.map((file) => ({ do: 'verify', in: file, roots: [root] }));
      const verdicts = pyhanko(jobs) as readonly (readonly string[])[];
      return verdicts.map((each) =>
        each.length > 0 && each.every((verdict) => verdict === 'valid') ? 'accepts' : 'refuses',
      );
    },
  },
  {
    name: 'EU DSS',
    isThere: hasDss,
    ask: (files) => {
      // The certificates of these files name no source of revocation.
      const jobs = files.map((file) => ({ file, at, needsRevocation: false }));
      return dss(jobs, [root]).map(dssAnswer);
    },
  },
];

/** Warnings that any certificate without addresses gets. */
const OF_CERTIFICATES = /^The (authority|revocation) info access is not present!$/;

function dssAnswer({ signatures }: DssVerdict): Answer {
  const isPassed = signatures.every(({ indication }) => indication === 'TOTAL_PASSED');
  if (signatures.length === 0 || !isPassed) return 'refuses';
  const warnings = signatures.flatMap((each) => each.warnings.split(' | '));
  const isWarned = warnings.some((each) => each !== '' && !OF_CERTIFICATES.test(each));
  return isWarned ? 'warns' : 'accepts';
}

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

async function write(attacks: readonly Attack[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const [index, attack] of attacks.entries()) {
    const file = join(directory, `${index}.pdf`);
    writeFileSync(file, await attack.build(honest));
    files.push(file);
  }
  return files;
}

const plain = (text: string): string => text.replace(/[\\`*_<>[\]|]/g, '\\$&');

/** What the document says of a file and a judge; files that every judge refuses are not in it. */
const mark = (judge: Judge, answer: Answer): string => `${judge.name} ${answer}.`;

function rowOf(document: string, { title, attack }: (typeof CASES)[number]): string {
  return (
    document
      .split(/^## /m)
      .find((each) => each.startsWith(`${title}\n`))
      ?.split('\n')
      .find((line) => line.startsWith(`- ${plain(attack.name)}: `)) ?? ''
  );
}

/** What a row says of a judge; files that every judge refuses have none. */
function answerIn(row: string, judge: Judge): Answer {
  const answers = ['accepts', 'warns', 'refuses'] as const;
  return answers.find((answer) => row.includes(mark(judge, answer))) ?? 'refuses';
}

/** Every judge's answers: asked of the group that `QIANYIN_GROUP` names, or of all; the others as written. */
async function askAgain(document: string): Promise<readonly (readonly Answer[])[]> {
  const group = process.env['QIANYIN_GROUP'];
  const asked = CASES.filter(({ title }) => group === undefined || title === group);
  const files = await write(asked.map(({ attack }) => attack));
  return JUDGES.map((judge) => {
    const answers = judge.ask(files);
    return CASES.map((each) => {
      const index = asked.indexOf(each);
      return index < 0 ? answerIn(rowOf(document, each), judge) : (answers[index] ?? 'refuses');
    });
  });
}

function table(answers: readonly (readonly Answer[])[]): string {
  const isAccepted = (index: number): boolean => answers.some((each) => each[index] !== 'refuses');
  const counts = JUDGES.map(({ name }, judge) => {
    const count = (answer: Answer): number =>
      answers[judge]?.filter((each) => each === answer).length ?? 0;
    return `${name} accepts ${count('accepts')}, accepts ${count('warns')} with a warning and refuses ${count('refuses')}`;
  });
  const sections = GROUPS.map(({ title, clause }) => {
    const rows = CASES.flatMap(({ attack, title: group }, index) => {
      if (group !== title || !isAccepted(index)) return [];
      const ours = `\`${attack.verdict ?? 'TOTAL-FAILED'}\`, since ${plain(attack.reason)}`;
      const theirs = JUDGES.map((judge, of) => mark(judge, answers[of]?.[index] ?? 'refuses'));
      const own = attack.clause === undefined ? '' : ` (${plain(attack.clause)})`;
      return [`- ${plain(attack.name)}: ${ours}${own}. ${theirs.join(' ')}`];
    });
    return rows.length === 0 ? '' : `## ${title}\n\n${clause}.\n\n${rows.join('\n')}\n`;
  });
  return `# Agreement with pyHanko and EU DSS

On every file of [attacks.md](attacks.md), whether all its signatures are called valid; written by \`QIANYIN_UPDATE_DOCS=1 npm run test:interop\`. Sound files are held against each other in \`test/interop/verification\` and \`test/interop/levels\`, where no difference is left but the algorithms that a policy lists.

Of ${CASES.length} files we accept none. ${counts.join('; ')}. Below are those that another accepts, with our verdict, the reason, and the clause that decides it.

pyHanko is asked as its own command line asks it. EU DSS judges by the policy it comes with, but for revocation, of which these certificates name no source; that policy takes what it finds changed after a signature (\`DocMDP\`, \`UndefinedChanges\`, \`PdfVisualDifference\`) for a warning, and only other pages (\`PdfPageDifference\`) for a failure. ISO 32000-2:2020, 12.8.2.2.2 has the signature invalid then, which is what ours says.

${sections.filter((each) => each !== '').join('\n')}`;
}

const present = JUDGES.filter(({ isThere }) => isThere);
const missing = JUDGES.filter(({ isThere }) => !isThere);
for (const { name } of missing) console.warn(`skipped: ${name} is not there`);

(present.length > 0 ? it : it.skip)(
  'docs/agreement.md says what the others say',
  async () => {
    if (isUpdating) {
      if (missing.length > 0) throw new Error('the document needs every judge');
      writeFileSync(DOCUMENT, table(await askAgain(readFileSync(DOCUMENT, 'utf8'))));
    }
    const document = readFileSync(DOCUMENT, 'utf8');
    const lineOf = (each: (typeof CASES)[number]): string => rowOf(document, each);
    expect(document).toContain(`Of ${CASES.length} files`);
    const asked = CASES.filter(
      (each, index) => lineOf(each).includes('pyHanko accepts.') || index % SAMPLE === 0,
    );
    const files = await write(asked.map(({ attack }) => attack));
    for (const judge of present) {
      const written = asked.map((each) => answerIn(lineOf(each), judge));
      const now = judge.ask(files);
      expect(asked.map(({ key }, index) => [judge.name, key, now[index]])).toEqual(
        asked.map(({ key }, index) => [judge.name, key, written[index]]),
      );
    }
  },
  900_000,
);
