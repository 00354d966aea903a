/**
 * What the service and the process that reads untrusted files say to each other. Everything is
 * plain data: it crosses by structured cloning.
 */
import { AppError, isAppError, type ErrorCode } from '../../kernel/index.js';
import type { DocumentCheckInput } from '../../contract/index.js';
import type { AdmissionPolicy } from '../../signing/index.js';

/** Ports that stay in the service; the process asks for their answers. */
export type PortName = 'trust' | 'crl' | 'ocsp' | 'seal' | 'sealStructure' | 'provedAt';

export interface VerifyJob {
  readonly kind: 'verify';
  readonly pdf: Uint8Array;
  readonly fileName: string;
  readonly at: Date;
  readonly now?: Date;
  /** Ports that the service has. */
  readonly ports: readonly PortName[];
}

/** A filing package: the contract inside is verified as by a `VerifyJob`, with the parts around it. */
export interface PackageJob extends Omit<VerifyJob, 'kind' | 'pdf'> {
  readonly kind: 'package';
  readonly zip: Uint8Array;
  /** Public keys of services that are believed, PEM. */
  readonly serviceKeys: readonly string[];
}

export interface InspectJob {
  readonly kind: 'inspect';
  readonly pdf: Uint8Array;
  readonly policy: AdmissionPolicy;
}

/** The checks before signing, of a document. */
export interface CheckJob {
  readonly kind: 'check';
  readonly pdf: Uint8Array;
  readonly policy: AdmissionPolicy;
  readonly input: Pick<DocumentCheckInput, 'data' | 'sealPlaces' | 'signatures'>;
}

/** The pages that changed since a revision. */
export interface CompareJob {
  readonly kind: 'compare';
  readonly pdf: Uint8Array;
  readonly revision: number;
}

/** What is seen of each signature. */
export interface SignaturesJob {
  readonly kind: 'signatures';
  readonly pdf: Uint8Array;
}

/** A Word document as blocks of text. */
export interface WordJob {
  readonly kind: 'word';
  readonly docx: Uint8Array;
}

/** The text of each page. */
export interface LinesJob {
  readonly kind: 'lines';
  readonly pdf: Uint8Array;
}

/** A scan of a physical seal. */
export interface SpecimenJob {
  readonly kind: 'specimen';
  readonly scan: Uint8Array;
  readonly widthMm: number;
}

export type Job =
  | VerifyJob
  | PackageJob
  | InspectJob
  | CheckJob
  | CompareJob
  | SignaturesJob
  | LinesJob
  | SpecimenJob
  | WordJob;

export interface WireError {
  /** Undefined for a fault of the program: its text is kept for the log. */
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly params: AppError['params'];
}

export type ToProcess =
  | { readonly type: 'job'; readonly job: Job }
  | { readonly type: 'answer'; readonly call: number; readonly outcome: Outcome };

export type FromProcess =
  | { readonly type: 'started' }
  | {
      readonly type: 'call';
      readonly call: number;
      readonly port: PortName;
      readonly args: readonly unknown[];
    }
  | { readonly type: 'done'; readonly outcome: Outcome };

export type Outcome = { readonly value: unknown } | { readonly error: WireError };

/** The outcome of `run`, whichever way it ends. */
export async function outcomeOf(run: () => unknown): Promise<Outcome> {
  try {
    return { value: await run() };
  } catch (error) {
    if (isAppError(error)) {
      return { error: { code: error.code, message: error.message, params: error.params } };
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { error: { code: undefined, message, params: {} } };
  }
}

/** @throws AppError as it was on the other side; Error for a fault of the program there */
export function valueOf(outcome: Outcome): unknown {
  if ('value' in outcome) return outcome.value;
  const { code, message, params } = outcome.error;
  throw code === undefined ? new Error(message) : new AppError(code, message, { params });
}
