/** Budget units, suppliers and agencies, and the certificates enrolled for them. */
import { z } from 'zod';
import type { UnitRecord } from '../../access/index.js';
import { route, type Route } from '../route.js';
import {
  base64,
  creditCode,
  idSchema,
  listOf,
  listView,
  pageOf,
  pageQuery,
  present,
  regionCode,
  sha256,
} from '../schemas.js';
import type { HttpServices } from '../services.js';

const kind = z.enum(['budget-unit', 'supplier', 'agency']);
const tokenKind = z.enum(['budget-system', 'trading-centre', 'other']);

const unitView = z
  .strictObject({
    id: z.string(),
    kind,
    name: z.string(),
    creditCode: z.string(),
    regionCode: z.string(),
    budgetCode: z.string().nullable(),
    address: z.string().nullable(),
    certificates: z.array(z.strictObject({ sha256, tokenKind, enrolledAt: z.iso.datetime() })),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Unit' });

const params = z.strictObject({ id: idSchema('unit', '单位编号') });
const administrators = ['system-administrator', 'seal-administrator'] as const;
const readers = [
  'system-administrator',
  'seal-administrator',
  'seal-reviewer',
  'unit-handler',
  'unit-signer',
  'unit-seal-approver',
  'supplier-signer',
  'budget-system',
  'trading-system',
  'supervisor',
  'auditor',
] as const;

export function unitRoutes({ units }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/units',
      operationId: 'listUnits',
      tag: 'units',
      summary: '可见的单位 / Units in sight',
      access: readers,
      query: z.strictObject({ ...pageQuery, kind: kind.optional() }),
      success: { status: 200, description: '单位', json: listOf(unitView) },
      handle: async ({ principal, query }) => ({
        body: listView(
          await units.list(principal, { ...pageOf(query), ...present({ kind: query.kind }) }),
          view,
        ),
      }),
    }),

    route({
      method: 'post',
      path: '/units',
      operationId: 'createUnit',
      tag: 'units',
      summary: '登记单位 / Register a unit',
      access: administrators,
      isIdempotent: true,
      body: {
        json: z.strictObject({
          kind,
          name: z.string().trim().min(2).max(200),
          creditCode,
          regionCode,
          budgetCode: z
            .string()
            .regex(/^[0-9A-Za-z]{1,32}$/)
            .optional(),
          address: z.string().trim().min(1).max(300).optional(),
        }),
      },
      problems: ['record-exists', 'input-invalid', 'forbidden'],
      success: { status: 201, description: '已登记', json: unitView },
      handle: async ({ principal, body }) => {
        const unit = await units.create(principal, present(body));
        return { ...answer(unit), location: `/api/v1/units/${unit.id}` };
      },
    }),

    route({
      method: 'get',
      path: '/units/{id}',
      operationId: 'getUnit',
      tag: 'units',
      summary: '单位 / One unit',
      access: readers,
      params,
      problems: ['not-found'],
      success: { status: 200, description: '单位', json: unitView },
      handle: async ({ principal, params: { id } }) => answer(await units.get(principal, id)),
    }),

    route({
      method: 'post',
      path: '/units/{id}/certificates',
      operationId: 'enrolCertificate',
      tag: 'units',
      summary: '登记 UKey 证书 / Enrol a certificate',
      access: administrators,
      params,
      isIdempotent: true,
      ifMatch: 'accepted',
      body: { json: z.strictObject({ certificateB64: base64, tokenKind }) },
      problems: [
        'not-found',
        'forbidden',
        'record-exists',
        'certificate-malformed',
        'certificate-expired',
        'certificate-not-yet-valid',
        'certificate-not-for-signing',
        'certificate-not-of-unit',
      ],
      success: { status: 201, description: '已登记', json: unitView },
      handle: async ({ principal, params: { id }, body, expectedRevision }) =>
        answer(
          await units.enrolCertificate(principal, id, {
            certificateDer: body.certificateB64,
            tokenKind: body.tokenKind,
            ...present({ expectedRevision }),
          }),
        ),
    }),

    route({
      method: 'delete',
      path: '/units/{id}/certificates/{sha256}',
      operationId: 'withdrawCertificate',
      tag: 'units',
      summary: '撤下证书；其会话立即失效 / Withdraw a certificate',
      access: administrators,
      params: params.extend({ sha256 }),
      ifMatch: 'accepted',
      problems: ['not-found', 'forbidden'],
      success: { status: 200, description: '撤下后的单位', json: unitView },
      handle: async ({ principal, params: { id, sha256: name }, expectedRevision }) =>
        answer(await units.withdrawCertificate(principal, id, name, expectedRevision)),
    }),
  ];
}

function answer(unit: UnitRecord): { body: z.input<typeof unitView>; revision: number } {
  return { body: view(unit), revision: unit.revision };
}

function view(unit: UnitRecord): z.input<typeof unitView> {
  return {
    id: unit.id,
    kind: unit.kind,
    name: unit.name,
    creditCode: unit.creditCode,
    regionCode: unit.regionCode,
    budgetCode: unit.budgetCode ?? null,
    address: unit.address ?? null,
    certificates: unit.certificates.map((each) => ({
      sha256: each.sha256,
      tokenKind: each.tokenKind,
      enrolledAt: each.enrolledAt,
    })),
    createdAt: unit.createdAt,
  };
}
