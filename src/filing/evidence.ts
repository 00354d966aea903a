/**
 * The completion report of a contract: who signed what, when and how that is proved, which seals, and
 * every event with its place in the audit log. A statement of the service, signed by it.
 */
import { eventsOf, type ProvingLog, type StatementSigner } from './package/index.js';
import { signedCheckpoint, type SignedCheckpoint } from '../audit/index.js';
import { currentBlobId, type ContractRecord } from '../contract/index.js';
import {
  AppError,
  canonicalJson,
  toBase64,
  toRfc3339,
  utf8ToBytes,
  type Clock,
} from '../kernel/index.js';
import { statusAt, type SealIndex, type SealRecord } from '../seal/index.js';
import type { FilingIndex, FilingRecord } from './record.js';
import { SCOPE_ALL, type BlobStore, type Collection } from '../store/index.js';
import type { Indication, VerificationReport } from '../verification/index.js';

export interface EvidencedSignature {
  readonly number: number;
  readonly role: 'buyer' | 'supplier';
  readonly unitName: string;
  readonly fieldName: string;
  readonly signedAt: string;
  /** The earliest time at which the signature is proved to have existed; `null`: by no time-stamp. */
  readonly provedAt: string | null;
  readonly level: string;
  readonly indication: Indication | null;
  readonly certificate: {
    readonly subject: string;
    readonly issuer: string | null;
    readonly serial: string | null;
    readonly sha256: string;
  };
  readonly seal: {
    readonly code: string;
    readonly name: string;
    readonly version: number | null;
    readonly statusAtSigning: string | null;
  } | null;
  readonly revisionSha256: string;
}

export interface EvidencedReceipt {
  readonly filingId: string;
  readonly filingNumber: string;
  readonly receivedAt: string;
  readonly documentSha256: string;
  readonly packageSha256: string | null;
  /** As it came: a compact JWS, and which key of the budget system made it; `null`: unsigned. */
  readonly signature: { readonly keyId: string; readonly jws: string } | null;
  /** The budget system lost that filing, or gave it another number since. */
  readonly isSuperseded: boolean;
}

export interface EvidencedEvent {
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly accountId: string;
  readonly role: string;
  /** Leaf hash in the audit log, hex. */
  readonly hash: string;
}

export interface EvidenceStatement {
  readonly kind: 'contract-evidence';
  readonly at: string;
  readonly contract: {
    readonly id: string;
    readonly number: string;
    readonly title: string;
    readonly state: string;
    readonly regionCode: string;
    readonly filingNumber: string | null;
    readonly times: ContractRecord['times'];
  };
  /** What the budget system says it has filed, the newest last; none before. */
  readonly receipts: readonly EvidencedReceipt[];
  readonly parties: readonly {
    readonly role: 'buyer' | 'supplier';
    readonly name: string;
    readonly creditCode: string;
    readonly signedAt: string | null;
  }[];
  readonly document: {
    readonly sha256: string;
    readonly sizeBytes: number;
    readonly indication: VerificationReport['indication'];
  };
  readonly signatures: readonly EvidencedSignature[];
  readonly events: readonly EvidencedEvent[];
  readonly checkpoint: SignedCheckpoint;
}

export interface SignedEvidence {
  readonly statement: EvidenceStatement;
  readonly keyId: string;
  /** Base64 of the Ed25519 signature over the RFC 8785 JSON of `statement`. */
  readonly signature: string;
}

export interface EvidenceOptions {
  readonly blobs: Pick<BlobStore, 'read'>;
  readonly seals: Pick<Collection<SealRecord, SealIndex>, 'get'>;
  readonly filings: Pick<Collection<FilingRecord, FilingIndex>, 'get'>;
  readonly log: ProvingLog;
  readonly signer: StatementSigner;
  readonly verify: (pdf: Uint8Array) => Promise<VerificationReport>;
  readonly clock: Clock;
}

/**
 * @throws AppError `not-found` where the contract has no document or no event yet, `blob-corrupt`,
 *   `audit-unavailable`
 */
export async function evidenceOf(
  contract: ContractRecord,
  options: EvidenceOptions,
): Promise<SignedEvidence> {
  const { blobs, log, signer, verify, clock } = options;
  const sha256 = currentBlobId(contract);
  const events = await eventsOf(log, contract.id);
  const newest = events.at(-1);
  if (sha256 === undefined || newest === undefined) {
    throw new AppError('not-found', 'nothing to report of yet');
  }
  const pdf = await blobs.read(sha256);
  const report = await verify(pdf);
  const statement: EvidenceStatement = {
    kind: 'contract-evidence',
    at: toRfc3339(clock.now()),
    contract: {
      id: contract.id,
      number: contract.number,
      title: contract.title,
      state: contract.state,
      regionCode: contract.regionCode,
      filingNumber: contract.filing?.filingNumber ?? null,
      times: contract.times,
    },
    receipts: await receiptsOf(contract, options.filings),
    parties: contract.parties.map(({ role, name, creditCode, signedAt }) => ({
      role,
      name,
      creditCode,
      signedAt: signedAt ?? null,
    })),
    document: { sha256, sizeBytes: pdf.length, indication: report.indication },
    signatures: await signaturesOf(contract, report, options.seals),
    events: events.map(({ seq, hash, event }) => ({
      seq,
      at: event.at,
      type: event.type,
      accountId: event.actor.accountId,
      role: event.actor.role,
      hash,
    })),
    checkpoint: signedCheckpoint(await log.checkpointCovering(newest.seq)),
  };
  const signature = toBase64(signer.sign(utf8ToBytes(canonicalJson(statement))));
  return { statement, keyId: signer.keyId, signature };
}

async function receiptsOf(
  { filing: named }: ContractRecord,
  filings: EvidenceOptions['filings'],
): Promise<readonly EvidencedReceipt[]> {
  const filing = named === undefined ? undefined : await filings.get(named.filingId, SCOPE_ALL);
  if (filing?.receipt === undefined) return [];
  const { id, receipt, earlierReceipts = [] } = filing;
  return [...earlierReceipts, receipt].map((each) => ({
    filingId: id,
    filingNumber: each.filingNumber,
    receivedAt: each.receivedAt,
    documentSha256: each.documentSha256,
    packageSha256: each.packageSha256 ?? null,
    signature: each.signature ?? null,
    isSuperseded: each !== receipt,
  }));
}

async function signaturesOf(
  contract: ContractRecord,
  report: VerificationReport,
  seals: EvidenceOptions['seals'],
): Promise<readonly EvidencedSignature[]> {
  const found: EvidencedSignature[] = [];
  for (const signature of contract.signatures) {
    const { number, role, fieldName, signedAt, level, sealId } = signature;
    const judged = report.signatures.find(({ field }) => field === fieldName);
    const seal = sealId === undefined ? undefined : await seals.get(sealId, SCOPE_ALL);
    found.push({
      number,
      role,
      unitName: contract.parties.find((party) => party.role === role)?.name ?? '',
      fieldName,
      signedAt,
      provedAt: judged?.bestSignatureTime ?? null,
      level: judged?.level ?? level,
      indication: judged?.indication ?? null,
      certificate: {
        subject: signature.signerSubject,
        issuer: judged?.signer?.issuer ?? null,
        serial: judged?.signer?.serial ?? null,
        sha256: signature.certificateSha256,
      },
      seal:
        seal === undefined
          ? null
          : {
              code: seal.code,
              name: seal.name,
              version: signature.sealVersion ?? null,
              statusAtSigning: statusAt(seal, new Date(signedAt)) ?? null,
            },
      revisionSha256: signature.blobId,
    });
  }
  return found;
}
