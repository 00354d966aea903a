/**
 * Files that products of many houses signed, as EU DSS publishes them with its own tests: what is
 * sound is not refused, what was altered is, and nothing takes long. Their authorities are not
 * known here, so that the best verdict there is, is INDETERMINATE.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { unzipSync } from 'fflate';
import { buildJavaTool } from '../../../scripts/java-tool.mjs';
import { isAppError } from '../../../src/kernel/index.js';
import { verifyPdf } from '../../../src/verification/index.js';
import { whereThereIs } from './peers.js';

/** What is refused, and for what it was published or what is wrong with it. */
const REFUSED: Readonly<Record<string, string>> = {
  'validation/51sigs.pdf': 'pictures of later signatures hide the text that earlier ones signed',
  'validation/lt-short.pdf': 'looks of later signatures hide amounts that earlier ones signed',
  'validation/timestamped-fields.pdf': 'a document time-stamp, which anybody gets, shows a picture',
  'validation/Signature-P-DE_SCI-4.pdf':
    'an object the signed page refers to is defined afterwards',
  'validation/test-with-vri.pdf': 'a field is filled in that the signature locks (FieldMDP, All)',
  'validation/DSS-2155.pdf': 'the CMS cannot be read',
  'validation/pdf-with-empty-sig.pdf': 'there is no CMS',
  'validation/pdf-with-two-empty-sigs.pdf': 'there is no CMS',
  'validation/pades-enveloping-cms.pdf': 'the CMS holds content of its own',
  'validation/pdf-double-signer-info.pdf': 'the CMS has two signers',
  'validation/pkcs7_sha1.pdf': 'an annotation that was signed is changed',
  'validation/siwa.pdf': 'the gap is larger than the signature value',
  'validation/dss-818/Signature-P-SK-1 (HASH_FAILURE).pdf': 'published for its altered bytes',
  'validation/dss-2236/annotation-and-visible-change.pdf': 'published for its alterations',
  'validation/dss-2236/hide.pdf': 'published for its shadow content',
  'validation/dss-2236/replace.pdf': 'published for its shadow content',
  'validation/hello_signed_INCSAVE_signed_EDITED.pdf': 'published for its alteration',
  'validation/modified_after_signature.pdf': 'published for its alteration',
  'validation/pades-lta-copied-doctst.pdf': 'published for a copied time-stamp',
  'validation/pades-t-duplicated-doctst.pdf': 'published for a copied time-stamp',
  'validation/pades-spoofing-replaced-reason.pdf': 'published for its alteration',
  'validation/pdf-byterange-overlap.pdf': 'published for its byte range',
  'validation/pdf-eof.pdf': 'published for its byte range',
  'validation/pdf-removed-pages.pdf': 'published for its removed pages',
  'validation/pdf-signed-added-page.pdf': 'published for its added page',
  'validation/pdf-signed-out-of-byteRange.pdf': 'published for its byte range',
  'validation/pdf-spoofing-attack.pdf': 'published for its alteration',
};

/** What is not read at all. */
const NOT_READ: Readonly<Record<string, string>> = {
  'validation/malformed-pades.pdf': 'pdf-not-a-pdf',
  'protected/open_protected.pdf': 'pdf-encrypted',
  'protected/protected_two_empty_fields.pdf': 'pdf-encrypted',
};

const archive = findArchive();

function findArchive(): string | undefined {
  const tool = buildJavaTool('dss');
  if ('skipped' in tool) {
    console.warn(`skipped: files published with EU DSS: ${tool.skipped}`);
    return undefined;
  }
  const jars = join(dirname(tool.classPath.split(':')[0] ?? ''), 'jars');
  const name = existsSync(jars)
    ? readdirSync(jars).find((each) => /^dss-pades-.*-tests\.jar$/.test(each))
    : undefined;
  return name === undefined ? undefined : join(jars, name);
}

async function judge(pdf: Uint8Array): Promise<string> {
  try {
    const report = await verifyPdf(pdf, {
      fileName: 'a.pdf',
      trust: { profiles: () => Promise.resolve([]) },
      at: new Date('2026-11-25T00:00:00Z'),
    });
    return report.indication;
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
}

whereThereIs(
  archive !== undefined,
  'Maven',
  describe,
)('files published with EU DSS', () => {
  it('are refused for what is wrong with them, and for nothing else', async () => {
    const files = unzipSync(new Uint8Array(readFileSync(archive ?? '')), {
      filter: ({ name }) => name.endsWith('.pdf'),
    });
    const names = Object.keys(files).sort();
    expect(names.length).toBeGreaterThan(180);
    const found: Record<string, string> = {};
    for (const name of names) found[name] = await judge(files[name] ?? new Uint8Array(0));
    const withVerdict = (isIt: (verdict: string) => boolean): readonly string[] =>
      names.filter((name) => isIt(found[name] ?? ''));
    expect(withVerdict((verdict) => verdict === 'TOTAL-FAILED')).toEqual(
      Object.keys(REFUSED).sort(),
    );
    expect(
      Object.fromEntries(
        withVerdict((verdict) => verdict.startsWith('pdf-')).map((name) => [name, found[name]]),
      ),
    ).toEqual(NOT_READ);
    // No authority is trusted here.
    expect(withVerdict((verdict) => verdict === 'TOTAL-PASSED')).toEqual([]);
    expect(withVerdict((verdict) => verdict === 'INDETERMINATE').length).toBeGreaterThan(90);
  });
});
