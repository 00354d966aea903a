/**
 * Checks a package with nothing but itself and what the verifier believes. The signatures of the
 * contract are `verification`'s; this asks whether all parts are there, vouched for, and of one story.
 */
import { z } from 'zod';
import { assertProof, type CheckpointVerifier } from '../../audit/index.js';
import { bytesToUtf8, equalBytes, isAppError, sha256Hex } from '../../kernel/index.js';
import type {
  Indication,
  ReportMessage,
  SealRegister,
  VerificationReport,
} from '../../verification/index.js';
import { isOddName } from '../../zip/index.js';
import { writeArchive, type Archive } from './archive.js';
import { readAuditFiles, type AuditPart } from './audit-part.js';
import { checksumsOf } from './build-package.js';
import {
  PACKAGE_ENTRIES,
  PACKAGE_FORMAT,
  PACKAGE_FORMAT_VERSION,
  UNLISTED_ENTRIES,
  type StatementVerifier,
} from './format.js';
import { packagedSeals } from './packaged-seals.js';
import {
  findingMessage,
  weightOf,
  type FindingCode,
  type PackagePart,
  type PackageReport,
  type PartState,
  type StatementState,
} from './package-report.js';

export interface PackageCheck {
  /** The bytes the archive was read from. */
  readonly zip: Uint8Array;
  readonly archive: Archive;
  /** Keys that the verifier believes. */
  readonly trusted: StatementVerifier;
  /** Makes a verifier of keys that came along, to tell a false signature from a key nobody knows. */
  readonly verifierOf: (publicKeyPem: string) => StatementVerifier;
  /** SHA-256 (hex) of the anchors that the verifier believes. */
  readonly trustedAnchors: ReadonlySet<string>;
}

/** Parts that a manifest has to list, besides those of the audit log, which are read anyhow. */
const REQUIRED = [
  PACKAGE_ENTRIES.document,
  PACKAGE_ENTRIES.metadata,
  PACKAGE_ENTRIES.seals,
  PACKAGE_ENTRIES.validation,
] as const;

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.object({
  format: z.literal(PACKAGE_FORMAT),
  version: z.literal(PACKAGE_FORMAT_VERSION),
  filingId: z.string(),
  keyId: z.string(),
  files: z.array(z.object({ name: z.string(), sizeBytes: z.int(), sha256: digest })).min(1),
});

const metadataSchema = z.object({
  filingId: z.string(),
  contractId: z.string(),
  contractNumber: z.string(),
  title: z.string(),
  amount: z.string().nullable(),
  parties: z.array(
    z.object({
      agent: z.object({ authorisation: z.object({ sha256: digest }) }).optional(),
    }),
  ),
  document: z.object({ sha256: digest, sizeBytes: z.int() }),
  signatures: z
    .array(
      z.object({
        fieldName: z.string(),
        certificateSha256: digest,
        sealCode: z.string().nullish(),
        sealVersion: z.int().nullish(),
        revisionSha256: digest,
        revisionSizeBytes: z.int(),
      }),
    )
    .min(1),
});
type Metadata = z.infer<typeof metadataSchema>;

const dataSchema = z.object({ id: z.string(), value: z.object({ amount: z.string() }) });

const sealsSchema = z.array(
  z.object({
    code: z.string(),
    version: z.int().nullable(),
    certificateSha256: z.array(z.string()),
    statusAtSigning: z.string().optional(),
  }),
);

const validationSchema = z.object({
  anchors: z.array(z.object({ subject: z.string(), certificateSha256: digest })),
});

/** What was found of all that stands around the contract, before the contract itself is looked at. */
export interface JudgedPackage {
  /** What the package says of the seals; `undefined` where nobody who is believed vouches for it. */
  readonly seals: SealRegister | undefined;
  /** @param report - Of `contract.pdf`; `undefined` where there is none or it cannot be read. */
  conclude(report: VerificationReport | undefined): PackageReport;
}

/** The parts come first: they tell whose word there is on the seals that the contract was signed with. */
export function verifyPackage(check: PackageCheck): JudgedPackage {
  const judge = new PackageJudge(check);
  return {
    seals: packagedSeals(check.archive.parts, judge.found),
    conclude: (report) => judge.conclude(report),
  };
}

type Findings = Omit<PackageReport, 'indication' | 'messages'>;

class PackageJudge {
  readonly #check: PackageCheck;
  readonly #parts: ReadonlyMap<string, Uint8Array>;
  readonly #messages: ReportMessage[] = [];
  readonly #states = new Map<string, PackagePart>();
  readonly #metadata: Metadata | undefined;
  readonly found: Findings;
  #indication: Indication = 'TOTAL-PASSED';

  constructor(check: PackageCheck) {
    this.#check = check;
    this.#parts = check.archive.parts;
    this.#metadata = this.#read(metadataSchema, PACKAGE_ENTRIES.metadata);
    this.found = this.#judge();
  }

  #judge(): Findings {
    const manifest = this.#manifest();
    this.#judgeParts(manifest?.files);
    const metadata = this.#metadata;
    if (metadata === undefined) this.#say('metadata-unreadable');
    else {
      if (metadata.filingId !== manifest?.filingId) this.#say('metadata-unreadable');
      this.#judgeDocument(metadata);
      this.#judgeData(metadata);
      this.#judgeAuthorisation(metadata);
      this.#judgeSeals(metadata);
    }
    const audit = this.#judgeAudit(metadata);
    const validation = this.#read(validationSchema, PACKAGE_ENTRIES.validation);
    return {
      version: manifest?.version ?? null,
      filingId: manifest?.filingId ?? null,
      contractNumber: metadata?.contractNumber ?? null,
      title: metadata?.title ?? null,
      manifest: { state: this.#manifestState, keyId: manifest?.keyId ?? null },
      parts: [...this.#states.values()],
      audit,
      anchors: (validation?.anchors ?? []).map(({ subject, certificateSha256 }) => ({
        subject,
        certificateSha256,
        trusted: this.#check.trustedAnchors.has(certificateSha256),
      })),
    };
  }

  conclude(report: VerificationReport | undefined): PackageReport {
    const further: FindingCode[] = [];
    if (!this.#hasSignaturesOf(report)) further.push('signatures-mismatch');
    // Where something else is wrong, that is what is to be told.
    else if (this.#indication === 'TOTAL-PASSED' && !this.#isOriginal()) {
      further.push('container-repacked');
    }
    return {
      ...this.found,
      indication: further.reduce(weighed, this.#indication),
      messages: [...this.#messages, ...further.map((code) => findingMessage(code))],
    };
  }

  /** Whether the metadata name the signatures that the contract has. */
  #hasSignaturesOf(report: VerificationReport | undefined): boolean {
    if (this.#metadata === undefined || !this.#parts.has(PACKAGE_ENTRIES.document)) return true;
    const named = this.#metadata.signatures.map(({ fieldName }) => fieldName);
    const signed = report?.signatures
      .filter(({ kind }) => kind !== 'document-timestamp')
      .map(({ field }) => field);
    return signed !== undefined && signed.sort().join('\n') === named.sort().join('\n');
  }

  #manifestState: StatementState = 'missing';

  #manifest(): z.infer<typeof manifestSchema> | undefined {
    const bytes = this.#parts.get(PACKAGE_ENTRIES.manifest);
    if (bytes === undefined) {
      this.#say('manifest-missing');
      return undefined;
    }
    const manifest = this.#read(manifestSchema, PACKAGE_ENTRIES.manifest);
    const signature = this.#parts.get(PACKAGE_ENTRIES.manifestSignature);
    if (manifest === undefined) {
      this.#say('manifest-unreadable');
      return undefined;
    }
    if (signature === undefined) {
      this.#say('manifest-signature-missing');
      return manifest;
    }
    this.#manifestState = this.#stateOf(manifest.keyId, PACKAGE_ENTRIES.packageKey, (verifier) =>
      verifier.verify(manifest.keyId, bytes, signature),
    );
    if (this.#manifestState === 'invalid') this.#say('manifest-signature-invalid');
    if (this.#manifestState === 'unknown-key') {
      this.#say('service-key-unknown', PACKAGE_ENTRIES.manifest);
    }
    return manifest;
  }

  /** By a key that is believed, or else by the one that came along. */
  #stateOf(
    keyId: string,
    keyPart: string,
    holds: (verifier: StatementVerifier) => boolean,
  ): StatementState {
    const { trusted, verifierOf } = this.#check;
    if (trusted.knows(keyId)) return holds(trusted) ? 'valid' : 'invalid';
    const pem = bytesToUtf8(this.#parts.get(keyPart) ?? new Uint8Array());
    try {
      return holds(verifierOf(pem)) ? 'unknown-key' : 'invalid';
    } catch (error) {
      if (isAppError(error)) return 'invalid';
      throw error;
    }
  }

  #judgeParts(files: z.infer<typeof manifestSchema>['files'] = []): void {
    const { duplicated } = this.#check.archive;
    const listed = new Map(files.map((file) => [file.name, file]));
    for (const name of REQUIRED) if (!listed.has(name)) this.#part(name, 'missing', 'part-missing');
    const names = [...this.#parts.keys()];
    for (const [name, file] of listed) {
      const bytes = this.#parts.get(name);
      if (bytes === undefined) {
        this.#part(name, 'missing', 'part-missing');
      } else if (bytes.length !== file.sizeBytes || sha256Hex(bytes) !== file.sha256) {
        this.#part(name, 'altered', 'part-altered');
      } else {
        this.#part(name, 'intact');
      }
    }
    for (const name of names) {
      if (listed.has(name) || UNLISTED_ENTRIES.includes(name)) continue;
      const expected = [...listed.keys(), ...UNLISTED_ENTRIES];
      if (isOddName(name)) this.#part(name, 'unsafe-name', 'part-name-unsafe');
      else if (expected.some((each) => each.toLowerCase() === name.toLowerCase())) {
        this.#part(name, 'misnamed', 'part-misnamed');
      } else this.#part(name, 'extra', 'part-extra');
    }
    this.#judgeChecksums(names);
    for (const name of [PACKAGE_ENTRIES.manifest, PACKAGE_ENTRIES.manifestSignature]) {
      const found = this.#manifestState === 'invalid' ? 'altered' : 'intact';
      this.#part(name, this.#parts.has(name) ? found : 'missing');
    }
    for (const name of duplicated) this.#part(name, 'duplicated', 'part-duplicated');
  }

  #judgeChecksums(names: readonly string[]): void {
    const name = PACKAGE_ENTRIES.checksums;
    const found = this.#parts.get(name);
    if (found === undefined) {
      this.#part(name, 'missing', 'part-missing');
      return;
    }
    const others = names
      .filter((each) => each !== name)
      .map((each) => [each, this.#parts.get(each) ?? new Uint8Array()] as const);
    const lines = (text: string): string => text.split('\n').sort().join('\n');
    const isRight = lines(bytesToUtf8(found)) === lines(bytesToUtf8(checksumsOf(others)));
    if (isRight) this.#part(name, 'intact');
    // Where another part was touched already, that is what is to be told.
    else if (this.#indication !== 'TOTAL-FAILED') this.#part(name, 'altered', 'part-altered');
    else this.#part(name, 'altered');
  }

  #judgeDocument(metadata: Metadata): void {
    const document = this.#parts.get(PACKAGE_ENTRIES.document);
    if (document === undefined) return;
    if (sha256Hex(document) !== metadata.document.sha256) this.#say('document-mismatch');
    for (const { fieldName, revisionSha256, revisionSizeBytes } of metadata.signatures) {
      if (sha256Hex(document.subarray(0, revisionSizeBytes)) !== revisionSha256) {
        this.#say('revision-mismatch', fieldName);
      }
    }
  }

  #judgeData(metadata: Metadata): void {
    if (!this.#parts.has(PACKAGE_ENTRIES.structuredData)) return;
    const data = this.#read(dataSchema, PACKAGE_ENTRIES.structuredData);
    const isOne =
      data?.id === metadata.contractNumber &&
      (metadata.amount === null || Number(data.value.amount) === Number(metadata.amount));
    if (!isOne) this.#say('data-mismatch');
  }

  /** Whom the buyer let sign for it: by the very annex that the audit log names. */
  #judgeAuthorisation(metadata: Metadata): void {
    const annexed = metadata.parties.flatMap(({ agent }) => agent?.authorisation.sha256 ?? []);
    const bytes = this.#parts.get(PACKAGE_ENTRIES.authorisation);
    const held = bytes === undefined ? [] : [sha256Hex(bytes)];
    // Packages of earlier releases name no agent.
    if (annexed.length + held.length === 0) return;
    const logged = authorisationsOf(this.#parts).slice(-1);
    if (annexed.join() !== held.join() || annexed.join() !== logged.join()) {
      this.#say('authorisation-mismatch');
    }
  }

  #judgeSeals(metadata: Metadata): void {
    const seals = this.#read(sealsSchema, PACKAGE_ENTRIES.seals) ?? [];
    for (const { sealCode, sealVersion, certificateSha256, fieldName } of metadata.signatures) {
      if (sealCode === undefined || sealCode === null) continue;
      const seal = seals.find(
        (each) => each.code === sealCode && each.version === (sealVersion ?? each.version),
      );
      if (seal?.certificateSha256.includes(certificateSha256) !== true) {
        this.#say('seal-mismatch', fieldName);
      } else if (seal.statusAtSigning !== 'active') this.#say('seal-not-active', sealCode);
    }
  }

  #judgeAudit(metadata: Metadata | undefined): PackageReport['audit'] {
    let part: AuditPart;
    try {
      part = readAuditFiles(this.#parts);
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.#say('audit-missing');
      return { state: 'missing', entries: 0, checkpoint: null };
    }
    const { checkpoint, proofs } = part;
    const state = this.#stateOf(checkpoint.keyId, PACKAGE_ENTRIES.auditKey, (verifier) =>
      proofs.every((proof) => isProved(proof, verifier)),
    );
    if (state === 'invalid') this.#say('audit-proof-invalid');
    if (state === 'unknown-key') this.#say('service-key-unknown', PACKAGE_ENTRIES.checkpoint);
    const events = proofs.map(({ entry }) => entry.event);
    const isOfContract = events.every(
      ({ subject }) => subject.kind === 'contract' && subject.id === metadata?.contractId,
    );
    const hasSigned = events.some(({ type }) => type === 'contract.signed');
    const seqs = proofs.map(({ entry }) => entry.seq);
    const isOrdered = seqs.every((seq, index) => seq > (seqs[index - 1] ?? 0));
    if (!isOfContract || !hasSigned || !isOrdered) this.#say('audit-incomplete');
    const { number, size, at, keyId } = checkpoint;
    return { state, entries: proofs.length, checkpoint: { number, size, at, keyId } };
  }

  /** Parts alone say nothing of what stands between them in the archive. */
  #isOriginal(): boolean {
    return equalBytes(writeArchive([...this.#parts]), this.#check.zip);
  }

  #read<T>(schema: z.ZodType<T>, name: string): T | undefined {
    const bytes = this.#parts.get(name);
    if (bytes === undefined) return undefined;
    try {
      return schema.safeParse(JSON.parse(bytesToUtf8(bytes))).data;
    } catch {
      return undefined;
    }
  }

  #part(name: string, state: PartState, code?: FindingCode): void {
    const bytes = this.#parts.get(name);
    this.#states.set(name, {
      name,
      state,
      sizeBytes: bytes?.length ?? null,
      sha256: bytes === undefined ? null : sha256Hex(bytes),
    });
    if (code !== undefined) this.#say(code, name);
  }

  #say(code: FindingCode, subject?: string): void {
    this.#messages.push(findingMessage(code, subject));
    this.#indication = weighed(this.#indication, code);
  }
}

function weighed(indication: Indication, code: FindingCode): Indication {
  if (weightOf(code) === 'failed') return 'TOTAL-FAILED';
  return indication === 'TOTAL-PASSED' ? 'INDETERMINATE' : indication;
}

/** SHA-256 of the annexes that the audit entries name, in their order. */
function authorisationsOf(parts: ReadonlyMap<string, Uint8Array>): readonly string[] {
  try {
    return readAuditFiles(parts)
      .proofs.filter(({ entry }) => entry.event.type === 'contract.agent-authorised')
      .map(({ entry }) => String(entry.event.details['authorisationSha256']));
  } catch (error) {
    // That the entries are missing is told elsewhere.
    if (isAppError(error)) return [];
    throw error;
  }
}

function isProved(proof: AuditPart['proofs'][number], verifier: CheckpointVerifier): boolean {
  try {
    assertProof(proof, verifier);
    return true;
  } catch (error) {
    if (isAppError(error)) return false;
    throw error;
  }
}
