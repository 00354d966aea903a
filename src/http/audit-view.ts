/** Entries of the audit log, checkpoints and proofs as the API shows them. */
import { z } from 'zod';
import type { AuditEntry, AuditEvent } from '../audit/index.js';

export const eventView = z
  .strictObject({
    id: z.string(),
    at: z.iso.datetime(),
    type: z.string(),
    actor: z.strictObject({
      accountId: z.string(),
      role: z.string(),
      unitId: z.string().optional(),
      certificateSha256: z.string().optional(),
    }),
    subject: z.strictObject({ kind: z.string(), id: z.string() }),
    scopeKeys: z.array(z.string()),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    requestId: z.string().optional(),
  })
  .meta({ id: 'AuditEvent' });

export const entryView = z
  .strictObject({
    seq: z.int(),
    hash: z.string(),
    prevHash: z.string(),
    event: eventView,
  })
  .meta({ id: 'AuditEntry' });

export const checkpointView = z
  .strictObject({
    number: z.int().meta({ description: '从 1 起连续 (gap-free)' }),
    previous: z.string().meta({ description: '前一个检查点被签内容的 SHA-256；第一个为空' }),
    size: z.int().meta({ description: '日志条数 (entries)' }),
    rootHash: z.string(),
    at: z.iso.datetime(),
    signature: z.string().meta({ description: 'ECDSA P-256 / SHA-256，DER 的 base64' }),
    keyId: z.string().meta({ description: '/.well-known/jwks.json 中的 kid' }),
  })
  .meta({ id: 'AuditCheckpoint' });

const path = z.array(z.string()).readonly().meta({ description: 'RFC 9162 2.1；十六进制' });

export const inclusionView = z
  .strictObject({
    kind: z.literal('audit-inclusion'),
    entry: entryView.pick({ seq: true, prevHash: true, event: true }),
    path,
    checkpoint: checkpointView,
  })
  .meta({ id: 'AuditInclusionProof' });

export const consistencyView = z
  .strictObject({
    kind: z.literal('audit-consistency'),
    from: checkpointView,
    to: checkpointView,
    path,
  })
  .meta({ id: 'AuditConsistencyProof' });

export function viewEvent(event: AuditEvent): z.input<typeof eventView> {
  const { scopeKeys, details, actor, subject, ...rest } = event;
  return {
    ...rest,
    actor: { ...actor },
    subject: { ...subject },
    scopeKeys: [...scopeKeys],
    details: { ...details },
  };
}

export function viewEntry({ seq, hash, prevHash, event }: AuditEntry): z.input<typeof entryView> {
  return { seq, hash, prevHash, event: viewEvent(event) };
}
