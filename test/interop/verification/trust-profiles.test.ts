/** What an anchor is trusted for and for how long, from the folder of an operator to the verdict on a file. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrustUsage } from '../../../src/trust/index.js';
import { openTrustFolder } from '../../../src/trust/file/index.js';
import { verifyPdf, type SignatureReport } from '../../../src/verification/index.js';
import type { Honest } from '../../attacks/attack.js';
import { issue, type Holder } from '../../attacks/authority.js';
import { answer, declared, list, responderOf, stored } from '../../attacks/evidence-desk.js';
import { makeHonest } from '../../attacks/honest.js';
import { stamped, timeAuthority, token } from '../../attacks/time-desk.js';
import { buildCms, withCms } from '../../attacks/workshop.js';
import { TestPki } from '../../support/test-pki.js';

interface Profile {
  readonly anchor: Holder;
  readonly usages?: readonly TrustUsage[];
  readonly trusted?: { readonly trustedFrom?: string; readonly trustedUntil?: string };
}

const folder = mkdtempSync(join(tmpdir(), 'qianyin-profiles-'));
let honest: Honest;
/** Of the root that only stamps time. */
let clockRoot: Holder;
let clock: Holder;

beforeAll(async () => {
  honest = await makeHonest(await TestPki.create());
  clockRoot = await issue('CN=时间根证书,C=CN');
  clock = await timeAuthority({ root: clockRoot });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let folders = 0;

/** The verdict on the only signature, by a trust folder with these profiles. */
async function judged(
  pdf: Uint8Array,
  ...profiles: readonly Profile[]
): Promise<Pick<SignatureReport, 'indication' | 'subIndication'> & { codes: readonly string[] }> {
  const trust = join(folder, String(folders++));
  for (const [index, { anchor, usages, trusted }] of profiles.entries()) {
    const own = join(trust, `p${index}`);
    mkdirSync(join(own, 'anchors'), { recursive: true });
    writeFileSync(join(own, 'anchors', 'root.cer'), anchor.certificate.der);
    writeFileSync(
      join(own, 'profile.json'),
      JSON.stringify({ name: `p${index}`, ...(usages && { usages }), ...trusted }),
    );
  }
  const report = await verifyPdf(pdf, {
    fileName: 'a.pdf',
    trust: openTrustFolder(trust),
    at: new Date('2026-11-23T00:00:00Z'),
  });
  const [only] = report.signatures;
  if (only === undefined) throw new Error('no signature');
  const { indication, subIndication, messages } = only;
  return { indication, subIndication, codes: messages.map(({ code }) => code) };
}

const PASSED = { indication: 'TOTAL-PASSED' };

describe('an anchor', () => {
  const signed = (): Promise<Uint8Array> =>
    withCms(honest.plain, (content) => buildCms(honest.holders.signer, content));

  it('for contracts vouches for a signature', async () => {
    const { root } = honest.holders;
    const by = { anchor: root, usages: ['contract-signing'] } as const;
    expect(await judged(await signed(), by)).toMatchObject(PASSED);
  });

  it.each(['seal-making', 'time-stamping', 'ocsp-signing'] as const)(
    'for %s does not',
    async (usage) => {
      const { root } = honest.holders;
      expect(await judged(await signed(), { anchor: root, usages: [usage] })).toMatchObject({
        indication: 'INDETERMINATE',
        subIndication: 'CHAIN_CONSTRAINTS_FAILURE',
        codes: expect.arrayContaining(['usage-not-trusted']) as unknown,
      });
    },
  );

  it('that was given up vouches no more, but for what is proved older', async () => {
    const { root, late, signer } = honest.holders;
    const trusted = { trustedUntil: '2026-01-01T00:00:00Z' };
    const clockProfile: Profile = { anchor: clockRoot, usages: ['time-stamping'] };
    const given: Profile = { anchor: root, usages: ['contract-signing'], trusted };
    expect(await judged(await signed(), given, clockProfile)).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
      codes: expect.arrayContaining(['anchor-not-trusted-then']) as unknown,
    });
    for (const by of [late, signer]) {
      const proved = await stamped(honest, (value) => [token(clock, value)], by);
      expect(await judged(proved, given, clockProfile)).toMatchObject(PASSED);
    }
  });

  it('that is trusted from later on does not vouch for what is proved older', async () => {
    const { root, signer } = honest.holders;
    const trusted = { trustedFrom: '2026-01-01T00:00:00Z' };
    const file = await stamped(honest, (value) => [token(clock, value)], signer);
    const profiles: readonly Profile[] = [
      { anchor: root, trusted },
      { anchor: clockRoot, usages: ['time-stamping'] },
    ];
    expect(await judged(await signed(), ...profiles)).toMatchObject(PASSED);
    expect(await judged(file, ...profiles)).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
    });
  });
});

describe('a time-stamp', () => {
  it('counts by an anchor for time only', async () => {
    const { root } = honest.holders;
    const file = await stamped(honest, (value) => [token(clock, value)]);
    const contracts: Profile = { anchor: root, usages: ['contract-signing'] };
    const sealed: Profile = { anchor: clockRoot, usages: ['seal-making', 'contract-signing'] };
    expect(
      await judged(file, contracts, { anchor: clockRoot, usages: ['time-stamping'] }),
    ).toMatchObject(PASSED);
    expect(await judged(file, contracts, sealed)).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'OUT_OF_BOUNDS_NO_POE',
    });
  });
});

describe('an answer about revocation', () => {
  it('counts where the anchor is trusted for answers; a list counts always', async () => {
    const { root } = honest.holders;
    const signer = await declared(honest.holders);
    const file = await withCms(honest.plain, (content) => buildCms(signer, content));
    const responder = await responderOf(root);
    const answers = [await answer(responder, signer.certificate, root.certificate)];
    const answered = stored(file, { answers });
    const usages = ['contract-signing', 'ocsp-signing'] as const;
    expect(await judged(answered, { anchor: root, usages })).toMatchObject(PASSED);
    expect(await judged(answered, { anchor: root, usages: ['contract-signing'] })).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'TRY_LATER',
    });
    const listed = stored(file, { lists: [await list(root)] });
    expect(await judged(listed, { anchor: root, usages: ['contract-signing'] })).toMatchObject(
      PASSED,
    );
  });
});
