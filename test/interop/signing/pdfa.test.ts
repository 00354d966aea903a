/** A file that follows PDF/A goes on following it when it is signed, by the word of veraPDF. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCliRuntime, runCli } from '../../../src/app/index.js';
import { judgeArchival, veraPdfObstacle } from '../../support/verapdf/judge-archival.js';

const PROFILE = '/usr/share/color/icc/ghostscript/srgb.icc';
const FLAVOURS = ['1b', '2b', '3b'] as const;

/** Gives device RGB its meaning, as PDF/A asks. */
const INTENT = `%!PS
[/_objdef {icc} /type /stream /OBJ pdfmark
[{icc} << /N 3 >> /PUT pdfmark
[{icc} (${PROFILE}) (r) file /PUT pdfmark
[/_objdef {intent} /type /dict /OBJ pdfmark
[{intent} << /Type /OutputIntent /S /GTS_PDFA1 /DestOutputProfile {icc} /OutputConditionIdentifier (sRGB) >> /PUT pdfmark
[{Catalog} << /OutputIntents [{intent}] >> /PUT pdfmark
/Times-Roman findfont 24 scalefont setfont 72 700 moveto (Contract) show showpage
/Helvetica findfont 24 scalefont setfont 72 700 moveto (Annex) show showpage
`;

const isCi = process.env['CI'] === 'true';
const hasGhostscript = spawnSync('gs', ['--version']).error === undefined && existsSync(PROFILE);
const obstacle = hasGhostscript ? veraPdfObstacle : 'ghostscript is not installed';
if (obstacle !== undefined && !isCi) console.warn(`skipped: ${obstacle}`);
const withTools = obstacle === undefined || isCi ? describe : describe.skip;

withTools('a PDF/A file that is signed twice', () => {
  let folder = '';
  const at = (name: string): string => join(folder, name);
  let verdicts: ReadonlyMap<string, string> = new Map();

  async function qianyin(...args: readonly string[]): Promise<void> {
    let said = '';
    const note = (text: string): void => void (said += text);
    const runtime = createCliRuntime({
      env: { QIANYIN_PIN: 'pdfa' },
      version: '0',
      isInteractive: false,
      untilStopped: () => Promise.resolve(),
    });
    const status = await runCli(args, runtime, { stdout: note, stderr: note });
    if (status !== 0) throw new Error(`${args.join(' ')}: ${said}`);
  }

  function make(part: string, file: string): void {
    const { status, stdout, stderr } = spawnSync(
      'gs',
      [
        ...['-q', '-dBATCH', '-dNOPAUSE', '-sDEVICE=pdfwrite', `-dPDFA=${part}`],
        ...['-sColorConversionStrategy=RGB', '-dPDFACompatibilityPolicy=1'],
        ...[`--permit-file-read=${PROFILE}`, '-o', file, at('input.ps')],
      ],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`gs: ${stdout}${stderr}`);
  }

  /** What veraPDF says of each file against the flavour beside it. */
  function judge(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
    const said = judgeArchival(pairs.map(([flavour, file]) => [flavour, at(file)]));
    return new Map(pairs.map(([flavour, file], i) => [`${flavour} ${file}`, said[i]!]));
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'qianyin-pdfa-'));
    writeFileSync(at('input.ps'), INTENT);
    await qianyin('pki', 'init', '--out', at('pki'));
    const subject = ['--subject', 'CN=签署人,O=示例市财政局,C=CN'];
    await qianyin('pki', 'issue', '--pki', at('pki'), ...subject, '--p12', at('key.p12'));
    for (const flavour of FLAVOURS) {
      make(flavour[0]!, at(`${flavour}.pdf`));
      const seal = ['--p12', at('key.p12'), '--seal-name', '示例市财政局', '--at', '200,300'];
      const text = ['--show', 'reason,date', '--reason', '同意采购'];
      const [once, twice] = [at(`${flavour}-once.pdf`), at(`${flavour}-twice.pdf`)];
      await qianyin('sign', at(`${flavour}.pdf`), '-o', once, ...seal, '--page', '1', ...text);
      await qianyin('sign', once, '-o', twice, ...seal, '--page', '2');
    }
    verdicts = judge([
      ...FLAVOURS.flatMap((each) =>
        ['', '-once', '-twice'].map((suffix) => [each, `${each}${suffix}.pdf`] as const),
      ),
      ['1b', '2b-twice.pdf'],
    ]);
  }, 300_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(FLAVOURS)('goes on following PDF/A-%s, with a seal and lines of text', (flavour) => {
    expect(verdicts.get(`${flavour} ${flavour}.pdf`)).toBe('compliant');
    expect(verdicts.get(`${flavour} ${flavour}-once.pdf`)).toBe('compliant');
    expect(verdicts.get(`${flavour} ${flavour}-twice.pdf`)).toBe('compliant');
  });

  it('is judged by rules that can be broken', () => {
    expect(verdicts.get('1b 2b-twice.pdf')).toMatch(/^\d/);
  });
});
