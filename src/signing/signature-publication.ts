/** The last arrows of a signature: verified by ourselves, its bytes kept, the contract moved on. */
import { actorOf, withRequestDone, type Principal } from '../access/index.js';
import type { AuditEvent } from '../audit/index.js';
import {
  contractEvent,
  isLastSignature,
  withSignature,
  type ContractRecord,
  type SignedRevision,
  type SigningAttempt,
} from '../contract/index.js';
import {
  AppError,
  ConcatSource,
  MemorySource,
  digestSpans,
  isAppError,
  toHex,
  toRfc3339,
  wholeSecond,
  type ByteSource,
} from '../kernel/index.js';
import type { PendingSignature } from '../pades/index.js';
import { finishAtLevel, levelStateAfter, type RaisedSignature } from './level-policy.js';
import { isAtLeast, type Level } from './levels/index.js';
import type { Admitted, SignerAdmission } from './signer-admission.js';
import type { SigningServiceOptions } from './signing-api.js';

/** A signature value with all that it belongs to. */
export interface SignatureMade {
  readonly principal: Principal;
  readonly admitted: Admitted;
  readonly attempt: SigningAttempt;
  readonly base: ByteSource;
  readonly pending: PendingSignature;
  readonly signature: Uint8Array;
}

export class SignaturePublication {
  readonly #options: SigningServiceOptions;
  readonly #admission: SignerAdmission;

  constructor(options: SigningServiceOptions, admission: SignerAdmission) {
    this.#options = options;
    this.#admission = admission;
  }

  /** The last arrows: verify what was made, keep its bytes, publish. */
  async publish({
    principal,
    admitted,
    attempt,
    base,
    pending,
    signature,
  }: SignatureMade): Promise<ContractRecord> {
    const { blobs, contracts, faults, levels } = this.#options;
    const raised = await finishAtLevel(levels, base, pending, signature);
    const { appended } = raised;
    const level = await this.#verify(base, raised, pending.prepared.fieldName);
    faults('signing:verified');
    const blobId = await blobs.put([base, appended]);
    faults('signing:blob-stored');
    // The seal or the certificate may have been revoked while the key was at work; revocation wins.
    const at = wholeSecond(this.#options.clock.now());
    await this.#admission.assertSealUsable(admitted, at);
    const { contract, signatory, certificate } = admitted;
    const { party, duty, unit } = signatory;
    const revision: SignedRevision = {
      number: contract.signatures.length + 1,
      blobId,
      sizeBytes: base.size + appended.length,
      role: party.role,
      duty,
      unitId: unit.unitId,
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
    const details = {
      role: party.role,
      duty,
      agent: party.unitId === unit.unitId ? null : unit.name,
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
    const signed = withSignature(
      contract,
      revision,
      at,
      isLastSignature(contract, signatory)
        ? [what('party-signed'), what('signed')]
        : [what('party-signed')],
      levels === undefined ? undefined : levelStateAfter(levels, { ...raised, level }, at),
    );
    const published = withRequestDone(signed, principal.requestKey);
    try {
      await contracts.replace(published);
    } catch (error) {
      // Stopped between the last look at the seal and this write: the signer is told of the seal.
      if (isAppError(error, 'record-version-conflict')) {
        await this.#admission.assertSealUsable(admitted, wholeSecond(this.#options.clock.now()));
      }
      throw error;
    }
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
