/**
 * A folder as a trust store: anchors, intermediates, revocation lists and OCSP responses as files.
 * Subfolders `anchors/`, `intermediates/`, `crl/`, `ocsp/` say what a file is; in a flat folder a
 * certificate that issued itself is an anchor, any other an intermediate.
 *
 * A folder with a `profile.json` is a profile of its own, with all below it; what lies outside of
 * such folders makes one more profile, which is trusted for everything.
 */
import { readFileSync, readdirSync, statSync, type Dirent } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { AppError, bytesToLatin1, fromBase64, isAppError } from '../../kernel/index.js';
import { parseCertificate } from '../../pki/index.js';
import type { AnchorPeriod, TrustPeriod, TrustProfile, TrustStore } from '../trust-store.js';
import {
  DECLARATION_FILE,
  invalid,
  parseDeclaration,
  type ProfileDeclaration,
} from './profile-declaration.js';

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

  /**
   * The same profile objects as long as no file has changed, so that what was parsed stays parsed.
   * @throws AppError `trust-profile-invalid`
   */
  profiles(): Promise<readonly TrustProfile[]> {
    return Promise.resolve().then(() => {
      const files = listFiles(this.#directory);
      const stamp = files.map((file) => file.stamp).join('\n');
      if (stamp !== this.#stamp) {
        this.#profiles = readProfiles(this.#directory, files);
        this.#stamp = stamp;
      }
      return this.#profiles;
    });
  }
}

function isDeclaration(path: string): boolean {
  return basename(path) === DECLARATION_FILE;
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
    .filter(
      ({ path }) =>
        CERTIFICATES.test(path) || CRLS.test(path) || OCSPS.test(path) || isDeclaration(path),
    )
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function readProfiles(directory: string, files: readonly Found[]): readonly TrustProfile[] {
  const folders = files.filter(({ path }) => isDeclaration(path)).map(({ path }) => dirname(path));
  const filesOf = new Map<string, Found[]>([[directory, []]]);
  for (const folder of folders) filesOf.set(folder, []);
  for (const file of files) {
    if (isDeclaration(file.path)) continue;
    const [owner] = folders
      .filter((folder) => file.path.startsWith(folder + sep))
      .sort((a, b) => b.length - a.length);
    filesOf.get(owner ?? directory)?.push(file);
  }
  return [...filesOf].flatMap(([folder, own]) => {
    if (folders.includes(folder)) return [readDeclared(folder, own)];
    return own.length === 0 && folders.length > 0 ? [] : [readFolder(folder, own)];
  });
}

function readDeclared(folder: string, files: readonly Found[]): TrustProfile {
  const path = join(folder, DECLARATION_FILE);
  const declared = parseDeclaration(path, readFileSync(path, 'utf8'));
  return {
    ...readFolder(folder, files, declared),
    name: declared.name,
    ...(declared.usages === undefined ? {} : { usages: declared.usages }),
  };
}

function readFolder(
  folder: string,
  files: readonly Found[],
  declared?: ProfileDeclaration,
): TrustProfile {
  const anchorsDer: Uint8Array[] = [];
  const intermediatesDer: Uint8Array[] = [];
  const crlsDer: Uint8Array[] = [];
  const ocspDer: Uint8Array[] = [];
  const anchorPeriods: AnchorPeriod[] = [];
  const withoutAnchor = new Set(Object.keys(declared?.anchors ?? {}));
  for (const { path } of files) {
    if (statSync(path).size > MAX_FILE_BYTES) continue;
    const bytes = new Uint8Array(readFileSync(path));
    if (CRLS.test(path)) crlsDer.push(...derBlocks(bytes, 'X509 CRL'));
    else if (OCSPS.test(path)) ocspDer.push(bytes);
    else {
      const [top] = relative(folder, path).split(sep);
      const period = periodOf(declared, basename(path));
      for (const der of derBlocks(bytes, 'CERTIFICATE')) {
        const isAnchor = top === 'anchors' || (top !== 'intermediates' && issuedItself(der));
        (isAnchor ? anchorsDer : intermediatesDer).push(der);
        if (!isAnchor) continue;
        withoutAnchor.delete(basename(path));
        if (period !== undefined) anchorPeriods.push({ anchorDer: der, ...period });
      }
    }
  }
  const [missing] = withoutAnchor;
  if (missing !== undefined) {
    throw invalid(join(folder, DECLARATION_FILE), `no anchor in a file ${missing}`);
  }
  return {
    name: basename(resolve(folder)),
    anchorsDer,
    intermediatesDer,
    crlsDer,
    ocspDer,
    ...(anchorPeriods.length === 0 ? {} : { anchorPeriods }),
  };
}

function periodOf(
  declared: ProfileDeclaration | undefined,
  fileName: string,
): TrustPeriod | undefined {
  if (declared === undefined) return undefined;
  const { trustedFrom, trustedUntil } = declared.anchors?.[fileName] ?? declared;
  if (trustedFrom === undefined && trustedUntil === undefined) return undefined;
  return {
    ...(trustedFrom === undefined ? {} : { from: trustedFrom }),
    ...(trustedUntil === undefined ? {} : { until: trustedUntil }),
  };
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
