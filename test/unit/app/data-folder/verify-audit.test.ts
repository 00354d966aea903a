/** What somebody with a SQL shell or an editor may do to an installation's records, and what is then said. */
import { generateKeyPairSync } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { openCheckpoints } from '../../../../src/app/data-folder/checkpoints.js';
import { checkpointKey } from '../../../../src/app/data-folder/keys.js';
import {
  CHECKPOINT_FILE,
  CHECKPOINT_KEY_FILE,
  DATABASE_FILE,
  verifyAuditOf,
  type AuditReport,
  type VerifyAuditOptions,
} from '../../../../src/app/data-folder/verify-audit.js';
import {
  AUDIT_CHECKPOINTS,
  AUDIT_ENTRIES,
  createAuditLog,
  type AuditEntry,
  type AuditEvent,
} from '../../../../src/audit/index.js';
import { entryHash, entryId } from '../../../../src/audit/entry.js';
import { EMPTY_HEAD, follow } from '../../../../src/audit/head.js';
import { silentLogger, systemClock, toHex } from '../../../../src/kernel/index.js';
import { openSqliteStore } from '../../../../src/store/sqlite/index.js';

const root = mkdtempSync(join(tmpdir(), 'qianyin-tamper-'));
const original = join(root, 'original');
/** The data folder as it was at entry 8. */
const earlier = join(root, 'earlier');
/** What a unit kept of the last checkpoint. */
const witness = join(root, 'witness.json');
let serial = 0;

const event = (n: number): AuditEvent => ({
  id: `evt_${n}`,
  at: `2026-11-20T08:00:${String(n).padStart(2, '0')}Z`,
  type: 'seal.used',
  actor: { accountId: 'acc_1', role: 'unit-signer' },
  subject: { kind: 'seal', id: `seal_${n % 3}` },
  scopeKeys: ['unit:u1', 'region:37'],
  details: { n },
});

async function withLog(
  directory: string,
  work: (log: ReturnType<typeof createAuditLog>) => Promise<void>,
): Promise<void> {
  await using store = await openSqliteStore({
    path: join(directory, DATABASE_FILE),
    logger: silentLogger,
  });
  await work(
    createAuditLog({
      entries: await store.open(AUDIT_ENTRIES),
      checkpoints: await store.open(AUDIT_CHECKPOINTS),
      key: checkpointKey(join(directory, CHECKPOINT_KEY_FILE)),
      clock: systemClock,
    }),
  );
}

/** 20 entries, checkpoints at 4, 8, 12, 16; the last four entries have none yet. */
beforeAll(async () => {
  mkdirSync(original);
  await withLog(original, async (log) => {
    const path = join(original, CHECKPOINT_FILE);
    const checkpoints = await openCheckpoints({ log, path, logger: silentLogger });
    for (let n = 1; n <= 20; n++) {
      await log.append([event(n)]);
      if (n % 4 === 0 && n < 20) await checkpoints.runOnce();
      if (n === 16) writeFileSync(witness, JSON.stringify(await log.lastCheckpoint()));
    }
  });
  cpSync(original, earlier, { recursive: true });
  const database = new Database(join(earlier, DATABASE_FILE));
  cutTo(database, 8);
  database.exec(`DELETE FROM doc_auditCheckpoints WHERE id > '${entryId(2)}';
    DELETE FROM reach_auditCheckpoints WHERE id > '${entryId(2)}'`);
  database.close();
});
afterAll(() => rmSync(root, { recursive: true }));

function cutTo(database: Database.Database, last: number): void {
  const lists = [
    'reach_auditEntries',
    'index_auditEntries__eventId',
    'index_auditEntries__subject',
  ];
  for (const table of ['doc_auditEntries', ...lists]) {
    database.prepare(`DELETE FROM ${table} WHERE id > ?`).run(entryId(last));
  }
}

interface Tampering {
  readonly database: Database.Database;
  readonly directory: string;
  entry(seq: number): AuditEntry;
  write(seq: number, entry: AuditEntry): void;
  lines(): string[];
  writeLines(lines: readonly string[]): void;
}

/** A copy of the installation after `tamper` has been at it, as `audit verify` finds it. */
async function found(
  tamper: (on: Tampering) => void,
  options: VerifyAuditOptions = {},
): Promise<AuditReport> {
  const directory = join(root, `copy-${String(++serial)}`);
  cpSync(original, directory, { recursive: true });
  const database = new Database(join(directory, DATABASE_FILE));
  const file = join(directory, CHECKPOINT_FILE);
  tamper({
    database,
    directory,
    entry: (seq) => {
      const select = database.prepare('SELECT body FROM doc_auditEntries WHERE id = ?').pluck();
      return JSON.parse(select.get(entryId(seq)) as string) as AuditEntry;
    },
    write: (seq, entry) => {
      const update = database.prepare('UPDATE doc_auditEntries SET body = ? WHERE id = ?');
      update.run(JSON.stringify(entry), entryId(seq));
    },
    lines: () => readFileSync(file, 'utf8').trimEnd().split('\n'),
    writeLines: (lines) => writeFileSync(file, lines.map((line) => `${line}\n`).join('')),
  });
  database.close();
  return verifyAuditOf(directory, options);
}

const forged = (entry: AuditEntry): AuditEvent => ({ ...entry.event, details: { n: 999 } });

/** Everything from `seq` on rewritten so that it fits together, as one who knows the code would. */
function rewriteFrom({ database, entry, write }: Tampering, seq: number, last = 20): void {
  let head = EMPTY_HEAD;
  for (let n = 1; n <= last; n++) {
    const before = entry(n);
    const next = follow(head, n === seq ? forged(before) : before.event);
    head = next.head;
    if (n >= seq) write(n, next.entry);
  }
  database.pragma('wal_checkpoint(TRUNCATE)');
}

describe('audit verify', () => {
  it('finds an untouched installation whole, with its witness', async () => {
    await expect(found(() => undefined, { witnessFiles: [witness] })).resolves.toMatchObject({
      isWhole: true,
      size: 20,
      checkpoints: 4,
      exported: 4,
      witnessed: 1,
      fault: null,
    });
  });

  const cases: readonly (readonly [string, (on: Tampering) => void, object])[] = [
    [
      'an edited entry',
      ({ entry, write }) => write(7, { ...entry(7), event: forged(entry(7)) }),
      { what: 'edited', seq: 7 },
    ],
    [
      'an edit with JSON of SQL, one figure',
      ({ database }) =>
        database
          .prepare(
            `UPDATE doc_auditEntries SET body = json_set(body, '$.event.details.n', 0) WHERE id = ?`,
          )
          .run(entryId(20)),
      { what: 'edited', seq: 20 },
    ],
    [
      'an edited entry with its own hash made anew',
      ({ entry, write }) => {
        const event = forged(entry(7));
        write(7, { ...entry(7), event, hash: toHex(entryHash(7, entry(7).prevHash, event)) });
      },
      { what: 'chain-broken', seq: 8 },
    ],
    [
      'a history rewritten to the end, hashes and all',
      (on) => rewriteFrom(on, 7),
      { what: 'checkpoint-contradicted', seq: 5, until: 8 },
    ],
    [
      'a removed entry',
      ({ database }) =>
        database.prepare('DELETE FROM doc_auditEntries WHERE id = ?').run(entryId(5)),
      { what: 'missing', seq: 5 },
    ],
    [
      'an entry inserted between two',
      ({ database }) =>
        database.exec(
          `INSERT INTO doc_auditEntries SELECT '${entryId(5)}x', version, body
             FROM doc_auditEntries WHERE id = '${entryId(5)}';
           CREATE TEMP TABLE copied AS SELECT * FROM reach_auditEntries WHERE id = '${entryId(5)}';
           UPDATE copied SET id = '${entryId(5)}x';
           INSERT INTO reach_auditEntries SELECT * FROM copied`,
        ),
      { what: 'inserted', seq: 6 },
    ],
    [
      'an entry inserted where no list shows it',
      ({ database }) =>
        database.exec(
          `INSERT INTO doc_auditEntries SELECT '${entryId(21)}', version, body
             FROM doc_auditEntries WHERE id = '${entryId(5)}'`,
        ),
      { what: 'inserted', seq: 21 },
    ],
    [
      'two entries that changed places',
      ({ entry, write }) => {
        const [fifth, sixth] = [entry(5), entry(6)];
        write(5, sixth);
        write(6, fifth);
      },
      { what: 'reordered', seq: 5 },
    ],
    [
      'subtree hashes altered',
      ({ entry, write }) => write(8, { ...entry(8), subtrees: entry(4).subtrees }),
      { what: 'tree-altered', seq: 8 },
    ],
    ['a cut tail', ({ database }) => cutTo(database, 14), { what: 'tail-cut', seq: 15 }],
    [
      'an entry hidden from lists',
      ({ database }) =>
        database
          .prepare(`UPDATE index_auditEntries__subject SET value = 'seal/none' WHERE id = ?`)
          .run(entryId(9)),
      { what: 'index-altered', seq: 9 },
    ],
    [
      'an edited checkpoint in the database',
      ({ database }) =>
        database
          .prepare(
            `UPDATE doc_auditCheckpoints SET body = json_set(body, '$.size', 7) WHERE id = ?`,
          )
          .run(entryId(2)),
      { what: 'checkpoint-forged', checkpoint: 2 },
    ],
    [
      'a checkpoint missing in the database',
      ({ database }) =>
        database.exec(
          `DELETE FROM doc_auditCheckpoints WHERE id = '${entryId(2)}';
           DELETE FROM reach_auditCheckpoints WHERE id = '${entryId(2)}'`,
        ),
      { what: 'checkpoint-missing', checkpoint: 2 },
    ],
    [
      'a line missing in the file',
      ({ lines, writeLines }) => writeLines(lines().toSpliced(1, 1)),
      { what: 'checkpoint-missing', checkpoint: 2 },
    ],
    [
      'an edited line in the file',
      ({ lines, writeLines }) =>
        writeLines(lines().map((line) => line.replace('"size":8', '"size":9'))),
      { what: 'checkpoint-forged', checkpoint: 2 },
    ],
    [
      'a line that is no JSON',
      ({ lines, writeLines }) => writeLines(lines().with(2, '{')),
      { what: 'checkpoint-forged', checkpoint: 3 },
    ],
    [
      'the end of the file cut off',
      ({ lines, writeLines }) => writeLines(lines().slice(0, 2)),
      { what: 'checkpoint-missing', checkpoint: 3 },
    ],
    [
      'the file gone',
      ({ directory }) => rmSync(join(directory, CHECKPOINT_FILE)),
      { what: 'checkpoint-missing', checkpoint: 1 },
    ],
    [
      'an old database put back beside its newer checkpoints',
      ({ database, directory }) => {
        database.close();
        for (const suffix of ['-wal', '-shm']) {
          rmSync(join(directory, `${DATABASE_FILE}${suffix}`), { force: true });
        }
        copyFileSync(join(earlier, DATABASE_FILE), join(directory, DATABASE_FILE));
      },
      { what: 'rolled-back', checkpoint: 3 },
    ],
    [
      'checkpoints signed with a new key',
      ({ directory }) => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        writeFileSync(
          join(directory, CHECKPOINT_KEY_FILE),
          privateKey.export({ type: 'pkcs8', format: 'pem' }),
        );
      },
      { what: 'checkpoint-forged', checkpoint: 1 },
    ],
  ];

  it.each(cases)('finds %s, and where', async (_name, tamper, fault) => {
    const report = await found(tamper);
    expect(report).toMatchObject({ isWhole: false, fault });
    const position = Object.values(fault).find((value) => typeof value === 'number');
    expect(report.fault?.text).toContain(String(position));
  });

  it('bears a torn last line of the file and one checkpoint not yet written there', async () => {
    const report = await found(({ directory, lines, writeLines }) => {
      writeLines(lines().slice(0, 3));
      appendFileSync(join(directory, CHECKPOINT_FILE), '{"number":4,"prev');
    });
    expect(report).toMatchObject({ isWhole: true, exported: 3 });
  });

  it('finds database and file rolled back together by what a witness kept', async () => {
    const rollBack = ({ database, directory, lines, writeLines }: Tampering): void => {
      database.close();
      copyFileSync(join(earlier, DATABASE_FILE), join(directory, DATABASE_FILE));
      writeLines(lines().slice(0, 2));
    };
    await expect(found(rollBack)).resolves.toMatchObject({ isWhole: true, size: 8 });
    await expect(found(rollBack, { witnessFiles: [witness] })).resolves.toMatchObject({
      isWhole: false,
      fault: { what: 'rolled-back', checkpoint: 3 },
    });
  });

  it('finds everything rewritten and signed anew by the key that was published before', async () => {
    const keyFile = join(root, 'published.json');
    const { published } = checkpointKey(join(original, CHECKPOINT_KEY_FILE));
    writeFileSync(keyFile, JSON.stringify({ keys: [published] }));
    const forgery = join(root, 'forgery');
    mkdirSync(forgery);
    await withLog(forgery, async (log) => {
      await log.append([event(1), event(2)]);
      const path = join(forgery, CHECKPOINT_FILE);
      await (await openCheckpoints({ log, path, logger: silentLogger })).runOnce();
    });
    await expect(verifyAuditOf(forgery)).resolves.toMatchObject({ isWhole: true });
    await expect(verifyAuditOf(forgery, { keyFile })).resolves.toMatchObject({
      fault: { what: 'checkpoint-forged', checkpoint: 1 },
    });
    await expect(verifyAuditOf(original, { keyFile })).resolves.toMatchObject({ isWhole: true });
  });
});

describe('the service at its start', () => {
  const start = (directory: string): Promise<void> =>
    withLog(directory, async (log) => {
      const path = join(directory, CHECKPOINT_FILE);
      await openCheckpoints({ log, path, logger: silentLogger });
    });

  it('refuses an older database beside newer checkpoints', async () => {
    const directory = join(root, 'restored');
    cpSync(earlier, directory, { recursive: true });
    await expect(start(directory)).rejects.toMatchObject({
      code: 'audit-corrupt',
      params: { what: 'rolled-back', checkpoint: 4 },
    });
  });

  it('writes checkpoints that are made on demand at once, however many', async () => {
    const directory = join(root, 'on-demand');
    cpSync(original, directory, { recursive: true });
    const path = join(directory, CHECKPOINT_FILE);
    await withLog(directory, async (log) => {
      await openCheckpoints({ log, path, logger: silentLogger });
      for (const number of [21, 22, 23]) {
        await log.append([event(number)]);
        await Promise.all([log.checkpointCovering(number), log.checkpointCovering(number)]);
      }
      // Nothing is stopped, as after a kill.
      await expect(verifyAuditOf(directory)).resolves.toMatchObject({
        isWhole: true,
        checkpoints: 7,
        exported: 7,
      });
    });
  });

  it('mends a torn line, writes what the file lacks, and goes on', async () => {
    const directory = join(root, 'torn');
    cpSync(original, directory, { recursive: true });
    const path = join(directory, CHECKPOINT_FILE);
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, `${lines.slice(0, 3).join('\n')}\n{"number":4,"pre`);
    await withLog(directory, async (log) => {
      await (await openCheckpoints({ log, path, logger: silentLogger })).runOnce();
    });
    await expect(verifyAuditOf(directory)).resolves.toMatchObject({
      isWhole: true,
      checkpoints: 5,
      exported: 5,
    });
  });
});
