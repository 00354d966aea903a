/** The part of the audit log that goes with a contract: its events up to the last signature, and proof that they are in the log. */
import { z } from 'zod';
import {
  checkpointMessage,
  signedCheckpoint,
  type AuditEntry,
  type AuditLog,
  type InclusionProof,
  type SignedCheckpoint,
} from '../../audit/index.js';
import {
  AppError,
  bytesToUtf8,
  canonicalJson,
  equalBytes,
  fromBase64,
  toBase64,
  utf8ToBytes,
} from '../../kernel/index.js';
import { SCOPE_ALL } from '../../store/index.js';
import type { Part } from './archive.js';
import { PACKAGE_ENTRIES } from './format.js';

export interface AuditPart {
  readonly checkpoint: SignedCheckpoint;
  readonly proofs: readonly InclusionProof[];
}

export type ProvingLog = Pick<AuditLog, 'find' | 'inclusionProof' | 'checkpointCovering'>;

const PAGE = 500;

/**
 * The same for the same contract whenever it is asked for: what came after the last signature is left
 * out, and the checkpoint is the oldest that covers it.
 *
 * @throws AppError `audit-unavailable` where the log does not hold the last signature yet
 */
export async function auditPartOf(log: ProvingLog, contractId: string): Promise<AuditPart> {
  const entries = await eventsOf(log, contractId);
  const last = entries.findLastIndex(({ event }) => event.type === 'contract.signed');
  const signed = entries[last];
  if (signed === undefined) {
    throw new AppError('audit-unavailable', 'the log does not hold the last signature yet');
  }
  const checkpoint = signedCheckpoint(await log.checkpointCovering(signed.seq));
  const proofs: InclusionProof[] = [];
  for (const { seq, prevHash, event } of entries.slice(0, last + 1)) {
    const path = await log.inclusionProof(seq, checkpoint.size);
    proofs.push({ kind: 'audit-inclusion', entry: { seq, prevHash, event }, path, checkpoint });
  }
  return { checkpoint, proofs };
}

/** Every entry about the contract, in order. */
export async function eventsOf(
  log: Pick<AuditLog, 'find'>,
  contractId: string,
): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await log.find(
      {
        where: { subject: { eq: `contract/${contractId}` } },
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      },
      SCOPE_ALL,
    );
    entries.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return entries;
}

/** Files of it: the exact bytes that are hashed and signed, one entry a line. */
export function auditFiles({ checkpoint, proofs }: AuditPart): readonly Part[] {
  const lines = proofs.map(({ entry }) => `${canonicalJson(entry)}\n`).join('');
  const paths = {
    checkpointKeyId: checkpoint.keyId,
    paths: proofs.map(({ entry, path }) => ({ seq: entry.seq, path })),
  };
  return [
    [PACKAGE_ENTRIES.auditEntries, utf8ToBytes(lines)],
    [PACKAGE_ENTRIES.auditProofs, utf8ToBytes(canonicalJson(paths))],
    [PACKAGE_ENTRIES.checkpoint, checkpointMessage(checkpoint)],
    [PACKAGE_ENTRIES.checkpointSignature, fromBase64(checkpoint.signature) ?? new Uint8Array()],
  ];
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const entrySchema = z.strictObject({
  seq: z.int(),
  prevHash: z.string(),
  event: z.strictObject({
    id: z.string(),
    at: z.string(),
    type: z.string(),
    actor: z.strictObject({
      accountId: z.string(),
      role: z.string(),
      unitId: z.string().exactOptional(),
      certificateSha256: z.string().exactOptional(),
    }),
    subject: z.strictObject({ kind: z.string(), id: z.string() }),
    scopeKeys: z.array(z.string()),
    details: z.record(z.string(), scalar),
    requestId: z.string().exactOptional(),
  }),
});

const pathsSchema = z.strictObject({
  checkpointKeyId: z.string(),
  paths: z.array(z.strictObject({ seq: z.int(), path: z.array(z.string()) })),
});

const checkpointSchema = z.object({
  number: z.int(),
  previous: z.string(),
  size: z.int(),
  rootHash: z.string(),
  at: z.string(),
});

/**
 * The same from the files; whether it holds is not judged.
 * @throws AppError `input-invalid` where they are not what {@link auditFiles} writes
 */
export function readAuditFiles(parts: ReadonlyMap<string, Uint8Array>): AuditPart {
  const bytesOf = (name: string): Uint8Array => {
    const bytes = parts.get(name);
    if (bytes === undefined) throw new AppError('input-invalid', `${name} is missing`);
    return bytes;
  };
  try {
    const textOf = (name: string): string => bytesToUtf8(bytesOf(name));
    const { checkpointKeyId, paths } = pathsSchema.parse(
      JSON.parse(textOf(PACKAGE_ENTRIES.auditProofs)),
    );
    const checkpoint: SignedCheckpoint = signedCheckpoint({
      ...checkpointSchema.parse(JSON.parse(textOf(PACKAGE_ENTRIES.checkpoint))),
      signature: toBase64(bytesOf(PACKAGE_ENTRIES.checkpointSignature)),
      keyId: checkpointKeyId,
    });
    const entries = textOf(PACKAGE_ENTRIES.auditEntries)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => entrySchema.parse(JSON.parse(line)));
    const proofs = entries.map((entry, index): InclusionProof => {
      const { seq, path } = paths[index] ?? { seq: 0, path: [] };
      if (seq !== entry.seq) throw new AppError('input-invalid', 'an entry has no path');
      return { kind: 'audit-inclusion', entry, path, checkpoint };
    });
    const part = { checkpoint, proofs };
    const isTheirs = auditFiles(part).every(([name, bytes]) => equalBytes(bytes, bytesOf(name)));
    if (!isTheirs || proofs.length !== paths.length) {
      throw new AppError('input-invalid', 'the files of the audit log do not fit each other');
    }
    return part;
  } catch (error) {
    throw new AppError('input-invalid', 'the audit part cannot be read', { cause: error });
  }
}
