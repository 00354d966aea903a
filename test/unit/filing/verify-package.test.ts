/** A package that was touched, in every way somebody may think of, and what is found. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deflateRawSync } from 'node:zlib';
import {
  buildPackage,
  readArchive,
  verifyPackage,
  type JudgedPackage,
  type PackageReport,
} from '../../../src/filing/index.js';
import { writeArchive, type Part } from '../../../src/filing/package/index.js';
import {
  AppError,
  bytesToUtf8,
  canonicalJson,
  isAppError,
  sha256Hex,
  utf8ToBytes,
} from '../../../src/kernel/index.js';
import { readPublicKeys, statementVerifier } from '../../../src/app/data-folder/keys.js';
import { openTrustFolder } from '../../../src/trust/file/index.js';
import { verifyPdf, type VerificationReport } from '../../../src/verification/index.js';
import {
  AUDIT_KEY,
  PACKAGE_KEY,
  TRUST_DIRECTORY,
  VECTOR_AT,
  packageContents,
  testKey,
  verifierOf,
} from './package-contents.js';
import { SIGNED_DOCUMENT, byAgent } from './signed-contract.js';

const CONTENTS = await packageContents();
const ZIP = buildPackage(CONTENTS);
const PARTS: readonly Part[] = [...readArchive(ZIP).parts];

let report: VerificationReport;
beforeAll(async () => {
  report = await verifyPdf(SIGNED_DOCUMENT, {
    fileName: 'contract.pdf',
    trust: openTrustFolder(TRUST_DIRECTORY),
    at: VECTOR_AT,
  });
});

const BELIEVED = [AUDIT_KEY, PACKAGE_KEY];

function partsJudged(zip: Uint8Array, trusted = BELIEVED): JudgedPackage {
  return verifyPackage({
    zip,
    archive: readArchive(zip),
    trusted: verifierOf(...trusted.map(({ publicKey }) => publicKey)),
    verifierOf: (pem) => statementVerifier(readPublicKeys(pem)),
    trustedAnchors: new Set(),
  });
}

const judged = (zip: Uint8Array, trusted = BELIEVED): PackageReport =>
  partsJudged(zip, trusted).conclude(report);

const codes = (found: PackageReport): readonly string[] => found.messages.map(({ code }) => code);

/** The package with its parts changed, zipped again as ours are. */
function withParts(change: (parts: Part[]) => readonly Part[]): Uint8Array {
  return writeArchive(change([...PARTS]));
}

function withPart(name: string, bytes: Uint8Array): Uint8Array {
  return withParts((parts) => parts.map((part) => (part[0] === name ? [name, bytes] : part)));
}

const partOf = (name: string): Uint8Array =>
  PARTS.find((part) => part[0] === name)?.[1] ?? new Uint8Array();

/** Everything a forger without the service's key can do again: digests, checksums, a key of its own. */
function forged(changes: Readonly<Record<string, Uint8Array>>, signer = testKey(9)): Uint8Array {
  const parts = new Map(PARTS);
  for (const [name, bytes] of Object.entries(changes)) parts.set(name, bytes);
  parts.set('keys/package.pem', utf8ToBytes(signer.publicKeyPem));
  const own = ['manifest.json', 'manifest.sig', 'SHA256SUMS'];
  const described = [...parts].filter(([name]) => !own.includes(name));
  const old = JSON.parse(bytesToUtf8(partOf('manifest.json'))) as object;
  const files = described.map(([name, bytes]) => ({
    name,
    sizeBytes: bytes.length,
    sha256: sha256Hex(bytes),
  }));
  const manifest = utf8ToBytes(canonicalJson({ ...old, keyId: signer.keyId, files }));
  const summed: Part[] = [
    ...described,
    ['manifest.json', manifest],
    ['manifest.sig', signer.sign(manifest)],
  ];
  const sums = summed.map(([name, bytes]) => `${sha256Hex(bytes)}  ${name}\n`).join('');
  return writeArchive([...summed, ['SHA256SUMS', utf8ToBytes(sums)]]);
}

describe('what a package says of its seals', () => {
  const saidBy = (zip: Uint8Array, trusted = BELIEVED) => partsJudged(zip, trusted).seals;

  it('counts on the word of a key that is believed, for the seals that it names', async () => {
    const seals = saidBy(ZIP);
    expect(seals?.statedBy).toBe(PACKAGE_KEY.keyId);
    expect(await seals?.find('3701020000001', 2)).toMatchObject({
      name: '示例市财政局',
      statusHistory: [{ at: new Date('2026-01-01T00:00:00Z'), status: 'active' }],
      validUntil: new Date('2029-01-01T00:00:00Z'),
    });
    expect(await seals?.find('3701020000001', 1)).toBeUndefined();
    expect(await seals?.find('3701020000002', 2)).toBeUndefined();
  });

  it('does not count where one key is not believed, or the records are not those signed', () => {
    expect(saidBy(ZIP, [AUDIT_KEY])).toBeUndefined();
    expect(saidBy(ZIP, [PACKAGE_KEY])).toBeUndefined();
    const text = bytesToUtf8(partOf('seals.json'));
    const changed = utf8ToBytes(text.replace('2029', '2039'));
    expect(saidBy(withPart('seals.json', changed))).toBeUndefined();
    expect(saidBy(forged({ 'seals.json': changed }))).toBeUndefined();
    expect(saidBy(forged({ 'seals.json': changed }, PACKAGE_KEY))).toBeDefined();
    const unreadable = utf8ToBytes('[{}]');
    expect(saidBy(forged({ 'seals.json': unreadable }, PACKAGE_KEY))).toBeUndefined();
  });
});

describe('verifyPackage', () => {
  it('finds nothing at fault with a package as it was built', () => {
    expect(judged(ZIP)).toMatchObject({
      indication: 'TOTAL-PASSED',
      version: 2,
      filingId: CONTENTS.filingId,
      manifest: { state: 'valid', keyId: PACKAGE_KEY.keyId },
      audit: { state: 'valid', entries: 6, checkpoint: { number: 1, size: 12 } },
      messages: [],
    });
    expect(new Set(judged(ZIP).parts.map(({ state }) => state))).toEqual(new Set(['intact']));
  });

  it('leaves undecided what a key vouches for that the verifier does not believe', () => {
    const found = judged(ZIP, []);
    expect(found).toMatchObject({
      indication: 'INDETERMINATE',
      manifest: { state: 'unknown-key' },
      audit: { state: 'unknown-key' },
    });
    expect(codes(found)).toEqual(['service-key-unknown', 'service-key-unknown']);
  });

  it('says which anchors the package names and the verifier believes', () => {
    const [anchor] = judged(ZIP).anchors;
    expect(anchor?.trusted).toBe(false);
    expect(anchor?.certificateSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each(PARTS.map(([name]) => name))('finds %s altered, missing and misnamed', (name) => {
    const bytes = partOf(name).slice();
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    expect(judged(withPart(name, bytes)).indication).toBe('TOTAL-FAILED');

    const without = judged(withParts((parts) => parts.filter((part) => part[0] !== name)));
    expect(without.indication).toBe('TOTAL-FAILED');
    expect(without.parts.find((part) => part.name === name)).toMatchObject({ state: 'missing' });

    const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
    const renamed = judged(
      withParts((parts) => parts.map((part) => (part[0] === name ? [other, part[1]] : part))),
    );
    expect(renamed.indication).toBe('TOTAL-FAILED');
    expect(renamed.parts.find((part) => part.name === other)).toMatchObject({ state: 'misnamed' });
  });

  it.each([
    ['notes.txt', 'extra', 'part-extra'],
    ['../../etc/passwd', 'unsafe-name', 'part-name-unsafe'],
    ['/etc/passwd', 'unsafe-name', 'part-name-unsafe'],
    ['C:\\windows\\x', 'unsafe-name', 'part-name-unsafe'],
    ['audit\\entries.jsonl', 'unsafe-name', 'part-name-unsafe'],
    ['contract.pdf\u0000.txt', 'unsafe-name', 'part-name-unsafe'],
  ])('finds an entry %j that nobody vouches for', (name, state, code) => {
    const found = judged(withParts((parts) => [...parts, [name, utf8ToBytes('x')]]));
    expect(codes(found)).toContain(code);
    expect(found.indication).toBe('TOTAL-FAILED');
    expect(found.parts).toContainEqual(expect.objectContaining({ name, state }));
  });

  it('finds an entry that is named as no other object would be', () => {
    const zip = withParts((parts) => [...parts, ['__prota__', utf8ToBytes('x')]]);
    const found = judged(renamed(zip, '__prota__', '__proto__'));
    expect(found.parts).toContainEqual(
      expect.objectContaining({ name: '__proto__', state: 'extra', sizeBytes: 1 }),
    );
    expect(found.indication).toBe('TOTAL-FAILED');
  });

  it('finds a part that is in the archive twice, whichever comes first', () => {
    for (const first of ['contract.pdf', 'Xontract.pdf']) {
      const second = first === 'contract.pdf' ? 'Xontract.pdf' : 'contract.pdf';
      const parts = PARTS.map((part): Part =>
        part[0] === 'contract.pdf' ? [first, part[1]] : part,
      );
      const zip = writeArchive([...parts, [second, utf8ToBytes('%PDF-1.7')]]);
      expect(codes(judged(renamed(zip, 'Xontract.pdf', 'contract.pdf')))).toContain(
        'part-duplicated',
      );
    }
  });

  it.each([
    ['a subject of another shape', '"subject":{"id"', '"subject":{"Id"'],
    ['no subject at all', '"subject":{', '"subjecT":{'],
    ['a number for a type', '"type":"contract.signed"', '"type":1234567890123456'],
    ['an entry that is no object', '{"event"', '["event"'],
  ])('finds an audit entry with %s', (_what, from, to) => {
    const entries = bytesToUtf8(partOf('audit/entries.jsonl'));
    expect(entries).toContain(from);
    const zip = withPart('audit/entries.jsonl', utf8ToBytes(entries.replace(from, to)));
    expect(codes(judged(zip))).toContain('audit-missing');
  });

  it('finds what is hidden between the entries, before and behind them', () => {
    const hidden = Buffer.concat([ZIP, Buffer.from('PK')]);
    // The comment's length has to say so, or it is no zip.
    hidden.writeUInt16LE(2, ZIP.length - 2);
    expect(judged(new Uint8Array(hidden))).toMatchObject({ indication: 'INDETERMINATE' });
    expect(codes(judged(new Uint8Array(hidden)))).toEqual(['container-repacked']);
  });

  it.each([
    [
      'metadata of another document',
      'metadata.json',
      /"sha256":"[0-9a-f]{4}/,
      '"sha256":"0000',
      'document-mismatch',
    ],
    [
      'metadata of another revision',
      'metadata.json',
      /"revisionSha256":"[0-9a-f]{4}/,
      '"revisionSha256":"0000',
      'revision-mismatch',
    ],
    [
      'metadata of another field',
      'metadata.json',
      '"fieldName":"buyer"',
      '"fieldName":"other"',
      'signatures-mismatch',
    ],
    ['another amount', 'metadata.json', '"1409.50"', '"14095.00"', 'data-mismatch'],
    [
      'another number',
      'data.json',
      '"id":"SDGP370100-2026-0001"',
      '"id":"SDGP370100-2026-0002"',
      'data-mismatch',
    ],
    [
      'a seal of another certificate',
      'seals.json',
      /"certificateSha256":\["[0-9a-f]{4}/,
      '"certificateSha256":["0000',
      'seal-mismatch',
    ],
    [
      'a seal that was stopped',
      'seals.json',
      '"statusAtSigning":"active"',
      '"statusAtSigning":"suspended"',
      'seal-not-active',
    ],
    [
      'an audit entry',
      'audit/entries.jsonl',
      'contract.party-signed',
      'contract.party-signet',
      'audit-proof-invalid',
    ],
    [
      'an audit path',
      'audit/proofs.json',
      /"path":\["[0-9a-f]{4}/,
      '"path":["0000',
      'audit-proof-invalid',
    ],
    ['a checkpoint', 'audit/checkpoint.json', '"size":12', '"size":13', 'audit-proof-invalid'],
    [
      'metadata of another contract',
      'metadata.json',
      CONTENTS.contract.id,
      'ctr_other',
      'audit-incomplete',
    ],
    [
      'metadata of another filing',
      'metadata.json',
      CONTENTS.filingId,
      'fil_other',
      'metadata-unreadable',
    ],
  ])('finds a forger out who made all digests anew around %s', (_, name, from, to, code) => {
    const text = bytesToUtf8(partOf(name)).replace(from, to);
    expect(text).not.toBe(bytesToUtf8(partOf(name)));
    const found = judged(forged({ [name]: utf8ToBytes(text) }));
    expect(codes(found)).toContain(code);
    expect(found.indication).toBe('TOTAL-FAILED');
  });

  it('does not take a forger at its word who contradicts nothing', () => {
    const found = judged(forged({ 'README.txt': utf8ToBytes('nothing to see') }));
    expect(found.indication).toBe('INDETERMINATE');
    expect(codes(found)).toEqual(['service-key-unknown']);
  });

  it('finds a manifest that names a believed key and is not signed by it', () => {
    const impostor = { ...testKey(9), keyId: PACKAGE_KEY.keyId };
    expect(codes(judged(forged({}, impostor)))).toContain('manifest-signature-invalid');
  });

  it('finds events left out of the audit part', () => {
    const lines = bytesToUtf8(partOf('audit/entries.jsonl')).trimEnd().split('\n');
    const paths = JSON.parse(bytesToUtf8(partOf('audit/proofs.json'))) as { paths: unknown[] };
    const found = judged(
      forged({
        'audit/entries.jsonl': utf8ToBytes(`${lines.slice(0, -1).join('\n')}\n`),
        'audit/proofs.json': utf8ToBytes(
          canonicalJson({ ...paths, paths: paths.paths.slice(0, -1) }),
        ),
      }),
    );
    expect(codes(found)).toContain('audit-incomplete');
  });
});

describe('readArchive', () => {
  it('does not unpack more than the limit, whatever the zip says', () => {
    const bomb = bombOf(300 * 1024 * 1024);
    expect(bomb.length).toBeLessThan(1024 * 1024);
    expect(() => readArchive(bomb)).toThrow(
      expect.objectContaining({ code: 'package-malformed', params: { reason: 'too-large' } }),
    );
    // The same, lying about its size.
    const liar = Buffer.from(bomb);
    liar.writeUInt32LE(10, liar.indexOf('PK\u0001\u0002', 0, 'latin1') + 24);
    const before = process.memoryUsage().arrayBuffers;
    try {
      readArchive(new Uint8Array(liar));
    } catch (error) {
      expect(isAppError(error, 'package-malformed')).toBe(true);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('refuses more entries than any package has', () => {
    const many = Array.from({ length: 600 }, (_, index): Part => [`n${index}`, new Uint8Array()]);
    expect(() => readArchive(writeArchive(many))).toThrow(
      expect.objectContaining({ params: { reason: 'too-many-parts' } }),
    );
  });

  it('refuses what is no zip, or the half of one', () => {
    for (const bytes of [new Uint8Array(), utf8ToBytes('%PDF-1.7'), ZIP.subarray(0, 5000)]) {
      expect(() => readArchive(bytes)).toThrow(
        expect.objectContaining({ params: { reason: 'not-a-zip' } }),
      );
    }
  });

  it('ends in a verdict, whatever byte of a part is changed', () => {
    // Binary parts are long and of one kind; most of what can go wrong is in the small ones.
    const small = PARTS.filter(([name]) => /\.(json|jsonl|pem|txt|sig)$|SUMS$/.test(name));
    fc.assert(
      fc.property(
        fc.constantFrom(...small),
        fc.nat(),
        fc.oneof(fc.constantFrom(...utf8ToBytes('{}[]",:0a ')), fc.nat(255)),
        ([name, bytes], at, value) => {
          const altered = bytes.slice();
          altered[at % bytes.length] = value;
          fc.pre(altered[at % bytes.length] !== bytes[at % bytes.length]);
          expect(judged(withPart(name, altered)).indication).not.toBe('TOTAL-PASSED');
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('ends in a verdict or a coded error, whatever bytes are changed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(ZIP.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (edits) => {
          const zip = ZIP.slice();
          for (const [at, value] of edits) zip[at] = value;
          fc.pre(sha256Hex(zip) !== sha256Hex(ZIP));
          try {
            expect(judged(zip).indication).not.toBe('TOTAL-PASSED');
          } catch (error) {
            if (!(error instanceof AppError)) throw error;
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** Entries renamed in place, to what no writer writes. The names are of one length. */
function renamed(zip: Uint8Array, from: string, to: string): Uint8Array {
  const bytes = Buffer.from(zip);
  for (let at = bytes.indexOf(from); at !== -1; at = bytes.indexOf(from)) bytes.write(to, at);
  return new Uint8Array(bytes);
}

/** A zip of one entry of zeros. */
function bombOf(sizeBytes: number): Uint8Array {
  const packed = deflateRawSync(Buffer.alloc(sizeBytes), { level: 9 });
  const name = Buffer.from('contract.pdf');
  const local = Buffer.alloc(30);
  local.write('PK\u0003\u0004', 0, 'latin1');
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt32LE(sizeBytes, 22);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.write('PK\u0001\u0002', 0, 'latin1');
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(sizeBytes, 24);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + name.length, 12);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return new Uint8Array(Buffer.concat([local, name, packed, central, name, end]));
}

describe('a package of a contract that an agent signed for the buyer', () => {
  it('has the annex that metadata and audit entries name', async () => {
    const contents = await packageContents(byAgent());
    expect(codes(judged(buildPackage(contents)))).toEqual([]);
    const { proofs } = contents.audit;
    const unlogged = proofs.filter(({ entry }) => entry.event.type !== 'contract.agent-authorised');
    const audit = { ...contents.audit, proofs: unlogged };
    expect(codes(judged(buildPackage({ ...contents, audit })))).toEqual(['authorisation-mismatch']);
  });
});
