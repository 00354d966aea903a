/** Reads a package as a receiver would: bounded, and every file against the manifest. */
import { z } from 'zod';
import { PACKAGE_ENTRIES, PACKAGE_FORMAT, readArchive } from '../../filing/index.js';
import { AppError, bytesToUtf8, sha256Hex } from '../../kernel/index.js';

export interface ReceivedContract {
  readonly documentSha256: string;
  readonly contractNumber: string;
  readonly title: string;
  readonly regionCode: string;
}

const manifestSchema = z.object({
  format: z.literal(PACKAGE_FORMAT),
  version: z.number(),
  files: z.array(
    z.object({ name: z.string(), sizeBytes: z.number(), sha256: z.string().length(64) }),
  ),
});
const metadataSchema = z.object({
  contractNumber: z.string().min(1),
  title: z.string(),
  regionCode: z.string().regex(/^[0-9]{6}$/),
  document: z.object({ sha256: z.string().length(64) }),
});

/** @throws AppError `package-malformed`, `input-invalid` (both params `reason`) for a package that cannot be filed */
export function readPackage(zip: Uint8Array): ReceivedContract {
  const { parts: entries, duplicated } = readArchive(zip);
  if (duplicated.length > 0) throw unsuitable(`${duplicated.join(' ')} comes twice`);
  const manifest = parse(manifestSchema, entries, PACKAGE_ENTRIES.manifest);
  for (const { name, sizeBytes, sha256 } of manifest.files) {
    const bytes = entries.get(name);
    if (bytes?.length !== sizeBytes || sha256Hex(bytes) !== sha256) {
      throw unsuitable(`${name} is not as the manifest says`);
    }
  }
  const metadata = parse(metadataSchema, entries, PACKAGE_ENTRIES.metadata);
  const listed = manifest.files.find((file) => file.name === PACKAGE_ENTRIES.document);
  if (listed?.sha256 !== metadata.document.sha256) {
    throw unsuitable('the metadata are of another document');
  }
  return {
    documentSha256: listed.sha256,
    contractNumber: metadata.contractNumber,
    title: metadata.title,
    regionCode: metadata.regionCode,
  };
}

function parse<T>(schema: z.ZodType<T>, entries: ReadonlyMap<string, Uint8Array>, name: string): T {
  let json: unknown;
  try {
    json = JSON.parse(bytesToUtf8(entries.get(name) ?? new Uint8Array()));
  } catch (error) {
    throw unsuitable(`${name} is missing or no JSON`, error);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw unsuitable(`${name} is not as agreed`, parsed.error);
  return parsed.data;
}

function unsuitable(reason: string, cause?: unknown): AppError {
  return new AppError('input-invalid', reason, { params: { reason }, cause });
}
