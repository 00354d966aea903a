import { beforeAll, describe, expect, it } from '@jest/globals';
import { completeFile, prepareFile } from '../../../../src/app/file-commands/held-file.js';
import type { PreparedFile } from '../../../../src/cli/index.js';
import {
  ConcatSource,
  MemorySource,
  concatBytes,
  digestBytes,
  equalBytes,
  fromBase64,
  latin1ToBytes,
  readAll,
  toBase64,
  toHex,
  type Clock,
} from '../../../../src/kernel/index.js';
import type { Signer } from '../../../../src/pades/index.js';
import type { SignatureScheme } from '../../../../src/pki/index.js';
import { verifyPdf } from '../../../../src/verification/index.js';
import { samplePdf } from '../../../support/contract-pdf.js';
import { TestPki, type TestKey } from '../../../support/test-pki.js';
import { trustOf } from '../../../support/trust.js';

let pki: TestPki;
let pdf: Uint8Array;

beforeAll(async () => {
  pki = await TestPki.create();
  pdf = await samplePdf();
});

const START = Date.parse('2026-11-20T08:00:00Z');
const clockAt = (secondsLater: number): Clock => ({
  now: () => new Date(START + secondsLater * 1000),
  monotonicMs: () => 0,
});

interface Waiting extends PreparedFile {
  readonly file: Uint8Array;
  readonly value: Uint8Array;
}

async function prepared(
  signer: Signer,
  options: { readonly isPss?: boolean; readonly name?: string } = {},
): Promise<Waiting> {
  const waiting = await prepareFile(
    {
      source: new MemorySource(pdf),
      certificates: [signer.certificateDer],
      isPss: options.isPss ?? false,
      ...(options.name === undefined ? {} : { name: options.name }),
    },
    clockAt(0),
  );
  const message = fromBase64(waiting.signedAttributes) ?? new Uint8Array(0);
  const scheme = {
    padding: paddingOf(waiting.algorithm),
    digest: waiting.digestAlgorithm,
  } as SignatureScheme;
  return {
    ...waiting,
    file: concatBytes([pdf, waiting.appended]),
    value: await signer.sign(message, scheme),
  };
}

const paddingOf = (algorithm: string): string =>
  ({ 'RSASSA-PSS': 'pss', ECDSA: 'ecdsa', Ed25519: 'eddsa' })[algorithm] ?? 'pkcs1-v1_5';

interface Completion {
  readonly file: Uint8Array;
  readonly value: Uint8Array;
}

async function complete({ file, value }: Completion, clock = clockAt(10)): Promise<Uint8Array> {
  let kept: Uint8Array | undefined;
  await completeFile(
    {
      source: new MemorySource(file),
      signature: value,
      keep: (base, appended) => {
        kept = readAll(new ConcatSource(base, new MemorySource(appended))).slice();
      },
    },
    clock,
  );
  if (kept === undefined) throw new Error('nothing was kept');
  return kept;
}

async function codeOf(act: Promise<unknown>): Promise<unknown> {
  return act.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

/** DER ECDSA-Sig-Value to r and s side by side. */
function asPair(der: Uint8Array, bytes: number): Uint8Array {
  const body = der[1] === 0x81 ? 3 : 2;
  const rLength = der[body + 1] ?? 0;
  const r = der.subarray(body + 2, body + 2 + rLength);
  const s = der.subarray(body + 4 + rLength);
  const pair = new Uint8Array(2 * bytes);
  const trimmed = (n: Uint8Array): Uint8Array => (n.length > bytes ? n.subarray(1) : n);
  pair.set(trimmed(r), bytes - trimmed(r).length);
  pair.set(trimmed(s), 2 * bytes - trimmed(s).length);
  return pair;
}

describe('a file that was prepared and is completed', () => {
  it.each<readonly [TestKey, boolean]>([
    ['rsa-2048', false],
    ['rsa-2048', true],
    ['P-256', false],
    ['P-384', false],
    ['P-521', false],
    ['ed25519', false],
  ])('is soundly signed by %s (PSS: %s)', async (key, isPss) => {
    const waiting = await prepared(await pki.issue('CN=甲', { key }), { isPss });
    const message = fromBase64(waiting.signedAttributes) ?? new Uint8Array(0);
    const digest = waiting.digestAlgorithm as 'sha256';
    expect(waiting.digest).toBe(toHex(digestBytes(digest, message)));
    const signed = await complete(waiting);
    expect(equalBytes(signed.subarray(0, pdf.length), pdf)).toBe(true);
    expect(signed).toHaveLength(waiting.file.length);
    const report = await verifyPdf(signed, {
      fileName: 'a.pdf',
      trust: trustOf(pki),
      at: new Date(START),
    });
    expect(report.indication).toBe('TOTAL-PASSED');
  });

  it.each<readonly [TestKey, number]>([
    ['P-256', 32],
    ['P-384', 48],
    ['P-521', 66],
  ])('takes an ECDSA value of %s as r and s, and writes DER', async (key, bytes) => {
    const waiting = await prepared(await pki.issue('CN=甲', { key }));
    const pair = asPair(waiting.value, bytes);
    const fromPair = await complete({ file: waiting.file, value: pair });
    expect(toHex(fromPair)).toContain(toHex(latin1ToBytes(toHex(waiting.value))));
  });

  it('takes the value as hex and as base64 text', async () => {
    const signer = await pki.issue('CN=甲');
    const texts = [
      (value: Uint8Array) => `${toHex(value).toUpperCase()}\n`,
      (value: Uint8Array) => toBase64(value).replace(/(.{64})/g, '$1\r\n'),
    ];
    for (const write of texts) {
      const waiting = await prepared(signer);
      expect(
        await codeOf(complete({ file: waiting.file, value: latin1ToBytes(write(waiting.value)) })),
      ).toBe('no error');
    }
  });

  it('is completed once, whichever copy is used, also by two at the same time', async () => {
    const waiting = await prepared(await pki.issue('CN=甲'));
    const [first, second] = await Promise.all([
      codeOf(complete(waiting)),
      codeOf(complete({ ...waiting, file: waiting.file.slice() })),
    ]);
    expect([first, second].sort()).toEqual(['no error', 'signing-session-used']);
    expect(await codeOf(complete(waiting))).toBe('signing-session-used');
  });

  it('is not used up by a wrong value, nor by a file that could not be written', async () => {
    const waiting = await prepared(await pki.issue('CN=甲'));
    const wrong = waiting.value.slice().reverse();
    expect(await codeOf(complete({ ...waiting, value: wrong }))).toBe('signature-not-verified');
    const failing = completeFile(
      {
        source: new MemorySource(waiting.file),
        signature: waiting.value,
        keep: () => {
          throw new Error('disk full');
        },
      },
      clockAt(1),
    );
    await expect(failing).rejects.toThrow('disk full');
    expect(await codeOf(complete(waiting))).toBe('no error');
  });

  it('waits five minutes, and no longer by a clock that was set back', async () => {
    const waiting = await prepared(await pki.issue('CN=甲'));
    expect(await codeOf(complete(waiting, clockAt(301)))).toBe('signing-session-expired');
    expect(await codeOf(complete(waiting, clockAt(-60)))).toBe('signing-session-expired');
    expect(await codeOf(complete(waiting, clockAt(300)))).toBe('no error');
  });
});

describe('bytes that are not those prepared', () => {
  it('are refused wherever they differ', async () => {
    const waiting = await prepared(await pki.issue('CN=甲'), { name: 'Party A' });
    const text = Buffer.from(waiting.file).toString('latin1');
    const changed = [
      text.indexOf('/MediaBox'),
      text.indexOf('Party A'),
      // The time that the wait is counted from.
      text.indexOf('D:2026112008') + 12,
      text.length - 3,
    ];
    for (const at of changed) {
      const file = waiting.file.slice();
      file[at] = (file[at] ?? 0) ^ 1;
      expect([at, await codeOf(complete({ ...waiting, file }))]).not.toEqual([at, 'no error']);
    }
    const longer = concatBytes([waiting.file, latin1ToBytes('\n')]);
    expect(await codeOf(complete({ ...waiting, file: longer }))).toBe('signature-session-mismatch');
    expect(await codeOf(complete(waiting))).toBe('no error');
  });

  it('are refused where another file was prepared, by the same or another certificate', async () => {
    const signer = await pki.issue('CN=甲');
    const [mine, other] = [await prepared(signer), await prepared(signer, { name: 'other' })];
    expect(await codeOf(complete({ file: other.file, value: mine.value }))).toBe(
      'signature-not-verified',
    );
    const theirs = await prepared(await pki.issue('CN=乙'));
    expect(await codeOf(complete({ file: mine.file, value: theirs.value }))).toBe(
      'signature-not-verified',
    );
    expect(await codeOf(complete({ file: pdf, value: mine.value }))).toBe(
      'signature-session-mismatch',
    );
  });

  it('set apart files prepared alike in the same second', async () => {
    const signer = await pki.issue('CN=甲');
    const [a, b] = [await prepared(signer), await prepared(signer)];
    expect(a.preparedSha256).not.toBe(b.preparedSha256);
    expect(await codeOf(complete(a))).toBe('no error');
    expect(await codeOf(complete(b))).toBe('no error');
  });

  it('are refused where the value is there already', async () => {
    const waiting = await prepared(await pki.issue('CN=甲'));
    const signed = await complete(waiting);
    expect(await codeOf(complete({ ...waiting, file: signed }))).toBe('signing-session-used');
  });
});
