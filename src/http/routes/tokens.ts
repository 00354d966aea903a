/** UKeys attached to the server. */
import { z } from 'zod';
import { AppError } from '../../kernel/index.js';
import type { TokenSlot } from '../../token/index.js';
import { route, type Route } from '../route.js';
import type { HttpServices } from '../services.js';

const certificateView = z.strictObject({
  idHex: z.string(),
  label: z.string(),
  sha256: z.string(),
  subject: z.string(),
  serialHex: z.string(),
  notBefore: z.string(),
  notAfter: z.string(),
  keyUsage: z.array(z.string()),
  algorithm: z.string().nullable(),
  isForSigning: z.boolean(),
});

const tokenView = z
  .strictObject({
    id: z.string().meta({ description: 'UKey 序列号 (serial)' }),
    label: z.string(),
    manufacturer: z.string(),
    model: z.string(),
    pinState: z.enum(['ok', 'count-low', 'final-try', 'locked', 'not-initialised']),
    certificates: z.array(certificateView),
    signingCertificateSha256: z.string().nullable(),
  })
  .meta({ id: 'Token' });

const users = [
  'unit-signer',
  'supplier-signer',
  'unit-seal-approver',
  'system-administrator',
] as const;

export function tokenRoutes({ tokens, units }: HttpServices): readonly Route[] {
  return [
    route({
      method: 'get',
      path: '/tokens',
      operationId: 'listTokens',
      tag: 'tokens',
      summary: '接在服务器上的 UKey；签署人只见本单位的 / UKeys at the server',
      access: users,
      success: {
        status: 200,
        description: 'UKey，及不能使用的驱动',
        json: z.strictObject({
          items: z.array(tokenView),
          faults: z.array(z.strictObject({ code: z.string() })),
        }),
      },
      handle: async ({ principal }) => {
        const { slots, faults } = await tokens.list();
        const isVisible = await visibleTo(principal);
        return {
          body: {
            items: slots.filter(isVisible).map(view),
            // Paths of the server's libraries are not the caller's business.
            faults: faults.map(({ code }) => ({ code })),
          },
        };
      },
    }),

    route({
      method: 'get',
      path: '/tokens/{id}',
      operationId: 'getToken',
      tag: 'tokens',
      summary: '一个 UKey / One UKey',
      access: users,
      params: z.strictObject({ id: z.string().min(1).max(64) }),
      problems: ['not-found'],
      success: { status: 200, description: 'UKey', json: tokenView },
      handle: async ({ principal, params: { id } }) => {
        const { slots } = await tokens.list();
        const isVisible = await visibleTo(principal);
        const slot = slots.find((each) => each.serial === id && isVisible(each));
        if (slot === undefined) throw new AppError('not-found', 'no such token');
        return { body: view(slot) };
      },
    }),
  ];

  /** A signer sees tokens that hold a certificate of the own unit; the administrator sees all. */
  async function visibleTo(
    principal: Parameters<typeof units.get>[0],
  ): Promise<(slot: TokenSlot) => boolean> {
    if (principal.roles.includes('system-administrator')) return () => true;
    if (principal.unitId === undefined) return () => false;
    const unit = await units.get(principal, principal.unitId);
    const enrolled = new Set(unit.certificates.map((each) => each.sha256));
    return (slot) => slot.certificates.some((each) => enrolled.has(each.sha256Hex));
  }
}

function view(slot: TokenSlot): z.input<typeof tokenView> {
  return {
    id: slot.serial,
    label: slot.label,
    manufacturer: slot.manufacturer,
    model: slot.model,
    pinState: slot.pinState,
    certificates: slot.certificates.map((each) => ({
      idHex: each.idHex,
      label: each.label,
      sha256: each.sha256Hex,
      subject: each.subject,
      serialHex: each.serialHex,
      notBefore: each.notBefore,
      notAfter: each.notAfter,
      keyUsage: [...each.keyUsage],
      algorithm: algorithmText(each.algorithm),
      isForSigning: each.isForSigning,
    })),
    signingCertificateSha256: slot.signingCertificate?.sha256Hex ?? null,
  };
}

function algorithmText(algorithm: TokenSlot['certificates'][number]['algorithm']): string | null {
  switch (algorithm?.kind) {
    case 'rsa':
      return `RSA-${algorithm.bits}`;
    case 'ec':
      return algorithm.curve;
    case 'ed25519':
      return 'Ed25519';
    case 'sm2':
      return 'SM2';
    case undefined:
      return null;
  }
}
