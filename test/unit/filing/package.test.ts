import { describe, expect, it } from '@jest/globals';
import { strFromU8, unzipSync } from 'fflate';
import type { ContractRecord } from '../../../src/contract/index.js';
import { buildPackage, type PackageContents } from '../../../src/filing/index.js';
import { sha256Hex, utf8ToBytes } from '../../../src/kernel/index.js';
import { auditPartOf } from '../../../src/filing/package/index.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';
import { packageContents, signedLog } from './package-contents.js';
import { FIRST_REVISION, SIGNED_DOCUMENT, byAgent, signedContract } from './signed-contract.js';

const CONTENTS = await packageContents();

/**
 * SHA-256 of the package above. A filing keeps its package, so a change here is allowed; but it must
 * be meant, and `PACKAGE_FORMAT_VERSION` grown if a reader would notice.
 */
const GOLDEN = '720e1c34f1fbacc5cf0ce4415276c4e1422c7ab163bae3039555f4bed4567978';

function filesOf(contents: PackageContents): Record<string, string> {
  const files = unzipSync(buildPackage(contents));
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
}

describe('buildPackage', () => {
  it('gives the golden bytes', () => {
    expect(sha256Hex(buildPackage(CONTENTS))).toBe(GOLDEN);
  });

  it('gives the same bytes from a record stored and read', () => {
    const contract = JSON.parse(JSON.stringify(CONTENTS.contract)) as ContractRecord;
    expect(sha256Hex(buildPackage({ ...CONTENTS, contract }))).toBe(GOLDEN);
  });

  it('dates every entry 1980-01-01 12:00, in whatever zone it is built', () => {
    const zip = buildPackage(CONTENTS);
    const times = new DataView(zip.buffer, zip.byteOffset).getUint32(10, true);
    expect(times).toBe(((1 << 21) | (1 << 16) | (12 << 11)) >>> 0);
  });

  it('gives the same bytes when the log has grown since, under later checkpoints', async () => {
    const log = await signedLog(openMemoryStore(), CONTENTS.contract);
    const audit = await auditPartOf(log, CONTENTS.contract.id);
    for (const type of ['contract.filing-started', 'contract.filed']) {
      const [{ entry }] = audit.proofs as [(typeof audit.proofs)[0]];
      await log.append([{ ...entry.event, id: `evt_${type}`, type }]);
      await log.checkpoint();
      const later = await auditPartOf(log, CONTENTS.contract.id);
      expect(sha256Hex(buildPackage({ ...CONTENTS, audit: later }))).toBe(GOLDEN);
    }
  });

  it('does not change with what happens to the contract after it was signed', () => {
    const contract = signedContract({ state: 'filing', version: 9, filing: { filingId: 'fil_x' } });
    expect(sha256Hex(buildPackage({ ...CONTENTS, contract }))).toBe(GOLDEN);
  });

  it('holds the authorisation of an agent, and tells of it', async () => {
    const contents = await packageContents(byAgent());
    const files = filesOf(contents);
    expect(files['authorisation.pdf']).toBe('%PDF-1.7 授权委托书');
    expect(JSON.parse(files['metadata.json']!)).toMatchObject({
      parties: [
        { agent: { authorisation: { sha256: sha256Hex(contents.authorisationBytes!) } } },
        {},
      ],
    });
    expect(files['README.txt']).toContain('authorisation.pdf');
    for (const authorisationBytes of [undefined, utf8ToBytes('another')]) {
      expect(() => buildPackage({ ...contents, authorisationBytes })).toThrow(
        expect.objectContaining({ code: 'blob-corrupt' }),
      );
    }
  });

  it('holds the signed bytes, and a manifest and checksums that fit every file', () => {
    const zip = unzipSync(buildPackage(CONTENTS));
    expect(Object.keys(zip)).toEqual([
      'README.txt',
      'contract.pdf',
      'data.json',
      'metadata.json',
      'seals.json',
      'seals/3701020000001-v2.svg',
      'validation.json',
      'validation/signer-1.pem',
      'validation/signer-2.pem',
      'validation/chain.pem',
      'validation/list-1.crl',
      'validation/response-1.ors',
      'validation/response-2.ors',
      'validation/timestamp-1.tst',
      'validation/timestamp-2.tst',
      'audit/entries.jsonl',
      'audit/proofs.json',
      'audit/checkpoint.json',
      'audit/checkpoint.sig',
      'keys/audit.pem',
      'keys/package.pem',
      'manifest.json',
      'manifest.sig',
      'SHA256SUMS',
    ]);
    expect(zip['contract.pdf']).toEqual(SIGNED_DOCUMENT);
    const manifest = JSON.parse(strFromU8(zip['manifest.json']!)) as {
      files: { name: string; sha256: string; sizeBytes: number }[];
    };
    expect(manifest.files.map((file) => file.name)).toEqual(Object.keys(zip).slice(0, -3));
    for (const file of manifest.files) {
      expect(sha256Hex(zip[file.name]!)).toBe(file.sha256);
      expect(zip[file.name]!.length).toBe(file.sizeBytes);
    }
    expect(strFromU8(zip['SHA256SUMS']!)).toContain(
      `${sha256Hex(zip['manifest.json']!)}  manifest.json\n`,
    );
  });

  it('says who signed with what', () => {
    const metadata = JSON.parse(filesOf(CONTENTS)['metadata.json'] ?? '') as object;
    expect(metadata).toMatchObject({
      contractNumber: 'SDGP370100-2026-0001',
      amount: '1409.50',
      currency: 'CNY',
      parties: [{ name: '示例市财政局' }, { name: '示例家具有限公司' }],
      document: { sha256: sha256Hex(SIGNED_DOCUMENT), sizeBytes: SIGNED_DOCUMENT.length },
      signatures: [
        { number: 1, revisionSha256: sha256Hex(FIRST_REVISION) },
        { number: 2, sealCode: '3701020000001', sealVersion: 2, level: 'B-LT' },
      ],
    });
    // Ids of our own store say nothing to a reader elsewhere.
    expect(JSON.stringify(metadata)).not.toContain('unit_buyer');
  });

  it.each([
    [1, '0.01'],
    [10, '0.10'],
    [100_000_000_000_099, '1000000000000.99'],
    [undefined, null],
  ])('writes %p fen as %p yuan', (amountFen, amount) => {
    const contract = { ...signedContract(), amountFen } as ContractRecord;
    const metadata = JSON.parse(
      filesOf({ ...CONTENTS, contract })['metadata.json'] ?? '',
    ) as object;
    expect(metadata).toMatchObject({ amount });
  });

  it('has no structured data for an uploaded document', () => {
    const contract = { ...signedContract(), data: undefined } as unknown as ContractRecord;
    const files = filesOf({ ...CONTENTS, contract });
    expect(files['data.json']).toBeUndefined();
    expect(files['SHA256SUMS']).not.toContain('  data.json');
  });

  it('refuses bytes that nobody signed, and a contract that nobody signed', () => {
    expect(() => buildPackage({ ...CONTENTS, documentBytes: utf8ToBytes('%PDF') })).toThrow(
      expect.objectContaining({ code: 'blob-corrupt' }),
    );
    const contract = signedContract({ signatures: [] });
    expect(() => buildPackage({ ...CONTENTS, contract })).toThrow(
      expect.objectContaining({ code: 'contract-transition-refused' }),
    );
  });
});
