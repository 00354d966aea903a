/**
 * One act of signing, from intent to publication.
 *
 * The arrows: PREPARED → INTENT (recorded) → SIGNED (key used) → VERIFIED (by our own verifier) →
 * blob stored → PUBLISHED (state, event and outgoing message in one write). A crash before the last
 * arrow leaves an attempt that runs out and a contract as it was; after it, a published signature.
 */
import {
  actorOf,
  hasRole,
  scopeOf,
  type Principal,
  type UnitRecord,
  type UnitIndex,
} from '../access/index.js';
import type { AuditEvent } from '../audit/index.js';
import {
  assertMaySign,
  contractEvent,
  currentBlobId,
  withAttempt,
  withSignature,
  withoutAttempt,
  type ContractIndex,
  type ContractParty,
  type ContractRecord,
  type SignedRevision,
  type SigningAttempt,
} from '../contract/index.js';
import {
  AppError,
  ConcatSource,
  HashedSource,
  MemorySource,
  digestBytes,
  digestSpans,
  fromBase64,
  isAppError,
  newId,
  sha256Hex,
  toBase64,
  toHex,
  toRfc3339,
  type ByteSource,
  type Clock,
  type FaultHook,
  type Logger,
  type Secret,
} from '../kernel/index.js';
import {
  acceptSignatureValue,
  attributesFor,
  type PendingSignature,
  type SignerCertificates,
} from '../pades/index.js';
import { openPdf } from '../pdf/index.js';
import {
  isSigningCertificate,
  cachedCertificate,
  unifiedSocialCreditCode,
  type Certificate,
} from '../pki/index.js';
import { SCOPE_ALL, type BlobStore, type Collection } from '../store/index.js';
import type { SigningKey, TokenProvider, TokenSelector } from '../token/index.js';
import {
  finishAtLevel,
  levelStateAfter,
  timestampRoom,
  type LevelPolicy,
  type RaisedSignature,
} from './level-policy.js';
import { isAtLeast, type Level } from './levels/index.js';
import type { CertificateValidator, SealSupply, UsableSeal, VerifyOwn } from './ports.js';
import { beginRevisionFor, type SealPlacing } from './revision.js';
import { SessionDeadlines } from './session-deadlines.js';

export interface SigningServiceOptions {
  readonly contracts: Collection<ContractRecord, ContractIndex>;
  readonly units: Collection<UnitRecord, UnitIndex>;
  readonly blobs: BlobStore;
  readonly tokens: TokenProvider;
  readonly seals: SealSupply;
  readonly certificates: CertificateValidator;
  readonly verifyOwn: VerifyOwn;
  /** Signatures are B-B where absent. */
  readonly levels?: LevelPolicy | undefined;
  /** Appends to the audit log now; a failure stops the signing. */
  readonly recordIntent: (event: AuditEvent) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: FaultHook;
  /** How long an attempt at the server may take before another may replace it. */
  readonly attemptMs: number;
  /** How long a prepared signature waits for a key elsewhere. */
  readonly sessionMs: number;
  /** Told after each published change, so that the relay need not wait for its next round. */
  readonly onPublished: () => void;
}

export interface SignRequest {
  readonly principal: Principal;
  readonly contractId: string;
  readonly token: TokenSelector;
  readonly pin: Secret;
  readonly confirmFinalTry?: boolean;
  readonly sealId?: string;
  readonly placing?: SealPlacing;
  /** The revision the caller has seen (If-Match). */
  readonly expectedRevision?: number;
}

/** A signature with a key that somebody else opened and will close. */
export interface SignWithKeyRequest {
  readonly principal: Principal;
  readonly contractId: string;
  readonly key: SigningKey;
  readonly sealId?: string;
  readonly placing?: SealPlacing;
}

export interface StartSessionRequest {
  readonly principal: Principal;
  readonly contractId: string;
  readonly certificateDer: Uint8Array;
  readonly chainDer?: readonly Uint8Array[];
  readonly sealId?: string;
  readonly placing?: SealPlacing;
  readonly expectedRevision?: number;
}

export interface SigningSessionView {
  readonly sessionId: string;
  readonly expiresAt: string;
  /** What the key signs: DER SET OF attributes. */
  readonly signedAttributesB64: string;
  readonly digestAlgorithm: string;
  /** Digest of the signed attributes, for keys that take a digest. */
  readonly digestB64: string;
  readonly padding: string;
  /** SHA-256 of the prepared file, hole empty: what the signer's own check compares. */
  readonly preparedSha256: string;
  readonly fieldName: string;
}

export interface SigningService {
  /** Signs with a token at the server. @returns The contract as published. */
  sign(request: SignRequest): Promise<ContractRecord>;
  /** As `sign`, for one of many contracts. */
  signWithKey(request: SignWithKeyRequest): Promise<ContractRecord>;
  /** Prepares a signature for a key elsewhere. */
  startSession(request: StartSessionRequest): Promise<SigningSessionView>;
  /** The whole prepared file, so that the signer can check what it is asked to sign. */
  preparedFile(principal: Principal, sessionId: string): Promise<Uint8Array>;
  completeSession(request: {
    readonly principal: Principal;
    readonly sessionId: string;
    readonly signature: Uint8Array;
  }): Promise<ContractRecord>;
}

/** What is known once the signer, its certificate and its seal have been found fit. */
interface Admitted {
  readonly contract: ContractRecord;
  readonly party: ContractParty;
  readonly certificate: Certificate;
  readonly certificateSha256: string;
  readonly certificates: SignerCertificates;
  readonly seal: UsableSeal | undefined;
  readonly at: Date;
}

export function createSigningService(options: SigningServiceOptions): SigningService {
  return new ContractSigning(options);
}

class ContractSigning implements SigningService {
  readonly #options: SigningServiceOptions;
  readonly #deadlines: SessionDeadlines;

  constructor(options: SigningServiceOptions) {
    this.#options = options;
    this.#deadlines = new SessionDeadlines(options.clock);
  }

  async sign(request: SignRequest): Promise<ContractRecord> {
    const { principal } = request;
    const contract = await this.#contractFor(
      principal,
      request.contractId,
      request.expectedRevision,
    );
    return this.#logged(principal, contract, async () => {
      // Before a PIN is used: a signature that cannot be made does not cost a try.
      assertMaySign(contract, unitOf(principal), this.#now());
      await using key = await this.#options.tokens.open(request.token, {
        pin: request.pin,
        confirmFinalTry: request.confirmFinalTry ?? false,
      });
      const admitted = await this.#admit(principal, contract, key, request.sealId);
      // Awaited here: the key is closed when this block is left.
      return await this.#signWith(principal, admitted, key, request.placing);
    });
  }

  async signWithKey(request: SignWithKeyRequest): Promise<ContractRecord> {
    const { principal, contractId, key, sealId, placing } = request;
    const contract = await this.#contractFor(principal, contractId, undefined);
    return this.#logged(principal, contract, async () => {
      const admitted = await this.#admit(principal, contract, key, sealId);
      return await this.#signWith(principal, admitted, key, placing);
    });
  }

  async startSession(request: StartSessionRequest): Promise<SigningSessionView> {
    const { principal } = request;
    const contract = await this.#contractFor(
      principal,
      request.contractId,
      request.expectedRevision,
    );
    return this.#logged(principal, contract, async () => {
      const algorithm = keyOf(request.certificateDer);
      const certificates = {
        certificateDer: request.certificateDer,
        chainDer: request.chainDer ?? [],
        algorithm,
      };
      const admitted = await this.#admit(principal, contract, certificates, request.sealId);
      const { base, pending } = await this.#prepare(admitted, request.placing);
      const { prepared } = pending;
      const preparedBlobId = await this.#options.blobs.put([prepared.appended]);
      const attempt: SigningAttempt = {
        ...this.#attempt(principal, admitted, this.#options.sessionMs),
        session: {
          preparedBlobId,
          contentsStart: prepared.contents.start,
          contentsEnd: prepared.contents.end,
          fieldName: prepared.fieldName,
          padding: pending.scheme.padding,
          digest: pending.scheme.digest,
          signedAttributesSha256: sha256Hex(pending.signedAttributes),
          certificateB64: toBase64(pending.certificates.certificateDer),
          chainB64: pending.certificates.chainDer.map(toBase64),
        },
      };
      await this.#recordAttempt(principal, admitted.contract, attempt);
      this.#deadlines.begin(attempt);
      return sessionView(attempt, base, pending);
    });
  }

  async preparedFile(principal: Principal, sessionId: string): Promise<Uint8Array> {
    const { contract, attempt } = await this.#sessionFor(principal, sessionId);
    const base = await this.#options.blobs.read(attempt.baseBlobId);
    const appended = await this.#options.blobs.read(sessionOf(attempt).preparedBlobId);
    this.#options.logger.debug('signing.prepared-read', { contractId: contract.id });
    const whole = new Uint8Array(base.length + appended.length);
    whole.set(base, 0);
    whole.set(appended, base.length);
    return whole;
  }

  async completeSession(request: {
    readonly principal: Principal;
    readonly sessionId: string;
    readonly signature: Uint8Array;
  }): Promise<ContractRecord> {
    const { principal } = request;
    const { contract, attempt } = await this.#sessionFor(principal, request.sessionId);
    return this.#logged(principal, contract, async () => {
      this.#deadlines.assertOpen(attempt);
      if (currentBlobId(contract) !== attempt.baseBlobId) {
        throw new AppError('signature-session-mismatch', 'the contract has another document now');
      }
      const { blobs } = this.#options;
      const base = new HashedSource(new MemorySource(await blobs.read(attempt.baseBlobId)));
      const pending = await this.#resume(base, attempt);
      const certificate = cachedCertificate(pending.certificates.certificateDer);
      // Revoked or expired since the session was opened: the same refusals as when signing here.
      const certificates = pending.certificates;
      const admitted = await this.#admit(
        principal,
        withoutAttempt(contract),
        certificates,
        attempt.sealId,
      );
      const signature = acceptSignatureValue(pending, certificate.publicKey, request.signature);
      const current = { ...admitted, contract };
      try {
        return await this.#publish(principal, current, attempt, base, pending, signature);
      } catch (error) {
        // Of two that hand in a value at the same time, the second is told that the session was used.
        if (isAppError(error, 'record-version-conflict')) {
          await this.#sessionFor(principal, request.sessionId);
        }
        throw error;
      }
    });
  }

  async #signWith(
    principal: Principal,
    admitted: Admitted,
    key: SigningKey,
    placing: SealPlacing | undefined,
  ): Promise<ContractRecord> {
    const { faults } = this.#options;
    const { base, pending } = await this.#prepare(admitted, placing);
    faults('signing:prepared');
    const attempt = this.#attempt(principal, admitted, this.#options.attemptMs);
    const intended = await this.#recordAttempt(principal, admitted.contract, attempt);
    faults('signing:intent');
    try {
      const signature = await key.sign(pending.signedAttributes, pending.scheme);
      faults('signing:signed');
      return await this.#publish(
        principal,
        { ...admitted, contract: intended },
        attempt,
        base,
        pending,
        signature,
      );
    } catch (error) {
      await this.#giveUp(principal, intended, attempt, error);
      throw error;
    }
  }

  /** The last arrows: verify what was made, keep its bytes, publish. */
  async #publish(
    principal: Principal,
    admitted: Admitted,
    attempt: SigningAttempt,
    base: ByteSource,
    pending: PendingSignature,
    signature: Uint8Array,
  ): Promise<ContractRecord> {
    const { blobs, contracts, faults, levels } = this.#options;
    const raised = await finishAtLevel(levels, base, pending, signature);
    const { appended } = raised;
    const level = await this.#verify(base, raised, pending.prepared.fieldName);
    faults('signing:verified');
    const blobId = await blobs.put([base, appended]);
    faults('signing:blob-stored');
    // The seal or the certificate may have been revoked while the key was at work; revocation wins.
    const at = this.#now();
    await this.#assertSealUsable(admitted, at);
    const { contract, party, certificate } = admitted;
    const revision: SignedRevision = {
      number: contract.signatures.length + 1,
      blobId,
      sizeBytes: base.size + appended.length,
      role: party.role,
      unitId: party.unitId,
      fieldName: pending.prepared.fieldName,
      ...(admitted.seal === undefined
        ? {}
        : { sealId: admitted.seal.sealId, sealVersion: admitted.seal.version }),
      certificateSha256: admitted.certificateSha256,
      signerSubject: certificate.subject.text,
      level,
      ...signedDigest(base, raised),
      signedAt: toRfc3339(at),
      attemptId: attempt.id,
    };
    const isLast = contract.parties.every(
      (each) =>
        each.signedAt !== undefined || (each.role === party.role && each.unitId === party.unitId),
    );
    const details = {
      role: party.role,
      documentSha256: blobId,
      certificateSha256: admitted.certificateSha256,
      sealId: admitted.seal?.sealId ?? null,
      sealVersion: admitted.seal?.version ?? null,
      attemptId: attempt.id,
    };
    const what = (name: string): AuditEvent =>
      contractEvent(contract, {
        what: name,
        actor: actorOf(principal),
        at,
        details,
        requestId: principal.requestId,
      });
    const published = withSignature(
      contract,
      revision,
      at,
      isLast ? [what('party-signed'), what('signed')] : [what('party-signed')],
      levels === undefined ? undefined : levelStateAfter(levels, { ...raised, level }, at),
    );
    await contracts.replace(published);
    faults('signing:published');
    this.#options.onPublished();
    return published;
  }

  /**
   * @returns The level that our own verifier finds.
   * @throws AppError `signature-not-verified`, params `reason`
   */
  async #verify(
    base: ByteSource,
    { appended, level }: RaisedSignature,
    fieldName: string,
  ): Promise<Level> {
    const report = await this.#options.verifyOwn(
      new ConcatSource(base, new MemorySource(appended)),
    );
    const own = report.signatures.find((each) => each.field === fieldName);
    const isSound =
      own?.indication === 'TOTAL-PASSED' &&
      own.coverage !== 'partial' &&
      isAtLeast(own.level ?? 'B-B', level) &&
      report.signatures.every((each) => each.indication !== 'TOTAL-FAILED');
    if (isSound) return level;
    const worst = report.signatures.find((each) => each.indication !== 'TOTAL-PASSED');
    throw new AppError('signature-not-verified', 'our own verification does not pass', {
      params: {
        reason: worst?.messages.map((each) => each.code) ?? [],
        subIndication: worst?.subIndication ?? null,
      },
    });
  }

  /** Everything about the signer that can be refused, in the order a person can put right. */
  async #admit(
    principal: Principal,
    contract: ContractRecord,
    certificates: SignerCertificates,
    sealId: string | undefined,
  ): Promise<Admitted> {
    const at = this.#now();
    const party = assertMaySign(contract, unitOf(principal), at);
    const certificate = cachedCertificate(certificates.certificateDer);
    const certificateSha256 = sha256Hex(certificates.certificateDer);
    if (!isSigningCertificate(certificate)) {
      throw new AppError('certificate-not-for-signing', 'key usage does not allow signing');
    }
    await this.#assertOfUnit(certificate, certificateSha256, party);
    const chainDer = await this.#options.certificates.validate(
      certificates.certificateDer,
      certificates.chainDer,
      at,
    );
    const seal = await this.#options.seals.forSigning({
      unitId: party.unitId,
      sealId,
      certificateSha256,
      at,
    });
    return {
      contract,
      party,
      certificate,
      certificateSha256,
      certificates: {
        certificateDer: certificates.certificateDer,
        chainDer,
        algorithm: certificates.algorithm,
      },
      seal,
      at,
    };
  }

  async #assertOfUnit(
    certificate: Certificate,
    sha256: string,
    party: ContractParty,
  ): Promise<void> {
    const unit = await this.#options.units.get(party.unitId, SCOPE_ALL);
    const isEnrolled = unit?.certificates.some((each) => each.sha256 === sha256) ?? false;
    const code = unifiedSocialCreditCode(certificate);
    const isOther = code !== undefined && code !== party.creditCode;
    if (isEnrolled && !isOther) return;
    throw new AppError('certificate-not-of-unit', 'the certificate is not enrolled for the party', {
      params: { unit: party.name, subject: certificate.subject.text },
    });
  }

  async #assertSealUsable(admitted: Admitted, at: Date): Promise<void> {
    if (admitted.seal === undefined) return;
    const { sealId, version } = admitted.seal;
    const { certificateSha256, party } = admitted;
    const now = await this.#options.seals.forSigning({
      unitId: party.unitId,
      sealId,
      certificateSha256,
      at,
    });
    if (now?.version !== version) {
      throw new AppError('seal-not-active', 'the seal was remade while it was used');
    }
  }

  async #prepare(
    admitted: Admitted,
    placing: SealPlacing | undefined,
  ): Promise<{ base: ByteSource; pending: PendingSignature }> {
    const { contract, party } = admitted;
    const baseBlobId = currentBlobId(contract);
    if (baseBlobId === undefined) {
      throw new AppError('contract-transition-refused', 'the contract has no document', {
        params: { from: contract.state, action: 'sign' },
      });
    }
    const base = new HashedSource(new MemorySource(await this.#options.blobs.read(baseBlobId)));
    const pending = beginRevisionFor(openPdf(base, { mode: 'lenient' }), {
      contract,
      role: party.role,
      signerName: party.name,
      certificates: admitted.certificates,
      seal: admitted.seal,
      placing,
      claimedAt: admitted.at,
      timestampBytes: await timestampRoom(this.#options.levels),
    });
    return { base, pending };
  }

  /** A session's pending signature from what was kept; the bytes must be those that were prepared. */
  async #resume(base: ByteSource, attempt: SigningAttempt): Promise<PendingSignature> {
    const session = sessionOf(attempt);
    const prepared = {
      appended: await this.#options.blobs.read(session.preparedBlobId),
      baseSize: base.size,
      contents: { start: session.contentsStart, end: session.contentsEnd },
      fieldName: session.fieldName,
    };
    const certificateDer = decode(session.certificateB64);
    const certificates = {
      certificateDer,
      chainDer: session.chainB64.map(decode),
      algorithm: keyOf(certificateDer),
    };
    const scheme = { padding: session.padding, digest: session.digest };
    const signedAttributes = attributesFor(base, prepared, certificates, scheme);
    if (sha256Hex(signedAttributes) !== session.signedAttributesSha256) {
      throw new AppError('signature-session-mismatch', 'the prepared bytes are not the same');
    }
    return { prepared, signedAttributes, scheme, certificates };
  }

  #attempt(principal: Principal, admitted: Admitted, lifeMs: number): SigningAttempt {
    const { contract, party, seal } = admitted;
    const now = this.#now();
    return {
      id: newId('sgn'),
      role: party.role,
      unitId: party.unitId,
      accountId: principal.accountId,
      certificateSha256: admitted.certificateSha256,
      ...(seal === undefined ? {} : { sealId: seal.sealId, sealVersion: seal.version }),
      baseBlobId: currentBlobId(contract) ?? '',
      startedAt: toRfc3339(now),
      until: toRfc3339(new Date(now.getTime() + lifeMs)),
    };
  }

  /** The intent is in the audit log before it is in the contract, and in both before the key is used. */
  async #recordAttempt(
    principal: Principal,
    contract: ContractRecord,
    attempt: SigningAttempt,
  ): Promise<ContractRecord> {
    await this.#options.recordIntent(
      contractEvent(contract, {
        what: 'signing-started',
        actor: actorOf(principal),
        at: this.#now(),
        details: {
          attemptId: attempt.id,
          certificateSha256: attempt.certificateSha256,
          sealId: attempt.sealId ?? null,
          baseSha256: attempt.baseBlobId,
        },
        requestId: principal.requestId,
      }),
    );
    const intended = withAttempt(contract, attempt);
    await this.#options.contracts.replace(intended);
    return intended;
  }

  /** Frees the contract after a failure; where that fails too, the attempt runs out by itself. */
  async #giveUp(
    principal: Principal,
    contract: ContractRecord,
    attempt: SigningAttempt,
    reason: unknown,
  ): Promise<void> {
    try {
      const now = await this.#options.contracts.get(contract.id, SCOPE_ALL);
      if (now?.attempt?.id !== attempt.id) return;
      await this.#options.contracts.replace(withoutAttempt(now));
    } catch (error) {
      this.#options.logger.warn('signing.attempt-not-freed', {
        contractId: contract.id,
        attemptId: attempt.id,
        reason: isAppError(reason) ? reason.code : 'internal',
        cause: isAppError(error) ? error.code : 'internal',
        accountId: principal.accountId,
      });
    }
  }

  /** Runs `act`; a refusal is an event of the contract too. */
  async #logged<T>(
    principal: Principal,
    contract: ContractRecord,
    act: () => Promise<T>,
  ): Promise<T> {
    try {
      return await act();
    } catch (error) {
      const code = isAppError(error) ? error.code : 'internal';
      if (code !== 'audit-unavailable') {
        await this.#options.recordIntent(
          contractEvent(contract, {
            what: 'signing-refused',
            actor: actorOf(principal),
            at: this.#now(),
            details: { code },
            requestId: principal.requestId,
          }),
        );
      }
      throw error;
    }
  }

  async #contractFor(
    principal: Principal,
    id: string,
    expectedRevision: number | undefined,
  ): Promise<ContractRecord> {
    if (!hasRole(principal, 'unit-signer', 'supplier-signer')) {
      throw new AppError('forbidden', 'only signers sign');
    }
    const contract = await this.#options.contracts.get(id, scopeOf(principal));
    if (contract === undefined) throw new AppError('contract-not-found', 'no such contract');
    if (expectedRevision !== undefined && contract.revision !== expectedRevision) {
      throw new AppError('record-version-conflict', 'the contract has changed', {
        params: { expected: expectedRevision, actual: contract.revision },
      });
    }
    return contract;
  }

  async #sessionFor(
    principal: Principal,
    sessionId: string,
  ): Promise<{ readonly contract: ContractRecord; readonly attempt: SigningAttempt }> {
    const page = await this.#options.contracts.find(
      { where: { attemptId: { eq: sessionId } }, limit: 1 },
      scopeOf(principal),
    );
    const [contract] = page.items;
    if (contract === undefined) throw new AppError('not-found', 'no such signing session');
    if (contract.signatures.some((each) => each.attemptId === sessionId)) {
      throw new AppError('signing-session-used', 'the session was used');
    }
    const { attempt } = contract;
    // Another user of the same unit may not finish what this one has seen and begun.
    if (attempt?.session === undefined || attempt.accountId !== principal.accountId) {
      throw new AppError('not-found', 'no such signing session');
    }
    return { contract, attempt };
  }

  /** Whole seconds: what the signature claims and what the record says are the same instant. */
  #now(): Date {
    return new Date(Math.floor(this.#options.clock.now().getTime() / 1000) * 1000);
  }
}

/** Proof for the bytes that end with the signature, where the file goes on after it. */
function signedDigest(
  base: ByteSource,
  { appended, signatureBytes }: RaisedSignature,
): Pick<SignedRevision, 'signedSha256'> {
  if (appended.length === signatureBytes) return {};
  const whole = new ConcatSource(base, new MemorySource(appended));
  const end = base.size + signatureBytes;
  return { signedSha256: toHex(digestSpans('sha256', whole, [[0, end]])) };
}

function unitOf(principal: Principal): string {
  if (principal.unitId === undefined) {
    throw new AppError('contract-party-mismatch', 'the account belongs to no unit');
  }
  return principal.unitId;
}

function sessionOf(attempt: SigningAttempt): NonNullable<SigningAttempt['session']> {
  if (attempt.session === undefined) throw new AppError('not-found', 'no such signing session');
  return attempt.session;
}

function sessionView(
  attempt: SigningAttempt,
  base: ByteSource,
  pending: PendingSignature,
): SigningSessionView {
  const { prepared, scheme, signedAttributes } = pending;
  const whole = new ConcatSource(base, new MemorySource(prepared.appended));
  return {
    sessionId: attempt.id,
    expiresAt: attempt.until,
    signedAttributesB64: toBase64(signedAttributes),
    digestAlgorithm: scheme.digest,
    digestB64: toBase64(digestBytes(scheme.digest, signedAttributes)),
    padding: scheme.padding,
    preparedSha256: toHex(digestSpans('sha256', whole, [[0, whole.size]])),
    fieldName: prepared.fieldName,
  };
}

function keyOf(certificateDer: Uint8Array): SignerCertificates['algorithm'] {
  const { key, algorithm } = cachedCertificate(certificateDer).publicKey;
  if (key === undefined) {
    throw new AppError('algorithm-unsupported', 'the key is of a kind we cannot use', {
      params: { algorithm: algorithm.oid },
    });
  }
  return key;
}

function decode(text: string): Uint8Array {
  const bytes = fromBase64(text);
  if (bytes === undefined) throw new AppError('internal', 'a stored value is not base64');
  return bytes;
}
