/** From a seal file to a report: what `seal verify` says. */
import { parseSeal } from '../eseal/index.js';
import type { RevocationSource, TrustStore } from '../trust/index.js';
import type { CertificateVerdict, Indication, ReportMessage, SubIndication } from './report.js';
import { checkSealStructure } from './seal-structure.js';

export interface SealReport {
  readonly file: string;
  readonly indication: Indication;
  readonly subIndication: SubIndication | null;
  readonly code: string;
  readonly name: string;
  readonly status: 'valid' | 'expired' | 'not-yet-valid' | 'unknown';
  readonly maker: {
    readonly subject: string | null;
    readonly certificate: CertificateVerdict | null;
  };
  readonly messages: readonly ReportMessage[];
}

export interface VerifySealOptions {
  readonly fileName: string;
  readonly trust: TrustStore;
  /** Validate as of this instant. */
  readonly at: Date;
  /** Absent: only what the trust store holds. */
  readonly revocation?: RevocationSource;
}

/** @throws AppError `eseal-malformed`, params `offset` */
export async function verifySeal(der: Uint8Array, options: VerifySealOptions): Promise<SealReport> {
  const seal = parseSeal(der);
  const check = await checkSealStructure({
    seal,
    at: options.at,
    trust: options.trust,
    revocation: options.revocation,
  });
  return {
    file: options.fileName,
    indication: check.indication,
    subIndication: check.subIndication,
    code: seal.info.esID,
    name: seal.info.property.name,
    status: check.status,
    maker: { subject: check.makerSubject, certificate: check.maker },
    messages: check.messages,
  };
}
