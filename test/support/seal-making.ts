/** Seals made the way they are made: applied for, prepared, approved and made, by three persons. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Principal, Role, UnitRecord } from '../../src/access/index.js';
import type {
  SealApplications,
  SealInformationForm,
  SealKind,
  SealMakerKeys,
  WantedSeal,
} from '../../src/seal/index.js';
import { testAuthority, testKey, testLeaf, type TestAuthority } from '../unit/pki/test-pki.js';

const LIFE = {
  notBefore: new Date('2024-01-01T00:00:00Z'),
  notAfter: new Date('2040-01-01T00:00:00Z'),
};

/** Recognised as a PDF, and no more. */
export const LETTER = new TextEncoder().encode('%PDF-1.4\n% 授权书\n');

export interface SealPki {
  readonly root: TestAuthority;
  readonly maker: TestAuthority;
  readonly open: SealMakerKeys['open'];
}

/** An SM2 root and the maker under it. */
export async function createSealPki(): Promise<SealPki> {
  const root = await testAuthority('CN=测试印章根CA,C=CN', undefined, {
    key: testKey('SM2'),
    ...LIFE,
  });
  const maker = await testLeaf('CN=测试制章系统,O=测试备案中心,C=CN', root, {
    key: testKey('SM2'),
    ...LIFE,
  });
  return {
    root,
    maker,
    open: () =>
      Promise.resolve({
        certificateDer: maker.certificate.der,
        chainDer: [],
        algorithm: { kind: 'sm2' },
        authentication: 'once',
        sign: (message, scheme) => Promise.resolve(maker.key.sign(message, scheme)),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  };
}

/** Writes the root into a trust folder as what it is trusted for. */
export function trustSealRoot(trustDirectory: string, { root }: SealPki): void {
  const folder = join(trustDirectory, 'seals', 'anchors');
  mkdirSync(folder, { recursive: true });
  const b64 = Buffer.from(root.certificate.der).toString('base64');
  writeFileSync(
    join(folder, 'seal-root.pem'),
    `-----BEGIN CERTIFICATE-----\n${b64}\n-----END CERTIFICATE-----\n`,
  );
  const profile = { name: '测试印章根', usages: ['seal-making'] };
  writeFileSync(join(trustDirectory, 'seals', 'profile.json'), JSON.stringify(profile));
}

export function someone(
  role: Role,
  place: Pick<Partial<Principal>, 'unitId' | 'regionCode'>,
): Principal {
  return {
    accountId: `acc_${role}`,
    roles: [role],
    unitId: place.unitId,
    regionCode: place.regionCode,
    certificateSha256: Buffer.from(role.padEnd(32, '.').slice(0, 32)).toString('hex'),
    requestId: 'req_1',
  };
}

/** A complete information form of the unit. */
export function completeForm(
  unit: UnitRecord,
  changes: Partial<SealInformationForm> = {},
): SealInformationForm {
  return {
    unitName: unit.name,
    creditCode: unit.creditCode,
    regionCode: unit.regionCode,
    seals: [{ kind: 'contract' }],
    tokenKind: unit.certificates[0]?.tokenKind ?? 'other',
    certificateSha256: unit.certificates.slice(0, 1).map(({ sha256 }) => sha256),
    handler: { name: '李经办', mobile: '13800000000' },
    legalRepresentative: { name: '王明' },
    purpose: '签订政府采购合同',
    validFrom: '2026-01-01T00:00:00Z',
    validUntil: '2027-12-31T16:00:00Z',
    ...changes,
  };
}

export interface MakeSealsRequest {
  readonly unit: UnitRecord;
  readonly kind?: SealKind;
  readonly seals?: readonly WantedSeal[];
  readonly form?: Partial<SealInformationForm>;
}

/** The ids of the seals made. */
export async function makeSeals(
  { applicants, review, making }: SealApplications,
  { unit, kind = 'contract', seals, form }: MakeSealsRequest,
): Promise<readonly string[]> {
  const applicant = someone('unit-handler', { unitId: unit.id });
  const maker = someone('seal-administrator', unit);
  const wanted = seals ?? [
    { kind, ...(kind === 'official' ? { physicalRegistration: '3701020000001' } : {}) },
  ];
  const draft = await applicants.create(applicant, {
    form: completeForm(unit, { seals: wanted, ...form }),
  });
  const { id } = draft;
  const attachment = {
    kind: 'authorisation-letter',
    fileName: '授权书.pdf',
    bytes: LETTER,
  } as const;
  await applicants.attach(applicant, { id, attachment });
  await applicants.submit(applicant, { id });
  const { preparation } = await review.prepare(maker, { id });
  const { contentSha256 = '' } = preparation ?? {};
  await review.approve(someone('seal-reviewer', unit), { id, contentSha256 });
  await making.make(maker, { id });
  return (preparation?.seals ?? []).map(({ sealId }) => sealId);
}
