/** The completion report of a contract, for people and for programs. */
import { z } from 'zod';
import { route, type Route } from '../route.js';
import { idSchema, sha256 } from '../schemas.js';
import type { HttpServices } from '../services.js';
import { CONTRACT_READERS } from './contracts.js';

const PDF = 'application/pdf';
const text = z.string().nullable();

const evidenceView = z
  .strictObject({
    statement: z.looseObject({
      kind: z.literal('contract-evidence'),
      at: z.iso.datetime(),
      document: z.looseObject({ sha256, indication: z.string() }),
      signatures: z.array(
        z.looseObject({ number: z.int(), provedAt: text, revisionSha256: sha256 }),
      ),
      receipts: z.array(
        z.looseObject({
          filingNumber: z.string(),
          documentSha256: sha256,
          isSuperseded: z.boolean(),
        }),
      ),
      events: z.array(z.looseObject({ seq: z.int(), type: z.string(), hash: sha256 })),
      checkpoint: z.looseObject({ number: z.int(), rootHash: sha256 }),
    }),
    keyId: z.string(),
    signature: z
      .string()
      .meta({ description: 'Ed25519，对 statement 的 RFC 8785 JSON 签名，base64' }),
  })
  .meta({ id: 'ContractEvidence' });

export function evidenceRoutes({ contracts, evidence }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/contracts/{id}/evidence',
      operationId: 'getContractEvidence',
      tag: 'contracts',
      summary: '签署证明：PDF，或按 Accept 为 JSON / Completion report',
      access: CONTRACT_READERS,
      params: z.strictObject({ id: idSchema('ctr', '合同编号') }),
      query: z.strictObject({ format: z.enum(['pdf', 'json']).optional() }),
      problems: ['contract-not-found', 'not-found', 'blob-corrupt', 'audit-unavailable'],
      success: { status: 200, description: '签署证明', json: evidenceView, media: [PDF] },
      handle: async ({ principal, params: { id }, query: { format }, mediaType }) => {
        const contract = await contracts.get(principal, id);
        const found = await evidence.of(contract);
        const isJson = format === 'json' || (format === undefined && mediaType !== PDF);
        if (isJson) return { body: { ...found } as unknown as z.input<typeof evidenceView> };
        return {
          bytes: await evidence.render(found),
          mediaType: PDF,
          fileName: `${contract.number}-evidence.pdf`,
          isInline: true,
        };
      },
    }),
  ];
}
