/**
 * One act of signing, from intent to publication.
 *
 * The arrows: PREPARED → INTENT (recorded) → SIGNED (key used) → VERIFIED (by our own verifier) →
 * blob stored → PUBLISHED (state, event and outgoing message in one write). A crash before the last
 * arrow leaves an attempt that runs out and a contract as it was; after it, a published signature.
 */
import { hasRole, isRequestDone, scopeOf, type Principal } from '../access/index.js';
import {
  allSignatures,
  assertMaySign,
  currentBlobId,
  withoutAttempt,
  type ContractRecord,
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
  sha256Hex,
  toBase64,
  toHex,
  wholeSecond,
  type ByteSource,
} from '../kernel/index.js';
import { acceptSignatureValue, attributesFor, type PendingSignature } from '../pades/index.js';
import { openPdf } from '../pdf/index.js';
import { cachedCertificate } from '../pki/index.js';
import type { SigningKey } from '../token/index.js';
import { timestampRoom } from './level-policy.js';
import { beginRevisionFor, type SealPlacing } from './revision.js';
import type { SealUseTrace } from './seal-use.js';
import { SessionDeadlines } from './session-deadlines.js';
import { SignaturePublication } from './signature-publication.js';
import { SignerAdmission, keyOf, unitOf, type Admitted } from './signer-admission.js';
import type {
  SignRequest,
  SignWithKeyRequest,
  SigningService,
  SigningServiceOptions,
  SigningSessionView,
  StartSessionRequest,
} from './signing-api.js';
import { SigningAttempts } from './signing-attempts.js';

export function createSigningService(options: SigningServiceOptions): SigningService {
  return new ContractSigning(options);
}

class ContractSigning implements SigningService {
  readonly #options: SigningServiceOptions;
  readonly #admission: SignerAdmission;
  readonly #attempts: SigningAttempts;
  readonly #publication: SignaturePublication;
  readonly #deadlines: SessionDeadlines;

  constructor(options: SigningServiceOptions) {
    this.#options = options;
    this.#admission = new SignerAdmission(options);
    this.#attempts = new SigningAttempts(options);
    this.#publication = new SignaturePublication(options, this.#admission);
    this.#deadlines = new SessionDeadlines(options.clock);
  }

  async sign(request: SignRequest): Promise<ContractRecord> {
    const { principal } = request;
    const contract = await this.#contractFor(
      principal,
      request.contractId,
      request.expectedRevision,
    );
    if (isRequestDone(contract, principal)) return contract;
    return this.#attempts.logged(principal, contract, request, async (trace) => {
      // Before a PIN is used: a signature that cannot be made does not cost a try.
      assertMaySign(contract, unitOf(principal), this.#now(), request.duty);
      await using key = await this.#options.tokens.open(request.token, {
        pin: request.pin,
        confirmFinalTry: request.confirmFinalTry ?? false,
      });
      trace.knowCertificate(sha256Hex(key.certificateDer));
      const admitted = await this.#admission.admit(principal, contract, key, request, this.#now());
      // Awaited here: the key is closed when this block is left.
      return await this.#signWith(principal, admitted, key, request.placing, trace);
    });
  }

  async signWithKey(request: SignWithKeyRequest): Promise<ContractRecord> {
    const { principal, contractId, key, placing } = request;
    const contract = await this.#contractFor(principal, contractId, undefined);
    const certificateSha256 = sha256Hex(key.certificateDer);
    const known = { ...request, certificateSha256 };
    return this.#attempts.logged(principal, contract, known, async (trace) => {
      const admitted = await this.#admission.admit(principal, contract, key, request, this.#now());
      return await this.#signWith(principal, admitted, key, placing, trace);
    });
  }

  async startSession(request: StartSessionRequest): Promise<SigningSessionView> {
    const { principal } = request;
    const contract = await this.#contractFor(
      principal,
      request.contractId,
      request.expectedRevision,
    );
    const known = { ...request, certificateSha256: sha256Hex(request.certificateDer) };
    return this.#attempts.logged(principal, contract, known, async (trace) => {
      const algorithm = keyOf(request.certificateDer);
      const certificates = {
        certificateDer: request.certificateDer,
        chainDer: request.chainDer ?? [],
        algorithm,
      };
      const admitted = await this.#admission.admit(
        principal,
        contract,
        certificates,
        request,
        this.#now(),
      );
      await trace.admit(admitted);
      const { base, pending } = await this.#prepare(admitted, request.placing);
      const { prepared } = pending;
      const preparedBlobId = await this.#options.blobs.put([prepared.appended]);
      const attempt: SigningAttempt = {
        ...this.#attempts.begin(principal, admitted, this.#options.sessionMs),
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
      await this.#attempts.record(principal, admitted, attempt, trace);
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
    const known = { ...attempt, attemptId: attempt.id };
    return this.#attempts.logged(principal, contract, known, async (trace) => {
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
      const admitted = await this.#admission.admit(
        principal,
        withoutAttempt(contract),
        certificates,
        attempt,
        this.#now(),
      );
      await trace.admit(admitted);
      const signature = acceptSignatureValue(pending, certificate.publicKey, request.signature);
      const current = { ...admitted, contract };
      const made = { principal, admitted: current, attempt, base, pending, signature };
      try {
        return await this.#publication.publish(made);
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
    trace: SealUseTrace,
  ): Promise<ContractRecord> {
    const { faults } = this.#options;
    await trace.admit(admitted);
    const { base, pending } = await this.#prepare(admitted, placing);
    faults('signing:prepared');
    const attempt = this.#attempts.begin(principal, admitted, this.#options.attemptMs);
    const intended = await this.#attempts.record(principal, admitted, attempt, trace);
    faults('signing:intent');
    try {
      const signature = await key.sign(pending.signedAttributes, pending.scheme);
      faults('signing:signed');
      return await this.#publication.publish({
        principal,
        admitted: { ...admitted, contract: intended },
        attempt,
        base,
        pending,
        signature,
      });
    } catch (error) {
      await this.#attempts.giveUp(principal, intended, attempt, error);
      throw error;
    }
  }

  async #prepare(
    admitted: Admitted,
    placing: SealPlacing | undefined,
  ): Promise<{ base: ByteSource; pending: PendingSignature }> {
    const { contract, signatory } = admitted;
    const baseBlobId = currentBlobId(contract);
    if (baseBlobId === undefined) {
      throw new AppError('contract-transition-refused', 'the contract has no document', {
        params: { from: contract.state, action: 'sign' },
      });
    }
    const base = new HashedSource(new MemorySource(await this.#options.blobs.read(baseBlobId)));
    const pending = beginRevisionFor(openPdf(base, { mode: 'lenient' }), {
      contract,
      role: signatory.party.role,
      duty: signatory.duty,
      signerName: signatory.unit.name,
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
    const isExpected = expectedRevision === undefined || contract.revision === expectedRevision;
    if (!isExpected && !isRequestDone(contract, principal)) {
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
    if (allSignatures(contract).some((each) => each.attemptId === sessionId)) {
      throw new AppError('signing-session-used', 'the session was used');
    }
    const { attempt } = contract;
    // Another user of the same unit may not finish what this one has seen and begun.
    if (attempt?.session === undefined || attempt.accountId !== principal.accountId) {
      throw new AppError('not-found', 'no such signing session');
    }
    return { contract, attempt };
  }

  #now(): Date {
    return wholeSecond(this.#options.clock.now());
  }
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

function decode(text: string): Uint8Array {
  const bytes = fromBase64(text);
  if (bytes === undefined) throw new AppError('internal', 'a stored value is not base64');
  return bytes;
}
