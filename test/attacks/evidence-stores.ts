/** Evidence put out of sight or under another's name, evidence on the way to the root and of the past. */
import { OID, buildExtension, issuingDistributionPointExtension } from '../../src/pki/index.js';
import type { Attack, Honest } from './attack.js';
import { issue } from './authority.js';
import { AFTER, BEFORE, LATER, broken, revoked, withEvidence, type Make } from './evidence.js';
import {
  ASKS_FOR_STATUS,
  CRL_URL,
  FRESH,
  answer,
  declared,
  list,
  responderOf,
  stored,
} from './evidence-desk.js';
import { landmarks, rawUpdate, refNumber } from './forgery.js';
import { ENDED, IN_TIME, THEN, stamped, timeAuthority, token } from './time-desk.js';
import { buildCms, withCms } from './workshop.js';

/** Two signers, of which the store speaks of the second only. */
async function forTheOther(honest: Honest): Promise<Uint8Array> {
  const { root } = honest.holders;
  const [first, second] = [await declared(honest.holders), await declared(honest.holders)];
  const once = await withCms(honest.plain, (content) => buildCms(first, content));
  const twice = await withCms(once, (content) => buildCms(second, content));
  const answers = [await answer(root, second.certificate, root.certificate)];
  // Said to be for the first, under the key of its value.
  return stored(twice, { answers }, 0);
}

/** A store whose evidence a later revision takes away. */
async function dropped(honest: Honest, rewrite: (dss: number, old: string) => string) {
  const file = await withEvidence(honest, async (each) => ({
    lists: [await list(each.root, { entries: [revoked(each, AFTER)] }), await list(each.root)],
  }));
  const { document, text } = landmarks(file);
  const dss = refNumber(document.catalog.get('DSS'));
  const entry = document.lookup(dss);
  const start = text.indexOf('obj', entry?.kind === 'in-file' ? entry.offset : 0) + 3;
  const old = text.slice(start, text.indexOf('endobj', start)).trim();
  return rawUpdate(file, new Map([[dss, rewrite(dss, old)]]));
}

const STORES: readonly Attack[] = [
  {
    name: 'evidence for one signer under the key of another',
    clause: 'EN 319 142-1, 5.4.2.3 (VRI); RFC 6960, 3.2, step 1',
    reason: 'it is about the other certificate',
    verdict: `${LATER}, TOTAL-PASSED`,
    build: forTheOther,
  },
  {
    name: 'a store emptied after it held a revocation',
    clause: 'EN 319 142-1, 5.4.2.2; ISO 32000-2, 12.8.4.3',
    reason: 'what an earlier revision holds still is evidence, here of the revocation',
    verdict: 'INDETERMINATE/REVOKED_NO_POE',
    build: (honest) => dropped(honest, () => '<</Type/DSS>>'),
  },
  {
    name: 'a store whose lists were taken away',
    clause: 'EN 319 142-1, 5.4.2.2; ISO 32000-2, 12.8.4.3',
    reason: 'what an earlier revision holds still is evidence, here of the revocation',
    verdict: 'INDETERMINATE/REVOKED_NO_POE',
    build: (honest) => dropped(honest, (_num, old) => old.replace('/CRLs', '/CRLz')),
  },
  {
    name: 'a revocation known to an earlier revision only',
    clause: 'EN 319 142-1, 5.4.2.2; EN 319 102-1, 5.2.5',
    reason: 'what an earlier revision holds still is evidence',
    verdict: 'INDETERMINATE/REVOKED_NO_POE',
    build: (honest) => dropped(honest, () => '<</Type/DSS/CRLs[]>>'),
  },
  {
    name: 'a list written over in the store',
    clause: 'EN 319 142-1, 5.4.2.2',
    reason: 'evidence never changes',
    build: async (honest) => {
      const file = await withEvidence(honest, async ({ root }) => ({ lists: [await list(root)] }));
      const { document } = landmarks(file);
      const dss = document.resolveDict(document.catalog.get('DSS'));
      const num = refNumber(document.resolveArray(dss?.get('CRLs'))?.items[0]);
      return rawUpdate(file, new Map([[num, '<</Length 1>>\nstream\n0\nendstream']]));
    },
  },
];

/** An authority between the root and the signer. */
async function underIntermediate(honest: Honest, status: 'good' | 'revoked' | 'none') {
  const { root } = honest.holders;
  const middle = await issue('CN=中级,O=示例机构,C=CN', {
    issuer: root,
    isCa: true,
    extensions: ASKS_FOR_STATUS,
  });
  const signer = await declared({ root: middle });
  const file = await withCms(honest.plain, (content) =>
    buildCms(signer, content, { certificates: [signer.certificate.der, middle.certificate.der] }),
  );
  const entry = { serialHex: middle.certificate.serialHex, revokedAt: new Date(BEFORE) };
  const ofRoot = await list(root, { entries: status === 'revoked' ? [entry] : [] });
  return stored(file, {
    lists: [...(status === 'none' ? [] : [ofRoot]), await list(middle)],
  });
}

/** The signer's certificate has ended, the authority for time may be revoked. */
async function pastFile(honest: Honest, tsaStatus: 'good' | 'revoked', lists: readonly Date[]) {
  const { root } = honest.holders;
  const signer = await declared(honest.holders, { notAfter: ENDED });
  const plainTsa = await timeAuthority(honest.holders);
  const purpose = plainTsa.certificate.extensions.all.find(
    ({ oid }) => oid === OID.extendedKeyUsage,
  );
  const tsa = await timeAuthority(honest.holders, {
    extensions: [...ASKS_FOR_STATUS, buildExtension(OID.extendedKeyUsage, purpose!.value, true)],
  });
  const file = await stamped(honest, (value) => [token(tsa, value)], signer, THEN);
  const entry = {
    serialHex: tsa.certificate.serialHex,
    revokedAt: new Date('2026-01-01T00:00:00Z'),
    reason: 'keyCompromise' as const,
  };
  const made = await Promise.all(
    lists.map((thisUpdate) =>
      list(root, {
        thisUpdate,
        nextUpdate: new Date(thisUpdate.getTime() + 30 * 86_400_000),
        entries: tsaStatus === 'revoked' && thisUpdate >= entry.revokedAt ? [entry] : [],
      }),
    ),
  );
  return stored(file, { lists: made });
}

const PATHS: readonly Attack[] = [
  {
    name: 'an authority on the way that was revoked',
    clause: 'EN 319 102-1, 5.2.6 (REVOKED_CA_NO_POE)',
    reason: 'what it issued may be anybody’s',
    verdict: 'INDETERMINATE/REVOKED_CA_NO_POE',
    build: (honest) => underIntermediate(honest, 'revoked'),
  },
  {
    name: 'an authority on the way without evidence',
    clause: 'EN 319 102-1, 5.2.6',
    reason: 'its status is not known',
    verdict: LATER,
    build: (honest) => underIntermediate(honest, 'none'),
  },
  {
    name: 'an ended certificate, and an authority for time that was revoked since',
    clause: 'EN 319 102-1, 5.6.3',
    reason: 'whoever has its key stamps any time',
    verdict: 'INDETERMINATE/OUT_OF_BOUNDS_NO_POE',
    build: (honest) => pastFile(honest, 'revoked', [IN_TIME, FRESH]),
  },
  {
    name: 'an ended certificate, and no evidence of the time when it was valid',
    clause: 'RFC 5280, 3.3 (expired certificates leave the lists); EN 319 102-1, 5.6.2.1',
    reason: 'that a list is silent about it says nothing',
    verdict: 'INDETERMINATE/NO_POE',
    build: (honest) => pastFile(honest, 'good', [FRESH]),
  },
];

export const EVIDENCE_STORES: readonly Attack[] = [...STORES, ...PATHS];

const sound = (name: string, reason: string, make: Make): Attack => ({
  name,
  reason,
  build: (honest) => withEvidence(honest, make),
});

export const SOUND_EVIDENCE: readonly Attack[] = [
  sound('a list of the issuer', 'the signer is not on it', async ({ root }) => ({
    lists: [await list(root)],
  })),
  sound('a list that has others', 'the signer is not on it', async ({ root, peer }) => ({
    lists: [
      await list(root, {
        entries: [{ serialHex: peer.certificate.serialHex, revokedAt: new Date(BEFORE) }],
      }),
    ],
  })),
  sound('a list of end entities only', 'the signer is one', async ({ root }) => ({
    lists: [
      await list(root, {
        extensions: [issuingDistributionPointExtension({ url: CRL_URL, only: 'user' })],
      }),
    ],
  })),
  sound('an answer of the issuer', 'good', async ({ root, signer }) => ({
    answers: [await answer(root, signer.certificate, root.certificate)],
  })),
  sound('an answer of an appointed responder', 'good', async ({ root, signer }) => ({
    answers: [await answer(await responderOf(root), signer.certificate, root.certificate)],
  })),
  sound('sound evidence beside worthless', 'one that counts is enough', async (each) => ({
    lists: [
      await list(each.stranger),
      await list(each.root, { spoil: broken }),
      await list(each.root),
    ],
    answers: [await answer(each.stranger, each.signer.certificate, each.root.certificate)],
  })),
  {
    name: 'an authority on the way with evidence of its own',
    reason: 'each certificate has its own',
    build: (honest) => underIntermediate(honest, 'good'),
  },
  {
    name: 'an ended certificate with evidence of its time, and of its time-stamp’s now',
    reason: 'EN 319 102-1, 5.5: it was good when it is proved to have signed',
    build: (honest) => pastFile(honest, 'good', [IN_TIME, FRESH]),
  },
];
