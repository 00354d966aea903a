/**
 * A folder as a trust store: anchors, intermediates, revocation lists and OCSP responses as files.
 * Subfolders `anchors/`, `intermediates/`, `crl/`, `ocsp/` say what a file is; in a flat folder a
 * certificate that issued itself is an anchor, any other an intermediate.
 */
import { readFileSync, readdirSync, statSync, type Dirent } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { AppError, bytesToLatin1, fromBase64, isAppError } from '../../kernel/index.js';
import { parseCertificate } from '../../pki/index.js';
import type { TrustProfile, TrustStore } from '../trust-store.js';

const MAX_FILES = 10_000;
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const CERTIFICATES = /\.(pem|crt|cer|der)$/i;
const CRLS = /\.crl$/i;
const OCSPS = /\.(ors|ocsp)$/i;

interface Found {
  readonly path: string;
  readonly stamp: string;
}

/** @throws AppError `file-not-found` where there is no such folder */
export function openTrustFolder(directory: string): TrustStore {
  return new TrustFolder(directory);
}

class TrustFolder implements TrustStore {
  readonly #directory: string;
  #stamp: string | undefined;
  #profiles: readonly TrustProfile[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The same profile object as long as no file has changed, so that what was parsed stays parsed. */
  profiles(): Promise<readonly TrustProfile[]> {
    return Promise.resolve().then(() => {
      const files = listFiles(this.#directory);
      const stamp = files.map((file) => file.stamp).join('\n');
      if (stamp !== this.#stamp) {
        this.#profiles = [readProfile(this.#directory, files)];
        this.#stamp = stamp;
      }
      return this.#profiles;
    });
  }
}

function listFiles(directory: string): readonly Found[] {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  } catch (error) {
    throw new AppError('file-not-found', 'no such folder', {
      params: { file: directory },
      cause: error,
    });
  }
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .slice(0, MAX_FILES)
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mtimeMs, size } = statSync(path);
      return { path, stamp: `${path} ${mtimeMs} ${size}` };
    })
    .filter(({ path }) => CERTIFICATES.test(path) || CRLS.test(path) || OCSPS.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function readProfile(directory: string, files: readonly Found[]): TrustProfile {
  const anchorsDer: Uint8Array[] = [];
  const intermediatesDer: Uint8Array[] = [];
  const crlsDer: Uint8Array[] = [];
  const ocspDer: Uint8Array[] = [];
  for (const { path } of files) {
    if (statSync(path).size > MAX_FILE_BYTES) continue;
    const bytes = new Uint8Array(readFileSync(path));
    if (CRLS.test(path)) crlsDer.push(...derBlocks(bytes, 'X509 CRL'));
    else if (OCSPS.test(path)) ocspDer.push(bytes);
    else {
      const [top] = relative(directory, path).split(sep);
      for (const der of derBlocks(bytes, 'CERTIFICATE')) {
        const isAnchor = top === 'anchors' || (top !== 'intermediates' && issuedItself(der));
        (isAnchor ? anchorsDer : intermediatesDer).push(der);
      }
    }
  }
  return { name: directory, anchorsDer, intermediatesDer, crlsDer, ocspDer };
}

/** A certificate that does not parse is nobody's anchor. */
function issuedItself(der: Uint8Array): boolean {
  try {
    return parseCertificate(der).isSelfIssued;
  } catch (error) {
    if (isAppError(error)) return false;
    throw error;
  }
}

/** The DER in `bytes`: of every PEM block with `label`, or `bytes` themselves. */
function derBlocks(bytes: Uint8Array, label: string): readonly Uint8Array[] {
  const text = bytesToLatin1(bytes);
  if (!text.includes('-----BEGIN ')) return [bytes];
  const blocks = text.matchAll(
    new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'g'),
  );
  return [...blocks].flatMap(([, body]) => {
    const der = fromBase64((body ?? '').replace(/\s/g, ''));
    return der === undefined ? [] : [der];
  });
}
