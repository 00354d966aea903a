/** A filing package against what a folder says is to be believed: the contract's signatures, and all parts around them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  PACKAGE_ENTRIES,
  packageAnswer,
  readArchive,
  verifyPackage,
  type PackageFileReport,
} from '../filing/index.js';
import { isAppError, sha256Hex } from '../kernel/index.js';
import type { TrustStore } from '../trust/index.js';
import {
  worseIndication,
  type SealRegister,
  type VerificationReport,
} from '../verification/index.js';
import { readPublicKeys, statementVerifier } from './data-folder/keys.js';

/** Public keys of services that a verifier believes, beside the anchors: as `/.well-known/jwks.json` has them. */
export const SERVICE_KEYS_FILE = 'jwks.json';

export interface PackageFileOptions {
  readonly fileName: string;
  readonly trust: Pick<TrustStore, 'profiles'>;
  /** Public keys of services that are believed, PEM. */
  readonly serviceKeys: readonly string[];
  /**
   * Verifies the contract inside.
   * @param seals - What the package says of the seals, where that is to be believed.
   */
  readonly verify: (
    pdf: Uint8Array,
    seals: { readonly seals?: SealRegister },
  ) => Promise<VerificationReport>;
}

/**
 * The report of the contract inside, with what was found of the package around it; its indication is
 * the worse of the two.
 *
 * @throws AppError `package-malformed`
 */
export async function verifyPackageFile(
  zip: Uint8Array,
  options: PackageFileOptions,
): Promise<PackageFileReport> {
  const { fileName, trust } = options;
  const archive = readArchive(zip);
  const document = archive.parts.get(PACKAGE_ENTRIES.document);
  const profiles = await trust.profiles();
  // What stands around the contract comes first: it tells whose word there is on the seals.
  const judged = verifyPackage({
    zip,
    archive,
    trusted: statementVerifier(options.serviceKeys.flatMap(readPublicKeys)),
    verifierOf: (pem) => statementVerifier(readPublicKeys(pem)),
    trustedAnchors: new Set(profiles.flatMap(({ anchorsDer }) => anchorsDer.map(sha256Hex))),
  });
  const { seals } = judged;
  const contract =
    document === undefined
      ? undefined
      : await unlessUnreadable(() =>
          options.verify(document, seals === undefined ? {} : { seals }),
        );
  const found = judged.conclude(contract);
  const messages = [...(contract?.messages ?? []), ...found.messages];
  const signatures = contract?.signatures ?? [];
  const ofContract = contract?.indication ?? 'NO-SIGNATURE';
  const indication =
    ofContract === 'NO-SIGNATURE' ? 'TOTAL-FAILED' : worseIndication(ofContract, found.indication);
  return {
    file: fileName,
    sha256: sha256Hex(zip),
    indication,
    revisions: contract?.revisions ?? 0,
    repaired: contract?.repaired ?? false,
    signatures,
    messages,
    answer: packageAnswer(indication, [
      ...found.messages,
      ...(contract === undefined
        ? []
        : [{ text: contract.answer.reason, textEn: contract.answer.reasonEn }]),
    ]),
    package: found,
  };
}

/** A contract that cannot be read is a finding about the package, not the end of looking at it. */
async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}

/**
 * The service keys that a trust folder says are to be believed, PEM; none where it names none.
 * @throws AppError `input-invalid` where they cannot be read
 */
export function trustedServiceKeys(trustDirectory: string): readonly string[] {
  const path = join(trustDirectory, SERVICE_KEYS_FILE);
  if (!existsSync(path)) return [];
  return readPublicKeys(readFileSync(path, 'utf8')).map((key) =>
    key.export({ type: 'spki', format: 'pem' }).toString(),
  );
}
