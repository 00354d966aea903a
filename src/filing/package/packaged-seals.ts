/** What a package says of the seals that were used, as a register that a verifier can ask. */
import { z } from 'zod';
import { bytesToUtf8 } from '../../kernel/index.js';
import type { SealRegister } from '../../verification/index.js';
import { PACKAGE_ENTRIES } from './format.js';
import type { PackageReport } from './package-report.js';

const instant = z.iso.datetime().transform((text) => new Date(text));

const recordsSchema = z.array(
  z.object({
    code: z.string(),
    version: z.int().nullable(),
    name: z.string(),
    validFrom: instant,
    validUntil: instant,
    certificateSha256: z.array(z.string()),
    statusHistory: z.array(
      z.object({ at: instant, status: z.enum(['active', 'suspended', 'revoked']) }),
    ),
  }),
);

/**
 * The records count as far as the service that signed the package is believed: not without its manifest,
 * its audit entries and the part itself as they were signed, by a key that the verifier believes.
 *
 * @param found - Of the same package.
 * @returns `undefined` where nobody vouches for them, or they cannot be read
 */
export function packagedSeals(
  parts: ReadonlyMap<string, Uint8Array>,
  found: Pick<PackageReport, 'manifest' | 'audit' | 'parts'>,
): SealRegister | undefined {
  const { keyId, state } = found.manifest;
  const part = found.parts.find(({ name }) => name === PACKAGE_ENTRIES.seals);
  const isVouchedFor =
    state === 'valid' && found.audit.state === 'valid' && part?.state === 'intact';
  if (!isVouchedFor || keyId === null) return undefined;
  const records = recordsOf(parts.get(PACKAGE_ENTRIES.seals));
  if (records === undefined) return undefined;
  return {
    statedBy: keyId,
    find(code, version) {
      const record = records.find((each) => each.code === code && each.version === version);
      return Promise.resolve(record && { ...record, appearanceSha256: undefined });
    },
    // The records do not name structures.
    findStructure: () => Promise.resolve(undefined),
  };
}

function recordsOf(bytes: Uint8Array | undefined): z.infer<typeof recordsSchema> | undefined {
  try {
    return recordsSchema.safeParse(JSON.parse(bytesToUtf8(bytes ?? new Uint8Array()))).data;
  } catch {
    return undefined;
  }
}
