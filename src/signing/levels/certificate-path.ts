/** Finds the path of a certificate to a trust anchor, asking its issuers' addresses where one is missing. */
import { AppError, isAppError } from '../../kernel/index.js';
import {
  buildPaths,
  cachedCertificate,
  parseSignedData,
  validatePath,
  type Certificate,
  type CertificatePath,
  type PathFault,
} from '../../pki/index.js';
import type { CertificateSource } from '../../trust/index.js';
import type { ParsedProfile } from '../../verification/index.js';

/** Addresses asked for one path: a chain is short, and a mesh of them is somebody's joke. */
const MOST_FETCHES = 8;

export interface PathRequest {
  readonly target: Certificate;
  /** Certificates that came along; not trusted by themselves. */
  readonly embedded: readonly Certificate[];
  readonly profiles: readonly ParsedProfile[];
  readonly source: CertificateSource;
  /** The time at which the path must be valid. */
  readonly at: Date;
}

/**
 * @returns Target first, anchor last; the target alone where it is an anchor itself.
 * @throws AppError `certificate-chain-incomplete`, params `subject`, `problem`
 */
export async function findPath(request: PathRequest): Promise<CertificatePath> {
  const { target, source } = request;
  const known = [...request.embedded];
  const asked = new Set<string>();
  let fault: PathFault | undefined;
  for (;;) {
    const found = validPath(request, known);
    if ('path' in found) return found.path;
    fault ??= found.fault;
    const url = [target, ...known]
      .flatMap(({ extensions }) => extensions.caIssuersUrls)
      .find((each) => !asked.has(each));
    if (url === undefined || asked.size >= MOST_FETCHES) break;
    asked.add(url);
    known.push(...(await fetchCertificates(source, url)));
  }
  throw new AppError('certificate-chain-incomplete', 'no valid path to an anchor', {
    params: { subject: target.subject.text, problem: fault?.problem ?? 'no-path' },
  });
}

function validPath(
  { target, profiles, at }: PathRequest,
  known: readonly Certificate[],
): { readonly path: CertificatePath } | { readonly fault: PathFault | undefined } {
  let fault: PathFault | undefined;
  for (const profile of profiles) {
    for (const path of buildPaths({
      target,
      intermediates: [...known, ...profile.intermediates],
      anchors: profile.anchors.filter((anchor) => isTrustedAt(profile, anchor, at)),
    })) {
      const { isValid, faults } = validatePath(path, { at });
      if (isValid) return { path };
      fault ??= faults[0];
    }
  }
  return { fault };
}

function isTrustedAt(profile: ParsedProfile, anchor: Certificate, at: Date): boolean {
  const { from, until } = profile.periodOf(anchor) ?? {};
  return (from === undefined || from <= at) && (until === undefined || at <= until);
}

/** What does not answer, or is no certificate, leads nowhere; the path then is incomplete. */
async function fetchCertificates(source: CertificateSource, url: string): Promise<Certificate[]> {
  try {
    const bytes = await source.fetchCertificates(url);
    return certificatesIn(bytes);
  } catch (error) {
    if (isAppError(error)) return [];
    throw error;
  }
}

/** @see RFC 5280, 4.2.2.1: one certificate, or a certs-only CMS. */
function certificatesIn(bytes: Uint8Array): Certificate[] {
  try {
    return [cachedCertificate(bytes)];
  } catch (error) {
    if (!isAppError(error)) throw error;
    return parseSignedData(bytes).certificatesDer.map(cachedCertificate);
  }
}
