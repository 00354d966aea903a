/**
 * What the commands need from the rest of the product, handed in by `app`: entrances know the
 * domain and the ports, not the adapters behind them.
 */
import type { CheckFinding } from '../contract/index.js';
import type { ByteSource, Clock, DigestAlgorithm, Secret } from '../kernel/index.js';
import type { SigningKey, TokenProvider } from '../token/index.js';
import type { TrustStore } from '../trust/index.js';
import type { AdmissionFinding, AdmissionPolicy, Level } from '../signing/index.js';
import type { CleanSpecimen, SealDescription, SealDrawing } from '../seal/index.js';
import type { Placement } from '../signing/index.js';
import type { PackageFileReport } from '../filing/index.js';
import type { SealRegister, SealReport, VerificationReport } from '../verification/index.js';
import type { SecretSources } from './secret-entry.js';

/** A file that begins with the bytes of another and has not taken its name yet. Disposed of uncommitted, it leaves nothing. */
export interface DraftFile extends Disposable {
  /**
   * Copies the original beside the place of the new file. The source it returns reads the copy, and
   * keeps its hashes by `algorithms`, taken while it was made.
   *
   * @throws AppError `store-unavailable`, `input-invalid` where the folder cannot be written
   */
  fill(algorithms: readonly DigestAlgorithm[]): Promise<ByteSource>;
  /** Appends, syncs, and takes the name. @throws AppError `store-unavailable` */
  commit(appended: Uint8Array): Promise<void>;
}

export interface FileAccess {
  /** @throws AppError `file-not-found` */
  read(path: string): Uint8Array;
  exists(path: string): boolean;
  /** Random access without reading the whole. @throws AppError `file-not-found` */
  open(path: string): ByteSource & Disposable;
  /** Begins a file at `path` with the bytes of `original`. @throws AppError `file-not-found` */
  draft(original: string, path: string): DraftFile;
  /** Writes `base` and `appended` to a new file, by a temporary name, fsync and rename. */
  writeAppended(path: string, base: ByteSource, appended: Uint8Array): void;
  makeDirectory(path: string): void;
  /** Writes by a temporary name, fsync and rename; `mode` is the file's permission bits. */
  write(path: string, bytes: Uint8Array, mode?: number): void;
}

/** What a signature says and how it is made. */
export interface SignatureRequest {
  /** The key's own where absent: the curve's for ECDSA, SHA-256 for RSA. */
  readonly digest?: 'sha256' | 'sha384' | 'sha512';
  readonly isPss: boolean;
  readonly field?: string;
  readonly certify?: 'no-changes' | 'form-filling' | 'annotations';
  /** Form fields, by whole hierarchical names, that may not be filled once this is signed. */
  readonly lock?: {
    readonly action: 'All' | 'Include' | 'Exclude';
    readonly fields: readonly string[];
  };
  readonly reason?: string;
  readonly location?: string;
  readonly name?: string;
  /** Kinds of content that are signed although the policy refuses them; none where absent. */
  readonly allow?: AdmissionPolicy;
}

/** What is seen of a signature, and where. */
export interface AppearanceRequest {
  /** A drawing of ours, a picture file (SVG, PNG, JPEG), or a seal's structure with its picture. */
  readonly picture?:
    | { readonly drawing: SealDrawing }
    | { readonly file: Uint8Array }
    | { readonly seal: Uint8Array };
  /** Lines of text under it, or alone. */
  readonly lines: readonly string[];
  /** Whether the claimed date is the last of them. */
  readonly isDated: boolean;
  /** Empty: in the field that is named. */
  readonly placements: readonly Placement[];
  /** Width on paper; the drawing's own where absent. */
  readonly widthMm?: number;
}

/** A level above B-B, and what reaching it needs. */
export interface LevelRequest {
  readonly level: Exclude<Level, 'B-B'>;
  /** Asked in this order. */
  readonly tsaUrls: readonly string[];
  readonly trust: TrustStore;
}

export interface SignFileRequest extends SignatureRequest {
  readonly source: ByteSource;
  /** Of an encrypted file. */
  readonly password?: Secret;
  readonly key: SigningKey;
  readonly appearance?: AppearanceRequest;
  /** B-B where absent. */
  readonly level?: LevelRequest;
}

/** What is known of a signature before its key is opened. */
export type SignableRequest = Pick<SignFileRequest, 'source' | 'appearance'> & SignatureRequest;

export interface SignedFile {
  readonly appended: Uint8Array;
  readonly fieldName: string;
  readonly signer: string;
  /** What the document holds besides its pages. */
  readonly findings: readonly AdmissionFinding[];
}

export interface PrepareFileRequest extends SignatureRequest {
  readonly source: ByteSource;
  /** Of an encrypted file. */
  readonly password?: Secret;
  /** PEM or DER files: the signer's certificate first, then those that issued it. */
  readonly certificates: readonly Uint8Array[];
  readonly appearance?: AppearanceRequest;
  /** That the file will be completed at; B-B where absent. Nothing of it is kept in the file but room. */
  readonly level?: LevelRequest;
}

/** A file that waits for a signature value, and what the key has to sign. */
export interface PreparedFile {
  readonly appended: Uint8Array;
  readonly fieldName: string;
  readonly signer: string;
  /** What the document holds besides its pages. */
  readonly findings: readonly AdmissionFinding[];
  /** Hex, of the signed attributes: for keys that take a digest. */
  readonly digest: string;
  readonly digestAlgorithm: string;
  /** Base64 of the DER that is signed: for keys that take the message. */
  readonly signedAttributes: string;
  readonly algorithm: string;
  /** Length of the salt that RSASSA-PSS has to use. */
  readonly saltBytes: number | undefined;
  /** Of the whole prepared file, lower-case hex. */
  readonly preparedSha256: string;
  readonly expiresAt: string;
}

export interface CompleteFileRequest {
  /** The prepared file. */
  readonly source: ByteSource;
  readonly password?: Secret;
  /** Content of the signature file: the value, or its hex or base64. */
  readonly signature: Uint8Array;
  /** B-B where absent. */
  readonly level?: LevelRequest;
  /** Writes the signed file; the wait is over when it has returned. */
  readonly keep: (base: ByteSource, appended: Uint8Array) => void;
}

export type CompletedFile = Pick<SignedFile, 'fieldName' | 'signer'>;

export interface LocateResult {
  readonly pageCount: number;
  readonly hits: readonly LocatedText[];
  /** Pages with characters whose fonts do not say what they read as: there the answer is not certain. */
  readonly uncertainPages: readonly { readonly pageIndex: number; readonly characters: number }[];
}

/** One place of a text, in points from the bottom left of the page as shown. */
export interface LocatedText {
  /** 0 is the first page. */
  readonly pageIndex: number;
  readonly rect: SeenRectangle;
  /** In the file's own coordinates. */
  readonly userRect: SeenRectangle;
  readonly isHidden: boolean;
}

export interface SeenRectangle {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface ExtendFileRequest {
  readonly source: ByteSource;
  /** Of an encrypted file. */
  readonly password?: Secret;
  readonly level: LevelRequest;
}

export interface ExtendedFile {
  /** Empty where the file needs nothing. */
  readonly appended: Uint8Array;
  readonly fields: readonly string[];
  /** The newest document time-stamp is to be renewed before this. */
  readonly renewBefore: Date | undefined;
}

export interface MakeSealFileRequest {
  /** 4: GB/T 38540-2020, 5: GM/T 0031-2025. */
  readonly version: 4 | 5;
  readonly name: string;
  readonly code: string;
  readonly isPersonal: boolean;
  /** PNG, JPG, GIF, BMP or SVG. */
  readonly picture: Uint8Array;
  readonly widthMm: number;
  readonly heightMm: number;
  /** DER or PEM each. */
  readonly certificates: readonly Uint8Array[];
  readonly listing: 'certificates' | 'digests';
  readonly createdAt: Date;
  readonly validFrom: Date;
  readonly validUntil: Date;
  readonly maker: SigningKey;
}

/** What a signature that was made before must be. */
export interface SignedBy {
  readonly certificateDer: Uint8Array;
  readonly level: Level;
  /** For time-stamps and evidence; needed above B-B. */
  readonly trust?: TrustStore;
}

export interface PkiCommands {
  init(
    directory: string,
    baseUrl: string | undefined,
  ): Promise<{ readonly files: readonly string[] }>;
  issueP12(
    directory: string,
    subject: string,
    p12Path: string,
    password: Secret,
    options: {
      readonly key: 'rsa-2048' | 'rsa-3072' | 'ec-p256' | 'ec-p384' | 'sm2';
      readonly profile: 'signing' | 'encryption' | 'seal-maker';
      readonly days: number;
    },
  ): Promise<{ readonly serial: string; readonly p12: string; readonly certificate: string }>;
  issueCsr(
    directory: string,
    csrPath: string,
    outPath: string,
    options: { readonly days: number },
  ): Promise<{ readonly serial: string; readonly certificate: string }>;
  revoke(
    directory: string,
    serial: string,
    reason: string | undefined,
  ): Promise<{ readonly serial: string; readonly revokedAt: string }>;
  /** Serves until `stop` is called. */
  serve(directory: string, port: number): Promise<{ readonly url: string; stop(): Promise<void> }>;
}

export interface QuickstartOptions {
  readonly dataDirectory: string;
  readonly port: number | undefined;
  /** Ends after the run instead of serving on. */
  readonly isOnce: boolean;
  readonly progress: (text: string) => void;
}

export interface RunningService {
  readonly url: string;
  stop(): Promise<void>;
}

export interface QuickstartResult {
  readonly contractId: string;
  readonly filingNumber: string;
  readonly indication: string;
  readonly files: Readonly<Record<string, string>>;
  readonly urls: Readonly<Record<string, string>>;
  readonly service: RunningService | undefined;
}

/** What is found of an audit log or of a proof from it. */
export interface AuditReport {
  readonly isWhole: boolean;
  readonly size?: number;
  readonly rootHash?: string;
  readonly checkpoints?: number;
  readonly exported?: number;
  readonly witnessed?: number;
  readonly fault: { readonly text: string; readonly textEn: string } | null;
}

export interface CliRuntime {
  readonly clock: Clock;
  readonly files: FileAccess;
  readonly secrets: SecretSources;
  readonly version: string;
  /** Resolves when the process is asked to end (SIGINT, SIGTERM). */
  untilStopped(): Promise<void>;
  openTrust(directory: string): Promise<TrustStore>;
  /** UKeys in `modules`, or in the configured ones where the list is empty. */
  openTokens(modules: readonly string[]): Promise<TokenProvider>;
  openPkcs12(der: Uint8Array, password: Secret): Promise<SigningKey>;
  /** Whether the PDF is encrypted and does not open without a password. */
  needsPassword(source: ByteSource): Promise<boolean>;
  /**
   * Refuses what `sign` would refuse whatever the key, for a file that opens without a password.
   * @throws AppError as reading, admission and placing an appearance do
   */
  assertSignable(request: SignableRequest): Promise<void>;
  sign(request: SignFileRequest): Promise<SignedFile>;
  /**
   * Whether `signed` is `original` with a sound signature of the certificate behind it, at `level`
   * or above. Trust in the certificate is not judged.
   */
  isSignedCopy(original: ByteSource, signed: ByteSource, by: SignedBy): Promise<boolean>;
  prepare(request: PrepareFileRequest): Promise<PreparedFile>;
  complete(request: CompleteFileRequest): Promise<CompletedFile>;
  extend(request: ExtendFileRequest): Promise<ExtendedFile>;
  /** @throws AppError `renderer-missing` */
  assertRenderer(): Promise<void>;
  /**
   * Pictures of every page that looks otherwise than when a signature was made; returns their files.
   * @throws AppError `input-invalid` where a page cannot be drawn
   */
  writePageDifferences(
    source: ByteSource,
    report: VerificationReport,
    directory: string,
  ): Promise<readonly string[]>;
  verify(
    source: ByteSource,
    options: {
      readonly fileName: string;
      readonly trust: TrustStore;
      readonly at: Date | undefined;
      readonly isOffline: boolean;
      /** Of an encrypted file. */
      readonly password?: Secret;
      /** What is known of the seals; absent: nothing. */
      readonly seals?: SealRegister;
    },
  ): Promise<VerificationReport>;
  /**
   * A filing package: the contract inside, and all parts around it.
   * @param trustDirectory - anchors, and the services' published keys (`jwks.json`)
   * @throws AppError `package-malformed`, `file-not-found`
   */
  verifyPackage(
    zip: Uint8Array,
    options: {
      readonly fileName: string;
      readonly trust: TrustStore;
      readonly trustDirectory: string;
      readonly at: Date | undefined;
      readonly isOffline: boolean;
    },
  ): Promise<PackageFileReport>;
  /**
   * Pages and positions of a text.
   *
   * @throws AppError as reading the file does
   */
  locate(source: ByteSource, keyword: string, password: Secret | undefined): Promise<LocateResult>;
  /** The report as a PDF, verified at `at`; now where absent. */
  renderReport(report: VerificationReport, at: Date | undefined): Promise<Uint8Array>;
  drawSeal(options: {
    readonly name: string;
    readonly kind: string;
    readonly code: string | undefined;
    readonly isSpecimen: boolean;
  }): Promise<SealDrawing>;
  /** The drawing as a file of the kind that `path` ends in. */
  exportSeal(drawing: SealDrawing, kind: 'svg' | 'png' | 'pdf', dpi: number): Promise<Uint8Array>;
  /** A scan of a seal as its picture. @throws AppError `specimen-unsuitable`, `picture-*`, `input-invalid` */
  cleanSpecimen(scan: Uint8Array, widthMm: number): Promise<CleanSpecimen>;
  /** @throws AppError `input-invalid`, `certificate-*`, `algorithm-unsupported`, and what the key throws */
  makeSeal(request: MakeSealFileRequest): Promise<Uint8Array>;
  /** What a seal says of itself, and its picture. @throws AppError `eseal-malformed` */
  inspectSeal(
    der: Uint8Array,
  ): Promise<{ readonly description: SealDescription; readonly picture: Uint8Array }>;
  /** @throws AppError `eseal-malformed` */
  verifySeal(
    der: Uint8Array,
    options: {
      readonly fileName: string;
      readonly trust: TrustStore;
      readonly at: Date | undefined;
      readonly isOffline: boolean;
    },
  ): Promise<SealReport>;
  renderContract(
    templateId: string,
    data: unknown,
  ): Promise<{ readonly pdf: Uint8Array; readonly pageCount: number }>;
  /** A Word document set as a PDF. @throws AppError `word-unreadable`, `word-not-admitted`, `glyph-missing` */
  setWord(
    bytes: Uint8Array,
    title: string,
  ): Promise<{
    readonly pdf: Uint8Array;
    readonly pageCount: number;
    readonly notices: readonly {
      readonly kind: string;
      readonly text: string;
      readonly textEn: string;
    }[];
  }>;
  checkContract(data: unknown): Promise<readonly CheckFinding[]>;
  /** @param data - What the document should say; the document alone is checked where undefined. */
  checkContractPdf(pdf: Uint8Array, data: unknown): Promise<readonly CheckFinding[]>;
  readonly pki: PkiCommands;
  /**
   * Of a data folder with its own database, or of the service that a file configures.
   * @throws AppError `file-not-found`, `input-invalid`, `config-invalid`, `store-unavailable`
   */
  verifyAudit(
    place: { readonly dataDirectory: string } | { readonly configFile: string },
    options: { readonly keyFile?: string; readonly witnessFiles?: readonly string[] },
  ): Promise<AuditReport>;
  /** A proof that was handed out, against the published key. @throws AppError `file-not-found`, `input-invalid` */
  verifyAuditProof(proofFile: string, keyFile: string): Promise<AuditReport>;
  backup(
    dataDirectory: string,
    outPath: string,
  ): Promise<{ readonly records: number; readonly blobs: number }>;
  restore(
    archivePath: string,
    dataDirectory: string,
  ): Promise<{ readonly records: number; readonly blobs: number }>;
  serve(configFile: string | undefined): Promise<RunningService>;
  quickstart(options: QuickstartOptions): Promise<QuickstartResult>;
}
