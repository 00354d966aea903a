/**
 * Evidence of revocation that says nothing, is not its issuer's, or was put out of sight. The
 * certificates name where their status is to be had, so that without sound evidence nothing passes.
 *
 * @see RFC 5280, 5 and 6.3; RFC 6960, 3.2 and 4.2.2; ETSI EN 319 142-1, 5.4
 */
import {
  OID,
  buildExtension,
  derInteger,
  derNull,
  issuingDistributionPointExtension,
  type RevokedCertificate,
} from '../../src/pki/index.js';
import type { Attack, Honest, Holders } from './attack.js';
import { issue, type Holder } from './authority.js';
import {
  ASKS_FOR_STATUS,
  CRL_URL,
  answer,
  declared,
  list,
  responderOf,
  stored,
  type AnswerParts,
  type Evidence,
  type ListParts,
  bySha1,
} from './evidence-desk.js';
import { buildCms, withCms } from './workshop.js';

export const LATER = 'INDETERMINATE/TRY_LATER';

export interface Case extends Holders {
  /** The signer. */
  readonly signer: Holder;
}
export type Make = (each: Case, honest: Honest) => Evidence | Promise<Evidence>;

export async function withEvidence(honest: Honest, make: Make): Promise<Uint8Array> {
  const signer = await declared(honest.holders);
  const file = await withCms(honest.plain, (content) => buildCms(signer, content));
  return stored(file, await make({ ...honest.holders, signer }, honest));
}

function evidence(
  name: string,
  clause: string,
  reason: string,
  make: Make,
  verdict = LATER,
): Attack {
  return { name, clause, reason, verdict, build: (honest) => withEvidence(honest, make) };
}

/** A list of the root's with something about it. */
const listed = (
  name: string,
  clause: string,
  reason: string,
  parts: (each: Case) => ListParts,
  verdict = LATER,
): Attack =>
  evidence(
    `list ${name}`,
    clause,
    reason,
    async (each) => ({ lists: [await list(each.root, parts(each))] }),
    verdict,
  );

/** An answer by a responder that `by` sets up. */
const answered = (
  name: string,
  clause: string,
  reason: string,
  by: (each: Case) => Holder | Promise<Holder>,
  parts: (each: Case) => AnswerParts = () => ({}),
  verdict = LATER,
): Attack =>
  evidence(
    `answer ${name}`,
    clause,
    reason,
    async (each) => ({
      answers: [
        await answer(await by(each), each.signer.certificate, each.root.certificate, parts(each)),
      ],
    }),
    verdict,
  );

/** The last octet is of the signature. */
export function broken(der: Uint8Array): Uint8Array {
  const copy = der.slice();
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
}

export const revoked = ({ signer }: Case, at: string, more: object = {}): RevokedCertificate => ({
  serialHex: signer.certificate.serialHex,
  revokedAt: new Date(at),
  ...more,
});

export const BEFORE = '2026-11-10T00:00:00Z';
export const AFTER = '2026-11-21T00:00:00Z';
const byRoot = ({ root }: Case): Holder => root;

const LISTS: readonly Attack[] = [
  evidence(
    'a list signed with SHA-1 long after its end',
    'EN 319 102-1, 5.2.8; NIST SP 800-131A',
    'another list could have the same digest',
    async ({ root }) => ({ lists: [bySha1(root, await list(root))] }),
  ),
  evidence(
    'a list signed with SHA-1 that revokes the signer',
    'EN 319 102-1, 5.2.6.5',
    'a revocation is believed sooner',
    async (each) => ({
      lists: [bySha1(each.root, await list(each.root, { entries: [revoked(each, BEFORE)] }))],
    }),
    'TOTAL-FAILED/REVOKED',
  ),
  evidence('no evidence', 'EN 319 102-1, 5.2.5', 'the status is not known', ({ root }) => ({
    certificates: [root.certificate.der],
  })),
  evidence(
    'a list of another authority',
    'RFC 5280, 6.3.3 (b)',
    'it speaks of other certificates',
    async ({ stranger }) => ({ lists: [await list(stranger)] }),
  ),
  evidence(
    'a list in the root’s name by a stranger',
    'RFC 5280, 6.3.3 (f) and (g)',
    'the root did not sign it',
    async ({ root, stranger }) => ({
      lists: [await list(stranger, { of: root.certificate })],
    }),
  ),
  evidence(
    'a list in the root’s name by the signer',
    'RFC 5280, 6.3.3 (f)',
    'the revoked would speak for themselves',
    async ({ root, signer }) => ({
      lists: [await list(signer, { of: root.certificate })],
    }),
  ),
  evidence(
    'a list in the root’s name by another holder that may sign lists',
    'RFC 5280, 6.3.3 (f)',
    'whoever signs has to bear the name of the issuer',
    async ({ root }) => {
      const other = await issue('CN=他人,C=CN', { issuer: root, isCa: false, usages: ['cRLSign'] });
      return {
        certificates: [other.certificate.der],
        lists: [await list(other, { of: root.certificate })],
      };
    },
  ),
  listed('whose value is broken', 'RFC 5280, 6.3.3 (g)', 'it was altered', () => ({
    spoil: broken,
  })),
  listed('that is stale', 'RFC 5280, 6.3.3 (a)', 'much may have happened since', () => ({
    thisUpdate: new Date('2026-09-01T00:00:00Z'),
    nextUpdate: new Date('2026-10-01T00:00:00Z'),
  })),
  listed('of the future', 'RFC 5280, 5.1.2.4', 'it does not exist yet', () => ({
    thisUpdate: new Date('2026-12-01T00:00:00Z'),
  })),
  listed(
    'with a critical extension that nobody knows',
    'RFC 5280, 5.2',
    'what it leaves out cannot be told',
    () => ({ extensions: [buildExtension('1.2.3.4.9', derNull(), true)] }),
  ),
  listed('of what changed alone', 'RFC 5280, 5.2.4', 'the whole is not there', () => ({
    extensions: [buildExtension(OID.deltaCrlIndicator, derInteger(1), true)],
  })),
  listed('of authorities only', 'RFC 5280, 5.2.5', 'the signer is none', () => ({
    extensions: [issuingDistributionPointExtension({ url: CRL_URL, only: 'ca' })],
  })),
  listed('of another place', 'RFC 5280, 5.2.5', 'the certificate names another list', () => ({
    extensions: [issuingDistributionPointExtension({ url: 'http://127.0.0.1:9/other.crl' })],
  })),
  listed(
    'that revokes the signer before the signing',
    'EN 319 102-1, 5.2.6.5',
    'its key was no longer its own',
    (each) => ({ entries: [revoked(each, BEFORE, { reason: 'keyCompromise' })] }),
    'TOTAL-FAILED/REVOKED',
  ),
  listed(
    'that revokes the signer since',
    'EN 319 102-1, 5.5 (REVOKED_NO_POE)',
    'nothing proves that the signature is older',
    (each) => ({ entries: [revoked(each, AFTER)] }),
    'INDETERMINATE/REVOKED_NO_POE',
  ),
  listed(
    'that has the signer on hold',
    'RFC 5280, 5.3.1; EN 319 102-1, 5.2.5',
    'it may come back or not',
    (each) => ({ entries: [revoked(each, BEFORE, { reason: 'certificateHold' })] }),
  ),
  listed(
    'that is stale and revokes the signer',
    'RFC 5280, 3.3',
    'a revocation is for good',
    (each) => ({
      entries: [revoked(each, '2026-08-01T00:00:00Z')],
      thisUpdate: new Date('2026-09-01T00:00:00Z'),
      nextUpdate: new Date('2026-10-01T00:00:00Z'),
    }),
    'TOTAL-FAILED/REVOKED',
  ),
  evidence(
    'a list that revokes beside a newer answer that does not',
    'EN 319 102-1, 5.2.5',
    'any evidence of revocation counts',
    async (each) => ({
      lists: [await list(each.root, { entries: [revoked(each, BEFORE)] })],
      answers: [
        await answer(each.root, each.signer.certificate, each.root.certificate, {
          thisUpdate: new Date('2026-11-22T12:00:00Z'),
        }),
      ],
    }),
    'TOTAL-FAILED/REVOKED',
  ),
];

const ANSWERS: readonly Attack[] = [
  answered(
    'of a stranger',
    'RFC 6960, 4.2.2.2',
    'nobody asked it to answer',
    ({ stranger }) => stranger,
  ),
  answered(
    'of the signer itself',
    'RFC 6960, 4.2.2.2',
    'the revoked would speak for themselves',
    ({ signer }) => signer,
  ),
  answered(
    'of a responder that may not answer',
    'RFC 6960, 4.2.2.2 (id-kp-OCSPSigning)',
    'any holder could answer',
    ({ root }) => responderOf(root, {}, OID.clientAuth),
  ),
  answered(
    'of a responder for any purpose',
    'RFC 6960, 4.2.2.2 (id-kp-OCSPSigning)',
    'the purpose has to be named',
    ({ root }) => responderOf(root, {}, OID.anyExtendedKeyUsage),
  ),
  answered(
    'of a responder of another authority',
    'RFC 6960, 4.2.2.2',
    'the issuer did not appoint it',
    ({ stranger }) => responderOf(stranger),
  ),
  answered(
    'of a responder that another holder appointed',
    'RFC 6960, 4.2.2.2',
    'the issuer did not appoint it',
    ({ peer }) => responderOf(peer),
  ),
  answered(
    'of a responder that had ended',
    'RFC 6960, 4.2.2.2; RFC 5280, 6.1.3',
    'its appointment was over',
    ({ root }) => responderOf(root, { notAfter: new Date('2026-10-01T00:00:00Z') }),
  ),
  answered(
    'of a responder whose key may not sign',
    'RFC 5280, 4.2.1.3',
    'the key is for something else',
    ({ root }) => responderOf(root, { usages: ['keyEncipherment'] }),
  ),
  evidence(
    'answer of a responder that was revoked',
    'RFC 6960, 4.2.2.2.1',
    'its key is in other hands',
    async ({ root, signer, peer }) => {
      const responder = await responderOf(root, {
        extensions: [
          ...ASKS_FOR_STATUS,
          (await responderOf(root)).certificate.extensions.all
            .filter(({ oid }) => oid === OID.extendedKeyUsage)
            .map(({ oid, value }) => buildExtension(oid, value))[0]!,
        ],
      });
      const entry = {
        serialHex: responder.certificate.serialHex,
        revokedAt: new Date(BEFORE),
      };
      return {
        certificates: [peer.certificate.der],
        answers: [await answer(responder, signer.certificate, root.certificate)],
        // Too old to say anything good of the signer, but a revocation is for good.
        lists: [
          await list(root, {
            entries: [entry],
            thisUpdate: new Date('2026-11-11T00:00:00Z'),
            nextUpdate: new Date('2026-11-12T00:00:00Z'),
          }),
        ],
      };
    },
  ),
  answered(
    'about another certificate',
    'RFC 6960, 3.2, step 1',
    'it says nothing of the signer',
    byRoot,
    ({ peer }) => ({ serialHex: peer.certificate.serialHex }),
  ),
  answered(
    'about a certificate of another issuer',
    'RFC 6960, 3.2, step 1',
    'the same serial, another certificate',
    byRoot,
    ({ stranger }) => ({ issuer: stranger.certificate }),
  ),
  answered('that knows nothing', 'RFC 6960, 2.2 (unknown)', 'unknown is not good', byRoot, () => ({
    status: { kind: 'unknown' },
  })),
  answered('whose value is broken', 'RFC 6960, 3.2, step 2', 'it was altered', byRoot, () => ({
    spoil: broken,
    sendsCertificate: false,
  })),
  answered(
    'that is stale',
    'RFC 6960, 3.2, steps 5 and 6',
    'much may have happened since',
    byRoot,
    () => ({
      thisUpdate: new Date('2026-11-01T00:00:00Z'),
      nextUpdate: new Date('2026-11-02T00:00:00Z'),
    }),
  ),
  answered('of the future', 'RFC 6960, 3.2, step 5', 'it does not exist yet', byRoot, () => ({
    thisUpdate: new Date('2026-12-01T00:00:00Z'),
  })),
  answered(
    'that revokes the signer before the signing',
    'EN 319 102-1, 5.2.6.5',
    'its key was no longer its own',
    byRoot,
    () => ({
      status: { kind: 'revoked', revokedAt: new Date(BEFORE), reason: 'keyCompromise' },
    }),
    'TOTAL-FAILED/REVOKED',
  ),
];

export const EVIDENCE: readonly Attack[] = [...LISTS, ...ANSWERS];
