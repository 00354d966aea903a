import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES, type Role } from '../../src/access/index.js';
import type { Route } from '../../src/http/route.js';
import { declaredRoutes } from '../../src/http/routes/index.js';
import { SAMPLE_BUYER, sampleContractData } from '../../src/sandbox/sample/index.js';
import { PIN, ServiceFixture, type AnswerBody } from './service-fixture.js';

const ALL = 'authenticated';
const CONTRACT_READERS =
  'unit-handler unit-signer unit-seal-approver supplier-signer budget-system trading-system supervisor auditor';
const SEAL_READERS =
  'seal-administrator seal-reviewer unit-handler unit-signer unit-seal-approver supplier-signer supervisor auditor';
const SEAL_APPLICANTS = 'unit-handler supplier-signer budget-system';
const APPLICATION_READERS =
  'unit-handler unit-signer unit-seal-approver supplier-signer budget-system seal-administrator seal-reviewer supervisor auditor';
const AWARD_READERS =
  'unit-handler unit-signer supplier-signer budget-system trading-system supervisor auditor';
const FILING_READERS = 'unit-handler unit-signer budget-system trading-system supervisor auditor';
const STATISTICS_READERS =
  'unit-handler unit-signer unit-seal-approver supplier-signer budget-system supervisor auditor';
const TOKEN_USERS = 'unit-signer supplier-signer unit-seal-approver system-administrator';
const UNIT_READERS = 'unit-handler unit-signer unit-seal-approver auditor';
const ADMINISTRATORS = 'system-administrator seal-administrator';

/** Who may call what, written down a second time: a right that changes must change here too. */
const RIGHTS: Readonly<Record<string, string>> = {
  handInOwnTemplate: 'unit-handler system-administrator',
  listOwnTemplates: 'unit-handler unit-signer budget-system system-administrator',
  getOwnTemplate: 'unit-handler unit-signer budget-system system-administrator',
  activateOwnTemplate: 'unit-handler system-administrator',
  retireOwnTemplate: 'unit-handler system-administrator',
  createLoginChallenge: 'public',
  createSession: 'public',
  endSessions: ALL,
  getMe: ALL,
  listAccounts: 'system-administrator',
  createAccount: 'system-administrator',
  getAccount: 'system-administrator',
  updateAccount: 'system-administrator',
  listUnits: ROLES.join(' '),
  createUnit: ADMINISTRATORS,
  getUnit: ROLES.join(' '),
  enrolCertificate: ADMINISTRATORS,
  withdrawCertificate: ADMINISTRATORS,
  listTokens: TOKEN_USERS,
  getToken: TOKEN_USERS,
  listSeals: SEAL_READERS,
  listSealApplications: APPLICATION_READERS,
  createSealApplication: SEAL_APPLICANTS,
  importSealApplications: SEAL_APPLICANTS,
  getSealApplicationTemplate: SEAL_APPLICANTS,
  getSealApplication: APPLICATION_READERS,
  editSealApplication: SEAL_APPLICANTS,
  attachToSealApplication: SEAL_APPLICANTS,
  getSealApplicationAttachment: APPLICATION_READERS,
  detachFromSealApplication: SEAL_APPLICANTS,
  getSealApplicationPicture: APPLICATION_READERS,
  submitSealApplication: SEAL_APPLICANTS,
  confirmSealApplication: 'unit-handler unit-seal-approver supplier-signer',
  withdrawSealApplication: SEAL_APPLICANTS,
  prepareSealApplication: 'seal-administrator',
  approveSealApplication: 'seal-reviewer supervisor',
  returnSealApplication: 'seal-administrator seal-reviewer supervisor',
  rejectSealApplication: 'seal-administrator seal-reviewer supervisor',
  makeSealApplication: 'seal-administrator',
  listSealReminders: SEAL_READERS,
  getSeal: SEAL_READERS,
  listSealVersions: SEAL_READERS,
  getSealPicture: SEAL_READERS,
  getSealStructure: SEAL_READERS,
  getSealRevocationEvidence: SEAL_READERS,
  renewSeal: `seal-administrator ${SEAL_APPLICANTS}`,
  rebindSeal: `seal-administrator ${SEAL_APPLICANTS}`,
  alterSeal: SEAL_APPLICANTS,
  suspendSeal: 'seal-administrator unit-handler unit-seal-approver supplier-signer',
  resumeSeal: 'seal-administrator',
  revokeSeal: 'seal-administrator',
  revokeSealsOfUnit: 'seal-administrator',
  getSealStatement: 'unit-handler unit-signer unit-seal-approver supervisor auditor',
  listSealStatements: 'unit-handler unit-signer unit-seal-approver supervisor auditor',
  getSealStatusList: 'public',
  getRevocationImpact:
    'seal-administrator seal-reviewer unit-handler unit-seal-approver supervisor auditor',
  listSealUsages: SEAL_READERS,
  getSealUsePolicy: SEAL_READERS,
  proposeSealUsePolicy: 'unit-handler unit-seal-approver',
  approveSealUsePolicy: 'unit-seal-approver',
  returnSealUsePolicy: 'unit-seal-approver',
  createSealUseRequest: 'unit-handler unit-signer',
  listSealUseRequests: UNIT_READERS,
  getSealUseRequest: UNIT_READERS,
  approveSealUseRequest: 'unit-seal-approver',
  returnSealUseRequest: 'unit-seal-approver',
  withdrawSealUseRequest: 'unit-handler unit-signer',
  listTemplates: ALL,
  getTemplate: ALL,
  takeAward: 'trading-system',
  listAwards: AWARD_READERS,
  getAward: AWARD_READERS,
  listContracts: CONTRACT_READERS,
  createContract: 'unit-handler budget-system',
  getContract: CONTRACT_READERS,
  updateContract: 'unit-handler budget-system',
  checkContract: CONTRACT_READERS,
  submitContract: 'unit-handler budget-system',
  confirmContract: 'supplier-signer',
  rejectContract: 'supplier-signer unit-signer',
  withdrawContract: 'unit-handler budget-system',
  voidContract: 'unit-signer supplier-signer',
  terminateContract: 'unit-signer supplier-signer',
  remindContract: 'unit-handler budget-system',
  freezeContract: 'budget-system',
  unfreezeContract: 'budget-system',
  announceContract: 'unit-handler budget-system',
  archiveContract: 'unit-handler budget-system',
  authoriseAgent: 'unit-handler budget-system',
  getAuthorisation: CONTRACT_READERS,
  getContractDocument: CONTRACT_READERS,
  compareContractVersions: CONTRACT_READERS,
  signContract: 'unit-signer supplier-signer',
  createSigningSession: 'unit-signer supplier-signer',
  getPreparedDocument: 'unit-signer supplier-signer',
  completeSigningSession: 'unit-signer supplier-signer',
  createSigningBatch: 'unit-signer supplier-signer',
  getSigningBatch: 'unit-signer supplier-signer',
  resumeSigningBatch: 'unit-signer supplier-signer',
  listFilingWorkItems: 'unit-handler unit-signer budget-system supervisor auditor',
  getFilingWorkItem: 'unit-handler unit-signer budget-system supervisor auditor',
  resolveFilingWorkItem: 'supervisor',
  listReconciliations: 'system-administrator budget-system supervisor auditor',
  startReconciliation: 'system-administrator supervisor',
  getReconciliation: 'system-administrator budget-system supervisor auditor',
  listFilings: FILING_READERS,
  getFiling: FILING_READERS,
  getFilingPackage: FILING_READERS,
  acceptFilingReceipt: 'budget-system',
  getContractEvidence: CONTRACT_READERS,
  refileContract: 'unit-handler unit-signer',
  listWebhooks: 'system-administrator unit-handler budget-system trading-system',
  createWebhook: 'system-administrator unit-handler budget-system trading-system',
  getWebhook: 'system-administrator unit-handler budget-system trading-system',
  updateWebhook: 'system-administrator unit-handler budget-system trading-system',
  removeWebhook: 'system-administrator unit-handler budget-system trading-system',
  rotateWebhookSecret: 'system-administrator unit-handler budget-system trading-system',
  testWebhook: 'system-administrator unit-handler budget-system trading-system',
  listWebhookDeliveries: 'system-administrator unit-handler budget-system trading-system',
  resendWebhookDelivery: 'system-administrator unit-handler budget-system trading-system',
  listDeadlines: CONTRACT_READERS,
  getContractStatistics: STATISTICS_READERS,
  getOverdueStatistics: STATISTICS_READERS,
  exportAnnouncements: 'budget-system trading-system supervisor auditor',
  listAnnouncements: ALL,
  exportOcds: 'budget-system trading-system supervisor auditor',
  verifyDocument: 'public',
  compareDocumentPages: 'public',
  drawDocumentSignatures: 'public',
  getPublicSealStatus: 'public',
  listAuditEntries: 'auditor supervisor',
  listAuditCheckpoints: 'auditor supervisor',
  getAuditEntryProof: 'auditor supervisor',
  getAuditConsistencyProof: 'auditor supervisor',
  getPublicCheckpoint: 'public',
};

let fixture: ServiceFixture;
let routes: readonly Route[];

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  routes = declaredRoutes(fixture.service.services);
});
afterAll(() => fixture.stop());

const words = (text: string): string[] => text.split(' ').sort();

/** An address of the route with ids that do not exist. */
function addressOf(route: Route, id = 'ctr_00000000000000000000000000'): string {
  return route.path
    .replace('{sha256}', 'a'.repeat(64))
    .replace('{code}', '0000000000000')
    .replace('{month}', '2026-01')
    .replace('{attachmentId}', 'att_00000000000000000000000000')
    .replace(/\{(seq|size)\}/, '1')
    .replace('{id}', id);
}

describe('rights', () => {
  it('are declared for every route as written here', () => {
    const declared = routes.map((route) => {
      const { access } = route;
      return [route.operationId, (typeof access === 'string' ? [access] : [...access]).sort()];
    });
    const expected = Object.entries(RIGHTS).map(([name, roles]) => [name, words(roles)]);
    expect(Object.fromEntries(declared)).toEqual(Object.fromEntries(expected));
    expect(declared).toHaveLength(expected.length);
  });

  it('refuse a caller who is not logged in', async () => {
    for (const route of routes.filter((each) => each.access !== 'public')) {
      const reply = await fixture.call(route.method.toUpperCase(), addressOf(route));
      expect([route.operationId, reply.status, reply.body.code]).toEqual([
        route.operationId,
        401,
        'unauthenticated',
      ]);
      expect(reply.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it.each(ROLES)('let %s do what is declared and nothing else', async (role: Role) => {
    const closed = routes.filter((each) => typeof each.access !== 'string');
    for (const route of closed) {
      // The body is never right, so nothing happens where the role suffices.
      const reply = await fixture.call(route.method.toUpperCase(), addressOf(route), {
        as: role,
        ...(route.body === undefined ? {} : { json: { 'no such property': true } }),
        headers: { 'if-match': '"r1"' },
      });
      const isAllowed = words(RIGHTS[route.operationId] ?? '').includes(role);
      const isRefusedByRole = reply.status === 403 && Array.isArray(reply.body.params?.['roles']);
      expect([route.operationId, isRefusedByRole]).toEqual([route.operationId, !isAllowed]);
    }
  });
});

describe('records of others', () => {
  /** All that a stranger may learn: the same as of an id that does not exist. */
  const shown = (body: AnswerBody): unknown => ({ ...body, instance: '' });

  it('answer as if they did not exist', async () => {
    const handler = { as: 'unit-handler' };
    const data = sampleContractData({ today: new Date(), number: 'HT-ISOLATION' });
    const json = { template: 'goods', data };
    const contract = await fixture.call('POST', '/contracts', { ...handler, json });
    const seal = await fixture.issueSeal('buyer');
    const real: Readonly<Record<string, string>> = {
      contracts: contract.body.id,
      seals: seal.id,
      units: fixture.unitId('buyer'),
    };
    const bodies: Readonly<Record<string, unknown>> = {
      submitContract: {},
      rejectContract: { reason: 'x' },
      withdrawContract: { reason: 'x' },
      voidContract: { reason: 'x' },
      terminateContract: { reason: 'x' },
      archiveContract: {
        fondsNumber: 'J001',
        fileNumber: 'J001-2026-1',
        year: 2026,
        retentionYears: 30,
        custodian: '张三',
      },
      updateContract: { data },
      proposeSealUsePolicy: { approval: 'none' },
      renewSeal: { validUntil: '2030-01-01T00:00:00Z' },
      rebindSeal: { certificateSha256: [fixture.certificateSha256('buyer')] },
      signContract: { token: { label: 'supplier' }, pin: PIN },
      createSigningSession: {
        certificateB64: Buffer.from(fixture.signers.get('buyer')!.certificateDer).toString(
          'base64',
        ),
      },
    };
    let asked = 0;
    for (const route of routes) {
      const kind = /^\/(contracts|seals|units)\/\{id\}/.exec(route.path)?.[1];
      if (kind === undefined || route.path.includes('{sha256}')) continue;
      for (const role of ['unit-handler', 'unit-signer', 'supplier-signer']) {
        if (!words(RIGHTS[route.operationId] ?? '').includes(role)) continue;
        const body = (): object => {
          if (route.body === undefined) return {};
          if (route.body.pdf !== 'required') return { json: bodies[route.operationId] ?? {} };
          const parts = new FormData();
          parts.set('document', new Blob(['%PDF-1.7'], { type: 'application/pdf' }), 'a.pdf');
          parts.set('data', JSON.stringify({ agentCreditCode: SAMPLE_BUYER.creditCode }));
          return { body: parts };
        };
        const ask = (id: string): ReturnType<ServiceFixture['call']> =>
          fixture.call(route.method.toUpperCase(), addressOf(route, id), {
            as: `stranger-${role}`,
            ...body(),
            headers: { 'if-match': '"r1"' },
          });
        const prefix = real[kind]!.split('_')[0]!;
        const foreign = await ask(real[kind]!);
        const absent = await ask(`${prefix}_00000000000000000000000000`);
        expect([route.operationId, foreign.status]).toEqual([route.operationId, 404]);
        expect(shown(foreign.body)).toEqual(shown(absent.body));
        asked++;
      }
    }
    expect(asked).toBeGreaterThan(15);
  });

  it('are in no list of a stranger', async () => {
    for (const list of ['/contracts', '/seals', '/filings']) {
      const reply = await fixture.call('GET', list, { as: 'stranger-unit-handler' });
      expect(reply.body).toMatchObject({ items: [], nextCursor: null });
    }
    const units = await fixture.call('GET', '/units', { as: 'stranger-unit-handler' });
    expect(units.body.items.map((each) => each.id)).toEqual([fixture.unitId('stranger')]);
  });
});
