/** Revocation status from what is at hand, and, where that says nothing, from where the certificate points to. */
import { isAppError } from '../kernel/index.js';
import {
  buildOcspRequest,
  buildPaths,
  evaluateRevocation,
  parseCrl,
  parseOcspResponse,
  validatePath,
  type Certificate,
  type CertificatePath,
  type Crl,
  type OcspResponse,
  type RevocationInput,
  type RevocationStatus,
} from '../pki/index.js';
import type { RevocationSource } from '../trust/index.js';
import type { EvidenceItem } from './file-evidence.js';
import { parseEach, type ParsedProfile } from './trust-material.js';

type Source = 'embedded' | 'ocsp' | 'crl';

/** Evidence in the file; the lists may hold what has nothing to do with the certificate in question. */
export interface EmbeddedEvidence {
  readonly certificates: readonly Certificate[];
  readonly crls: readonly Crl[];
  readonly ocsps: readonly OcspResponse[];
  /** Since when an item is proved to exist; `undefined`: only since now. */
  provedAt(item: EvidenceItem): Date | undefined;
  /** Whether a document security store holds it. */
  isStored(item: EvidenceItem): boolean;
}

export type RevocationAnswer =
  | {
      readonly status: 'good';
      readonly source: Source;
      /** What the file itself holds to say so, where that is enough. */
      readonly embedded: EvidenceItem | undefined;
      /** Where nothing newer was to be had: the time the answer is of. */
      readonly asOf?: Date;
    }
  | {
      readonly status: 'revoked';
      readonly source: Source;
      readonly embedded: EvidenceItem | undefined;
      readonly revokedAt: Date;
      readonly isOnHold: boolean;
    }
  | {
      readonly status: 'unknown';
      readonly source: null;
      readonly embedded: undefined;
      /** The certificate says where to ask; one that does not cannot be asked about. */
      readonly isDeclared: boolean;
      readonly problem: string;
    };

export interface RevocationQuestion {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  /** The path it is part of: its certificates may sign CRLs, and others under its anchor. */
  readonly path: CertificatePath;
  /** The time the status is asked about. */
  readonly at: Date;
  /** Evidence counts only where it is proved to be older: the issuer was revoked or given up then. */
  readonly issuerEndedAt: Date | undefined;
  /** When the certificate was used, as its user says: what evidence was recorded then is asked too. */
  readonly usedAt?: Date | undefined;
  /** The status at `usedAt` has to do where that at `at` is not to be had. */
  readonly mayFallBack?: boolean;
}

export interface RevocationMaterial {
  readonly embedded: EmbeddedEvidence;
  readonly profile: ParsedProfile;
  /** Certificates that may have signed evidence, beside those in the evidence. */
  readonly signers: readonly Certificate[];
  /** The verifier's own time: evidence from after it does not count. */
  readonly now: Date;
  readonly source: RevocationSource | undefined;
}

interface Lists {
  readonly crls: readonly Crl[];
  readonly ocsps: readonly OcspResponse[];
}

type Known = Exclude<RevocationStatus, { readonly kind: 'unknown' }>;

/** Never throws on bad evidence. */
export async function checkRevocation(
  question: RevocationQuestion,
  material: RevocationMaterial,
): Promise<RevocationAnswer> {
  const { embedded, profile } = material;
  const own = olderThanIssuersEnd(question, material, embedded);
  const local = olderThanIssuersEnd(question, material, profile);
  const all = { crls: [...own.crls, ...local.crls], ocsps: [...own.ocsps, ...local.ocsps] };
  const atHand = evaluate(question, material, all);
  const recorded = evaluate({ ...question, at: question.usedAt ?? question.at }, material, own);
  const inFile = [evaluate(question, material, own), recorded];
  if (atHand.kind !== 'unknown') return answer(atHand, inFile);
  const fetched = await fetchEvidence(question, material.source);
  const remote = evaluate(question, material, olderThanIssuersEnd(question, material, fetched));
  if (remote.kind !== 'unknown') return answer(remote, inFile);
  if (question.mayFallBack === true && question.usedAt !== undefined) {
    const then = evaluate({ ...question, at: question.usedAt }, material, all);
    if (then.kind === 'good') return answer(then, inFile, question.usedAt);
  }
  const problem = [remote, atHand].find((each) => each.problem !== 'no-evidence')?.problem;
  return {
    status: 'unknown',
    source: null,
    embedded: undefined,
    isDeclared: pointsSomewhere(question.certificate),
    problem: problem ?? 'no-evidence',
  };
}

/** What an issuer signs after its end says nothing; what is proved older still does. */
function olderThanIssuersEnd(
  { issuerEndedAt }: RevocationQuestion,
  { embedded, now }: RevocationMaterial,
  lists: Lists,
): Lists {
  if (issuerEndedAt === undefined) return lists;
  const isOlder = (item: EvidenceItem): boolean => (embedded.provedAt(item) ?? now) < issuerEndedAt;
  return { crls: lists.crls.filter(isOlder), ocsps: lists.ocsps.filter(isOlder) };
}

function evaluate(
  question: RevocationQuestion,
  material: RevocationMaterial,
  { crls, ocsps }: Lists,
): RevocationStatus {
  const { certificate, issuer, at } = question;
  const { now, signers, profile } = material;
  const run = (usable: readonly OcspResponse[]): RevocationStatus =>
    evaluateRevocation(certificate, issuer, {
      crls,
      ocsps: usable,
      at,
      now,
      signers,
      isTrustedSigner: (candidate) =>
        mayBeSigner(candidate, question.path, { crls, ocsps: [], at, now, signers }),
    });
  let usable = profile.allows('ocsp-signing') ? ocsps : [];
  for (;;) {
    const status = run(usable);
    if (status.kind === 'unknown' || status.evidence.kind !== 'ocsp') return status;
    const { ocsp, signer, signerNeedsCheck } = status.evidence;
    if (!signerNeedsCheck) return status;
    // A responder that was revoked itself speaks for nobody (RFC 6960 4.2.2.2.1).
    const { basic } = ocsp;
    const ofSigner = evaluateRevocation(signer, issuer, {
      crls,
      ocsps: [],
      at: basic?.producedAt ?? at,
      now,
      signers,
    });
    if (ofSigner.kind !== 'revoked' || !ofSigner.wasRevokedThen) return status;
    usable = usable.filter((each) => each !== ocsp);
  }
}

/**
 * Whether a certificate under the path's own anchor may sign CRLs: it is in the path, which is judged
 * anyhow, or has a path of its own on which nothing is revoked.
 *
 * @see RFC 5280, 6.3.3 (f)
 */
function mayBeSigner(
  candidate: Certificate,
  path: CertificatePath,
  input: RevocationInput & { readonly signers: readonly Certificate[] },
): boolean {
  const anchor = path.at(-1);
  if (anchor === undefined || path.includes(candidate)) return anchor !== undefined;
  const paths = buildPaths({
    target: candidate,
    intermediates: [...path.slice(1, -1), ...input.signers],
    anchors: [anchor],
    maxPaths: 4,
  });
  return paths.some(
    (own) =>
      validatePath(own, { at: input.at }).isValid &&
      own.slice(0, -1).every((certificate, index) => {
        const issuer = own[index + 1];
        return (
          issuer !== undefined && evaluateRevocation(certificate, issuer, input).kind === 'good'
        );
      }),
  );
}

/**
 * Revocation found anywhere counts; of evidence of none, that in the file is named first.
 *
 * @param inFile - What the file alone says of the same, and of the time of use.
 */
function answer(status: Known, inFile: readonly RevocationStatus[], asOf?: Date): RevocationAnswer {
  const own = inFile.find((each): each is Known => each.kind === status.kind);
  const embedded = own === undefined ? undefined : itemOf(own);
  const source = own === inFile[0] && own !== undefined ? 'embedded' : status.evidence.kind;
  if (status.kind === 'good') {
    return { status: 'good', source, embedded, ...(asOf === undefined ? {} : { asOf }) };
  }
  return {
    status: 'revoked',
    source,
    embedded: embedded ?? inFile.filter((each) => each.kind === 'good').map(itemOf)[0],
    revokedAt: status.revokedAt,
    isOnHold: status.reason === 'certificateHold',
  };
}

function itemOf({ evidence }: Known): EvidenceItem {
  return evidence.kind === 'crl' ? evidence.crl : evidence.ocsp;
}

async function fetchEvidence(
  { certificate, issuer }: RevocationQuestion,
  source: RevocationSource | undefined,
): Promise<Lists> {
  if (source === undefined) return { crls: [], ocsps: [] };
  for (const url of certificate.extensions.ocspUrls) {
    const request = buildOcspRequest({ certificate, issuer });
    const der = await optional(() => source.fetchOcsp(url, request));
    const ocsps = der === undefined ? [] : parseEach([der], parseOcspResponse);
    if (ocsps.length > 0) return { crls: [], ocsps };
  }
  for (const url of crlUrls(certificate)) {
    const der = await optional(() => source.fetchCrl(url));
    const crls = der === undefined ? [] : parseEach([der], parseCrl);
    if (crls.length > 0) return { crls, ocsps: [] };
  }
  return { crls: [], ocsps: [] };
}

function pointsSomewhere(certificate: Certificate): boolean {
  return certificate.extensions.ocspUrls.length > 0 || crlUrls(certificate).length > 0;
}

function crlUrls(certificate: Certificate): readonly string[] {
  return certificate.extensions.crlDistributionPoints.flatMap(({ fullName }) =>
    fullName.flatMap((name) => (name.kind === 'uri' ? [name.value] : [])),
  );
}

/** A source that does not answer is no evidence, not a failure of the verification. */
async function optional<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}
