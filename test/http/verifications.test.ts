/** Verification by anybody: one file or several, the report as JSON or as PDF, pages and signatures as they look. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decode } from 'fast-png';
import { zipSync } from 'fflate';
import type { VerificationReport } from '../../src/console/api/report.js';
import type { PageDifferences, SignaturePicture } from '../../src/console/api/pictures.js';
import { buildPackage } from '../../src/filing/index.js';
import {
  packageReport,
  pageDifferences,
  report,
  signaturePictures,
} from '../../src/http/verification-view.js';
import { MemorySource, utf8ToBytes } from '../../src/kernel/index.js';
import { openPdf } from '../../src/pdf/index.js';
import { readPicture } from '../../src/picture/index.js';
import { composeAppearance } from '../../src/signing/index.js';
import { EVIL } from '../attacks/attack.js';
import { landmarks, rawUpdate } from '../attacks/forgery.js';
import { samplePdf } from '../support/contract-pdf.js';
import { signPdf } from '../support/sign-pdf.js';
import { packageContents } from '../unit/filing/package-contents.js';
import { confirmedContract, signAt } from './confirmed-contract.js';
import { ServiceFixture, type CallOptions, type Reply } from './service-fixture.js';

let fixture: ServiceFixture;
let plain: Uint8Array;
let signed: Uint8Array;
let altered: Uint8Array;

const SQUARE =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0H10V10H0Z" fill="#f00"/></svg>';
const PT_PER_MM = 72 / 25.4;

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  plain = await samplePdf();
  const appearance = composeAppearance(openPdf(new MemorySource(plain)), [
    {
      picture: readPicture(utf8ToBytes(SQUARE), 42 * PT_PER_MM),
      widthMm: 42,
      placements: [{ kind: 'point', page: 1, centre: { xPt: 200, yPt: 200 } }],
    },
  ]);
  signed = await signPdf(plain, fixture.signers.get('buyer')!, { appearance });
  altered = rawUpdate(signed, new Map([[landmarks(signed).content, EVIL]]));
});
afterAll(() => fixture.stop());

const PDF = 'application/pdf';

function verify(body: Uint8Array, options: CallOptions = {}, query = ''): Promise<Reply> {
  const headers = { 'content-type': PDF, ...options.headers };
  return fixture.call('POST', `/verifications${query}`, { body, headers });
}

function form(files: readonly (readonly [name: string, bytes: Uint8Array])[]): FormData {
  const body = new FormData();
  for (const [name, bytes] of files) {
    body.append('document', new Blob([bytes]), name);
  }
  return body;
}

describe('several files in one form', () => {
  it('are reported in their order, by name', async () => {
    const files = [
      ['已签.pdf', signed],
      ['未签.pdf', plain],
      ['改过.pdf', altered],
    ] as const;
    const reply = await fixture.call('POST', '/verifications', { body: form(files) });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        reports: [
          { file: '已签.pdf', signatures: [{ signer: { unit: '示例市教育局' } }] },
          { file: '未签.pdf', indication: 'NO-SIGNATURE' },
          { file: '改过.pdf', indication: 'TOTAL-FAILED' },
        ],
      },
    });
  });

  it('are refused with the name of the one that is no PDF', async () => {
    const body = form([
      ['a.pdf', signed],
      ['b.pdf', utf8ToBytes('hello')],
    ]);
    const reply = await fixture.call('POST', '/verifications', { body });
    expect(reply).toMatchObject({
      status: 422,
      body: { code: 'pdf-not-a-pdf', params: { file: 'b.pdf' } },
    });
  });

  it('are refused where there are too many, or where one is enough', async () => {
    const many = Array.from({ length: 21 }, (_, i) => [`${i}.pdf`, plain] as const);
    const reply = await fixture.call('POST', '/verifications', { body: form(many) });
    expect(reply).toMatchObject({ status: 400, body: { code: 'request-invalid' } });
    const two = form([
      ['a.pdf', signed],
      ['b.pdf', signed],
    ]);
    for (const path of ['/verifications?format=pdf', '/verifications/signature-pictures']) {
      const refused = await fixture.call('POST', path, { body: two });
      expect(refused).toMatchObject({ status: 400, body: { code: 'request-invalid' } });
    }
  });
});

describe('a filing package', () => {
  let zip: Uint8Array;
  beforeAll(async () => {
    const id = await confirmedContract(fixture);
    for (const side of ['supplier', 'buyer'] as const) await signAt(fixture, id, side);
    await fixture.service.settle();
    const handler = { as: 'unit-handler' };
    const filings = await fixture.call('GET', '/filings', handler);
    const [filing] = filings.body.items;
    zip = (await fixture.call('GET', `/filings/${filing?.id ?? ''}/package`, handler)).bytes;
  }, 60_000);
  const verifyZip = (body: Uint8Array, query = ''): Promise<Reply> =>
    verify(body, { headers: { 'content-type': 'application/zip' } }, query);

  it('of this service is believed, and of the shape that the console takes it for', async () => {
    const reply = await verifyZip(zip);
    expect(reply).toMatchObject({
      status: 200,
      body: {
        indication: 'TOTAL-PASSED',
        signatures: [{ indication: 'TOTAL-PASSED' }, { indication: 'TOTAL-PASSED' }],
        package: { indication: 'TOTAL-PASSED', manifest: { state: 'valid' }, messages: [] },
      },
    });
    const shown: VerificationReport = packageReport.parse(reply.body);
    expect(shown.package?.parts.every(({ state }) => state === 'intact')).toBe(true);
  });

  it('is told from another by a single byte, among PDFs in one form', async () => {
    const touched = new Uint8Array(zip);
    // Within the stored contract, well behind its first object.
    touched[Buffer.from(zip).indexOf('%PDF-') + 4000]! ^= 1;
    const files = [
      ['原件.zip', zip],
      ['已签.pdf', signed],
      ['改过.zip', touched],
    ] as const;
    const reply = await fixture.call('POST', '/verifications', { body: form(files) });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        reports: [
          { file: '原件.zip', indication: 'TOTAL-PASSED' },
          { file: '已签.pdf', signatures: [{ field: 'Signature1' }] },
          { file: '改过.zip' },
        ],
      },
    });
    const last = (reply.body as unknown as { reports: readonly VerificationReport[] }).reports[2]!;
    expect(last.indication).not.toBe('TOTAL-PASSED');
  });

  it('of another service is undecided: nobody here believes its keys', async () => {
    const reply = await verifyZip(buildPackage(await packageContents()));
    const { messages } = reply.body as unknown as VerificationReport;
    expect(messages.map(({ code }) => code)).toContain('service-key-unknown');
    expect(reply.body).toMatchObject({ package: { manifest: { state: 'unknown-key' } } });
  });

  it('that is none, or is wanted as a PDF report, is refused', async () => {
    const cut = await verifyZip(zip.subarray(0, 5000));
    expect([cut.status, cut.body.code]).toEqual([422, 'package-malformed']);
    const asPdf = await verifyZip(zip, '?format=pdf');
    expect([asPdf.status, asPdf.body.code]).toEqual([400, 'request-invalid']);
    const pictures = await fixture.call('POST', '/verifications/signature-pictures', {
      body: form([['a.zip', zip]]),
    });
    expect([pictures.status, pictures.body.code]).toEqual([422, 'pdf-not-a-pdf']);
  });

  it('that unpacks to more than a package may is not unpacked', async () => {
    const bomb = zipSync({ 'contract.pdf': new Uint8Array(1024) }, { level: 9 });
    // What the directory says of it, which is all that is looked at before anything is unpacked.
    const directory = Buffer.from(bomb).indexOf('PK\x01\x02');
    new DataView(bomb.buffer, bomb.byteOffset).setUint32(directory + 24, 300 * 1024 * 1024, true);
    const reply = await verifyZip(bomb);
    expect(reply).toMatchObject({
      status: 422,
      body: { code: 'package-malformed', params: { reason: 'too-large' } },
    });
  });
});

describe('the report', () => {
  it.each([
    ['application/pdf', '', PDF],
    ['application/json', '', 'application/json; charset=utf-8'],
    ['application/json, application/pdf;q=0.9', '', 'application/json; charset=utf-8'],
    ['application/pdf, */*;q=0.1', '', PDF],
    ['text/html', '', 'application/json; charset=utf-8'],
    ['application/json', '?format=pdf', PDF],
    ['application/pdf', '?format=json', 'application/json; charset=utf-8'],
  ])('for Accept: %s and the query "%s" is %s', async (accept, query, type) => {
    const reply = await verify(signed, { headers: { accept } }, query);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, type]);
    if (type === PDF) expect(Buffer.from(reply.bytes).toString('latin1', 0, 5)).toBe('%PDF-');
  });
});

it('is all that the console takes it for', async () => {
  const post = async (path: string): Promise<unknown> => {
    const headers = { 'content-type': PDF };
    return (await fixture.call('POST', path, { body: altered, headers })).body;
  };
  // The types on the left are the console's: they do not compile where the API answers otherwise.
  const shown: VerificationReport = report.parse(await post('/verifications'));
  const changed: PageDifferences = pageDifferences.parse(
    await post('/verifications/page-differences?revision=2'),
  );
  const drawn: { readonly pictures: readonly SignaturePicture[] } = signaturePictures.parse(
    await post('/verifications/signature-pictures'),
  );
  expect([shown.signatures, changed.pages, drawn.pictures].map(({ length }) => length)).toEqual([
    1, 1, 1,
  ]);
});

interface Drawn {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pngB64: string;
}

function pixels(drawn: Drawn) {
  const { width, height, data } = decode(Buffer.from(drawn.pngB64, 'base64'));
  expect([width, height]).toEqual([drawn.widthPx, drawn.heightPx]);
  return { width, height, data };
}

describe('page differences', () => {
  interface Differences {
    readonly pages: readonly {
      readonly page: number;
      readonly kind: string;
      readonly before: Drawn;
      readonly after: Drawn;
      readonly areas: readonly { left: number; top: number; width: number; height: number }[];
    }[];
  }
  const compare = (body: Uint8Array, revision: number | string): Promise<Reply> =>
    fixture.call('POST', `/verifications/page-differences?revision=${revision}`, {
      body,
      headers: { 'content-type': PDF },
    });

  it('show the page before and after, and where it changed', async () => {
    const reply = await compare(altered, 2);
    expect(reply).toMatchObject({
      status: 200,
      body: { revision: 2, revisions: 3, pagesCompared: 2, isComplete: true },
    });
    const { pages } = reply.body as unknown as Differences;
    expect(pages).toHaveLength(1);
    const [{ page, kind, before, after, areas }] = pages as [Differences['pages'][number]];
    expect([page, kind]).toEqual([1, 'changed']);
    const [was, is] = [pixels(before), pixels(after)];
    const isInside = (x: number, y: number): boolean =>
      areas.some(
        ({ left, top, width, height }) =>
          x >= left && x < left + width && y >= top && y < top + height,
      );
    let differing = 0;
    for (let i = 0; i < is.data.length; i += 3) {
      if (Math.abs(is.data[i]! - was.data[i]!) <= 16) continue;
      differing++;
      const x = (i / 3) % is.width;
      const y = Math.floor(i / 3 / is.width);
      if (!isInside(x, y)) throw new Error(`a change at ${x},${y} is in no area`);
    }
    expect(differing).toBeGreaterThan(100);
    const marked = areas.reduce((sum, each) => sum + each.width * each.height, 0);
    expect(marked).toBeLessThan((is.width * is.height) / 4);
  });

  it('are none where the file is as it was signed', async () => {
    expect((await compare(signed, 2)).body).toMatchObject({ pages: [], isComplete: true });
  });

  it.each([
    ['a revision that is not there', () => altered, 9, 422, 'input-invalid'],
    ['no revision', () => altered, '', 400, 'request-invalid'],
    ['no PDF', () => utf8ToBytes('hello'), 1, 422, 'pdf-not-a-pdf'],
    ['a PDF without pages', () => utf8ToBytes('%PDF-1.4\n'), 1, 422, 'pdf-malformed'],
  ] as const)('are refused for %s', async (_name, body, revision, status, code) => {
    expect(await compare(body(), revision)).toMatchObject({ status, body: { code } });
  });
});

describe('signature pictures', () => {
  const draw = (body: Uint8Array): Promise<Reply> =>
    fixture.call('POST', '/verifications/signature-pictures', {
      body,
      headers: { 'content-type': PDF },
    });

  it('are cut out of the page as it was signed', async () => {
    for (const file of [signed, altered]) {
      const reply = await draw(file);
      const { pictures } = reply.body as unknown as {
        pictures: readonly (Drawn & { field: string; page: number })[];
      };
      expect(pictures).toMatchObject([{ field: 'Signature1', page: 2 }]);
      const { width, height, data } = pixels(pictures[0]!);
      expect(Math.abs(width - height)).toBeLessThan(3);
      const middle = (Math.floor(height / 2) * width + Math.floor(width / 2)) * 3;
      expect([...data.subarray(middle, middle + 3)]).toEqual([255, 0, 0]);
    }
  });

  it('are none where nothing is signed', async () => {
    expect((await draw(plain)).body).toEqual({ pictures: [] });
  });
});

describe('hostile forms', () => {
  const boundary = 'b';
  const post = (body: string): Promise<Reply> =>
    fixture.call('POST', '/verifications', {
      body,
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    });
  const part = (name: string, content: string, file = ''): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${content}\r\n`;
  const end = `--${boundary}--\r\n`;

  it.each([
    ['that break off in a file', part('document', 'x', '; filename="a"').slice(0, -4)],
    ['without an end', part('document', 'x', '; filename="a"')],
    ['without a file', part('data', '{}') + end],
    ['with a part nobody asked for', part('evil', 'x') + end],
    ['with a thousand parts', part('data', 'x').repeat(1000) + end],
    ['with a thousand files', part('document', 'x', '; filename="a"').repeat(1000) + end],
    ['with a field named like a property of all objects', part('__proto__', 'x') + end],
    ['with a huge header', part('x'.repeat(100_000), 'x') + end],
    ['with nothing', ''],
  ])('%s are refused', async (_name, body) => {
    expect(await post(body)).toMatchObject({ status: 400, body: { code: 'request-invalid' } });
  });

  it('may leave the name of the file out', async () => {
    const reply = await post(part('document', '{}') + end);
    expect(reply).toMatchObject({ status: 422, body: { code: 'pdf-not-a-pdf' } });
  });

  it('cannot name a path', async () => {
    const body = part(
      'document',
      Buffer.from(plain).toString('latin1'),
      '; filename="../../etc/a.pdf"',
    );
    const reply = await fixture.call('POST', '/verifications', {
      body: Buffer.from(body + end, 'latin1'),
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    });
    expect(reply.body).toMatchObject({ file: 'a.pdf', indication: 'NO-SIGNATURE' });
  });
});

it('an upload that breaks off is let go', async () => {
  const { port } = new URL(fixture.url);
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      const head = [
        'POST /api/v1/verifications HTTP/1.1',
        'Host: x',
        `Content-Type: ${PDF}`,
        'Content-Length: 100000',
        '',
        '%PDF-',
      ];
      socket.write(head.join('\r\n'), () => socket.destroy());
    });
    socket.on('close', () => resolve());
  });
  expect((await verify(plain)).status).toBe(200);
});
