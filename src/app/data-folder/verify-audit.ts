/**
 * Verifies the audit log of a data folder with the checkpoints that were exported beside it, and
 * proofs that were handed out. What is found wrong is a report; only what cannot be read is an error.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AUDIT_CHECKPOINTS,
  AUDIT_ENTRIES,
  assertProof,
  verifyLog,
  type AuditFault,
  type AuditProof,
  type AuditVerification,
  type SignedCheckpoint,
} from '../../audit/index.js';
import type { Config } from '../../config/index.js';
import { AppError, isAppError, silentLogger } from '../../kernel/index.js';
import { assertStatement, type SealStatement } from '../../seal/index.js';
import type { RecordStore } from '../../store/index.js';
import { openSqliteStore } from '../../store/sqlite/index.js';
import { AUDIT_FAULT_TEXTS } from './audit-fault-texts.js';
import { readCheckpointFile } from './checkpoint-file.js';
import { statementVerifier, readPublicKeys } from './keys.js';
import { openRecords } from './stores.js';

/** One line a checkpoint, appended and fsynced: what a restored or cut database is compared with. */
export const CHECKPOINT_FILE = join('audit', 'checkpoints.jsonl');
export const CHECKPOINT_KEY_FILE = join('keys', 'audit.pem');
/** Signs what the service states in public. */
export const STATEMENT_KEY_FILE = join('keys', 'statements.pem');
export const DATABASE_FILE = 'qianyin.sqlite';

export interface AuditReport extends Partial<AuditVerification> {
  readonly isWhole: boolean;
  /** The first wrong position. */
  readonly fault: {
    readonly what: AuditFault;
    /** Position of the entry, from 1; with `until`, somewhere from one to the other. */
    readonly seq?: number;
    readonly until?: number;
    /** Number of the checkpoint. */
    readonly checkpoint?: number;
    readonly text: string;
    readonly textEn: string;
  } | null;
}

export interface VerifyAuditOptions {
  /** Key file as published or kept; the data folder's own where absent. */
  readonly keyFile?: string;
  /** Files with checkpoints that others kept: one, an array, lines, or anything that has one as `checkpoint`. */
  readonly witnessFiles?: readonly string[];
}

/**
 * The log in a data folder's own database.
 * @throws AppError `file-not-found`, `input-invalid`, `store-unavailable`
 */
export function verifyAuditOf(
  dataDirectory: string,
  options: VerifyAuditOptions = {},
): Promise<AuditReport> {
  const path = join(dataDirectory, DATABASE_FILE);
  return verifyAuditIn(() => openDatabase(path), dataDirectory, options);
}

/**
 * The log of the service that `config` configures, wherever its records are.
 * @throws AppError as {@link verifyAuditOf}
 */
export function verifyConfiguredAudit(
  config: Config,
  options: VerifyAuditOptions = {},
): Promise<AuditReport> {
  const { store } = config;
  return verifyAuditIn(
    () => (store.kind === 'sqlite' ? openDatabase(store.path) : openRecords(config, silentLogger)),
    config.dataDirectory,
    options,
  );
}

/** A database that is not there is not made. */
function openDatabase(path: string): Promise<RecordStore> {
  if (!existsSync(path)) {
    throw new AppError('file-not-found', 'no database', { params: { file: path } });
  }
  return openSqliteStore({ path, logger: silentLogger });
}

async function verifyAuditIn(
  open: () => Promise<RecordStore>,
  dataDirectory: string,
  options: VerifyAuditOptions,
): Promise<AuditReport> {
  const verifier = statementVerifier(
    keysOf(options.keyFile ?? join(dataDirectory, CHECKPOINT_KEY_FILE)),
  );
  const witnessed = (options.witnessFiles ?? []).flatMap(checkpointsIn);
  return reported(async () => {
    // The file is read first: while a service runs, the database is never behind it.
    const exported = readCheckpointFile(join(dataDirectory, CHECKPOINT_FILE)) ?? [];
    await using store = await open();
    const entries = await store.open(AUDIT_ENTRIES);
    const checkpoints = await store.open(AUDIT_CHECKPOINTS);
    const verified = await verifyLog({ entries, checkpoints, verifier }, { exported, witnessed });
    const misplaced = await store.firstMisplaced(AUDIT_ENTRIES);
    if (misplaced !== undefined) {
      const seq = misplaced === '' ? verified.size + 1 : Number.parseInt(misplaced, 10);
      const what: AuditFault =
        misplaced === '' || seq > verified.size ? 'inserted' : 'index-altered';
      throw new AppError('audit-corrupt', `${what} at entry ${seq}`, { params: { what, seq } });
    }
    return verified;
  });
}

/**
 * A proof or a monthly statement that was handed out, without the log.
 * @throws AppError `file-not-found`, `input-invalid`
 */
export function verifyProofFile(proofFile: string, keyFile: string): Promise<AuditReport> {
  const verifier = statementVerifier(keysOf(keyFile));
  const proof = readJson(proofFile) as AuditProof | SealStatement;
  return reported(() => {
    try {
      if (proof.kind === 'seal-statement') assertStatement(proof, verifier);
      else assertProof(proof, verifier);
    } catch (error) {
      if (isAppError(error)) throw error;
      throw new AppError('input-invalid', 'no proof', {
        params: { file: proofFile },
        cause: error,
      });
    }
    const { size, rootHash } = checkpointOf(proof);
    return Promise.resolve({ size, rootHash });
  });
}

function checkpointOf(proof: AuditProof | SealStatement): SignedCheckpoint {
  if (proof.kind === 'seal-statement') return proof.after.checkpoint;
  return proof.kind === 'audit-inclusion' ? proof.checkpoint : proof.to;
}

async function reported(verify: () => Promise<Partial<AuditVerification>>): Promise<AuditReport> {
  try {
    return { isWhole: true, ...(await verify()), fault: null };
  } catch (error) {
    if (!isAppError(error, 'audit-corrupt')) throw error;
    const { what, seq, until, checkpoint } = error.params as unknown as Faulty;
    const position = { seq, until, checkpoint };
    const known = Object.fromEntries(
      Object.entries(position).filter(([, value]) => value !== undefined),
    );
    return {
      isWhole: false,
      fault: { what, ...known, ...AUDIT_FAULT_TEXTS[what](seq ?? checkpoint ?? 0, until ?? 0) },
    };
  }
}

interface Faulty {
  readonly what: AuditFault;
  readonly seq?: number;
  readonly until?: number;
  readonly checkpoint?: number;
}

function keysOf(path: string): readonly KeyObject[] {
  if (!existsSync(path)) {
    throw new AppError('file-not-found', 'no key', { params: { file: path } });
  }
  return readPublicKeys(readFileSync(path, 'utf8')).map((key) =>
    key.type === 'private' ? createPublicKey(key) : key,
  );
}

function checkpointsIn(path: string): readonly SignedCheckpoint[] {
  if (!existsSync(path)) {
    throw new AppError('file-not-found', 'no such file', { params: { file: path } });
  }
  const text = readFileSync(path, 'utf8').trim();
  const values = text.includes('\n') && !text.includes('\n ') ? text.split('\n') : [text];
  return values.flatMap((value) => checkpointsOf(parseJson(value, path), path));
}

function checkpointsOf(value: unknown, path: string): readonly SignedCheckpoint[] {
  if (Array.isArray(value)) return value.flatMap((each) => checkpointsOf(each, path));
  if (typeof value === 'object' && value !== null) {
    if ('rootHash' in value && 'signature' in value) return [value as SignedCheckpoint];
    if ('items' in value) return checkpointsOf(value.items, path);
    if ('checkpoint' in value) return checkpointsOf(value.checkpoint, path);
    if ('after' in value) return checkpointsOf(value.after, path);
  }
  throw new AppError('input-invalid', 'no checkpoint', { params: { file: path } });
}

function readJson(path: string): unknown {
  if (!existsSync(path)) {
    throw new AppError('file-not-found', 'no such file', { params: { file: path } });
  }
  return parseJson(readFileSync(path, 'utf8'), path);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('input-invalid', 'not JSON', { params: { file: path }, cause: error });
  }
}
