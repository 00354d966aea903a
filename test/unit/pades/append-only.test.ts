/** What must hold whatever is done to a file, and in whatever order: nothing that is there is touched. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  MemorySource,
  concatBytes,
  equalBytes,
  isAppError,
  type ByteSource,
} from '../../../src/kernel/index.js';
import {
  appendValidationStore,
  beginSignature,
  digestPrepared,
  embedCms,
  embeddedSignatures,
  prepareDocumentTimestamp,
  type FieldLock,
  type Signer,
} from '../../../src/pades/index.js';
import { openPdf, type PdfDocument } from '../../../src/pdf/index.js';
import { OID, buildTimestampToken, extendedKeyUsageExtension } from '../../../src/pki/index.js';
import { verifyPdf, type SignatureReport } from '../../../src/verification/index.js';
import { TEXT_FIELDS, fillTextField, formPdf } from '../../support/form-pdf.js';
import { signPdf } from '../../support/sign-pdf.js';
import { TestPki } from '../../support/test-pki.js';
import { trustOf } from '../../support/trust.js';
import { NOW, testAuthority, testLeaf, type TestAuthority } from '../pki/test-pki.js';

const AT = new Date('2026-11-20T08:00:00Z');

let pki: TestPki;
let signer: Signer;
let tsa: TestAuthority;
let form: Uint8Array;

beforeAll(async () => {
  pki = await TestPki.create();
  signer = await pki.issue('CN=签署人,O=示例市财政局,C=CN', { key: 'P-256' });
  const purpose = extendedKeyUsageExtension([OID.timeStamping], true);
  tsa = await testLeaf('CN=TSA', await testAuthority('CN=TSA root'), { further: [purpose] });
  form = await formPdf();
});

const open = (pdf: Uint8Array): PdfDocument => openPdf(new MemorySource(pdf));

type Level = 1 | 2 | 3;
type Act =
  | {
      readonly do: 'sign';
      readonly lock: FieldLock | undefined;
      readonly xPt: number;
      readonly yPt: number;
    }
  | { readonly do: 'certify'; readonly level: Level }
  | { readonly do: 'fill'; readonly field: string; readonly value: string }
  | { readonly do: 'store' }
  | { readonly do: 'timestamp' };

const fieldNames = fc.subarray(['party', ...TEXT_FIELDS], { minLength: 1, maxLength: 2 });
const lock: fc.Arbitrary<FieldLock | undefined> = fc.option(
  fc.record({
    // Excluding locks every field to come, so it would end most sequences.
    action: fc.constantFrom('Include' as const),
    fields: fieldNames,
  }),
  { nil: undefined, freq: 2 },
);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('sign' as const),
      lock,
      xPt: fc.integer({ min: 0, max: 500 }),
      yPt: fc.integer({ min: 0, max: 15 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('certify' as const),
      level: fc.constantFrom<Level>(1, 2, 3),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fill' as const),
      field: fc.constantFrom(...TEXT_FIELDS),
      value: fc.stringMatching(/^[A-Za-z0-9(). \\-]{1,12}$/),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'store' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'timestamp' } as const) },
);

/** What a signature said when it was made, and whether something it forbids came after. */
interface Expected {
  readonly field: string;
  readonly limit: Level | undefined;
  readonly locks: readonly FieldLock[];
  isBroken: boolean;
}

class Sequence {
  pdf = form;
  readonly states: Uint8Array[] = [form];
  readonly signatures: Expected[] = [];
  #stores = 0;

  async perform(step: Act): Promise<void> {
    const before = this.pdf;
    await this.#act(step);
    if (this.pdf !== before) this.states.push(this.pdf);
  }

  async #act(step: Act): Promise<void> {
    if (step.do === 'fill') this.#fill(step.field, step.value);
    else if (step.do === 'store') this.#extend();
    else if (step.do === 'timestamp') await this.#stamp();
    else await this.#sign(step);
  }

  async #sign(step: Act & { readonly do: 'sign' | 'certify' }): Promise<void> {
    const isCertifying = step.do === 'certify';
    const own = `Own${this.signatures.length}`;
    const isClosed = this.signatures.some(({ limit }) => limit === 1);
    const isFirst = open(this.pdf).fields.every(
      ({ type, value }) => type !== 'Sig' || value === undefined,
    );
    const isAllowed = !isClosed && (!isCertifying || isFirst);
    // Each in a row of its own: a signature that hides another is forbidden, and not what is asked here.
    const yPt = isCertifying ? 0 : 80 * this.signatures.length + step.yPt;
    const options = isCertifying
      ? { certify: step.level }
      : {
          place: {
            pageIndex: 0,
            rect: { x1: step.xPt, y1: yPt, x2: step.xPt + 60, y2: yPt + 60 },
          },
          ...(step.lock === undefined ? {} : { lock: step.lock }),
        };
    try {
      this.pdf = await signPdf(this.pdf, signer, { fieldName: own, ...options });
    } catch (error) {
      // Refused for this reason alone, and only where it must be.
      expect(isAppError(error, 'pdf-signing-not-permitted')).toBe(true);
      expect(isAllowed).toBe(false);
      return;
    }
    expect(isAllowed).toBe(true);
    const earlier = this.signatures.at(-1);
    const limits = [earlier?.limit, isCertifying ? step.level : undefined];
    this.signatures.push({
      field: own,
      limit: ([1, 2, 3] as const).find((level) => limits.includes(level)),
      locks: [
        ...(earlier?.locks ?? []),
        ...(isCertifying || step.lock === undefined ? [] : [step.lock]),
      ],
      isBroken: false,
    });
  }

  /** As somebody would with another product, permitted or not. */
  #fill(field: string, value: string): void {
    this.pdf = fillTextField(this.pdf, field, value);
    for (const signature of this.signatures) {
      const isLocked = signature.locks.some(({ fields }) =>
        fields.some((name) => name === field || field.startsWith(`${name}.`)),
      );
      if (signature.limit === 1 || isLocked) signature.isBroken = true;
    }
  }

  #extend(): void {
    const document = open(this.pdf);
    const certificatesDer = this.#stores++ % 2 === 0 ? [pki.rootDer] : [signer.certificateDer];
    const materials = embeddedSignatures(document).map(({ contents }) => ({
      contents,
      certificatesDer,
      ocspsDer: [],
      crlsDer: [],
    }));
    const appended = appendValidationStore(document, materials, AT);
    if (appended !== undefined) this.pdf = concatBytes([this.pdf, appended]);
  }

  async #stamp(): Promise<void> {
    const document = open(this.pdf);
    const prepared = prepareDocumentTimestamp(document, 4096);
    const token = await buildTimestampToken({
      digest: digestPrepared(document.source, prepared, 'sha256'),
      digestAlgorithm: 'sha256',
      policyOid: '1.2.3.4',
      serialHex: '0102',
      generatedAt: NOW,
      certificateDer: tsa.certificate.der,
      scheme: tsa.key.scheme,
      sign: tsa.key.sign,
    });
    this.pdf = concatBytes([this.pdf, embedCms(prepared, token)]);
  }
}

async function reportsOf(pdf: Uint8Array): Promise<ReadonlyMap<string, SignatureReport>> {
  const report = await verifyPdf(pdf, { fileName: 'a.pdf', trust: trustOf(pki), at: AT });
  return new Map(report.signatures.map((each) => [each.field, each]));
}

/** Whether the value itself still verifies: only what came after may be at fault. */
const isCryptographicallyIntact = ({ indication, subIndication }: SignatureReport): boolean =>
  indication !== 'TOTAL-FAILED' || subIndication === 'FORMAT_FAILURE';

describe('any sequence of signing, certifying, filling in, extending', () => {
  it('keeps every earlier revision as a prefix, and every signature as sound as the acts allow', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 2, maxLength: 6 }), async (acts) => {
        const sequence = new Sequence();
        for (const step of acts) await sequence.perform(step);
        const { pdf, states, signatures } = sequence;
        for (const state of states) {
          expect(equalBytes(pdf.subarray(0, state.length), state)).toBe(true);
        }
        expect(open(pdf).revisions).toHaveLength(states.length);
        const reports = await reportsOf(pdf);
        for (const { field, isBroken } of signatures) {
          const report = reports.get(field);
          expect([field, report?.indication]).toEqual([
            field,
            isBroken ? 'TOTAL-FAILED' : 'TOTAL-PASSED',
          ]);
          expect(report !== undefined && isCryptographicallyIntact(report)).toBe(true);
          expect(report?.messages.some(({ code }) => code === 'modified-after-signing')).toBe(
            isBroken,
          );
        }
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });
});

/** Reads pass through blocks of one size, and what was handed out before is overwritten by the next read. */
class RecyclingSource implements ByteSource {
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #block: number;
  #handedOut = new Uint8Array(0);

  constructor(bytes: Uint8Array, block: number) {
    this.size = bytes.length;
    this.#bytes = bytes;
    this.#block = block;
  }

  read(offset: number, length: number): Uint8Array {
    this.#handedOut.fill(0x3f);
    const end = Math.min(offset + length, this.size);
    const out = new Uint8Array(Math.max(0, end - offset));
    for (let at = offset; at < end;) {
      const stop = Math.min(end, at - (at % this.#block) + this.#block);
      out.set(this.#bytes.subarray(at, stop), at - offset);
      at = stop;
    }
    // Short reads are what parsers make; those of streams are kept by whoever asked.
    if (out.length <= 4) this.#handedOut = out;
    return out;
  }
}

describe('the source of a file', () => {
  it('may hand out its bytes in pieces of any size: the same revision is appended', () => {
    const begin = (source: ByteSource): Uint8Array =>
      beginSignature(openPdf(source), signer, { claimedAt: AT, name: '甲' }).prepared.appended;
    const expected = begin(new MemorySource(form));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70_000 }), (block) => {
        expect(equalBytes(begin(new RecyclingSource(form, block)), expected)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
