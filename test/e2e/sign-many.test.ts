/** @jest-environment ./test/contract/token/softhsm-environment.mjs */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  hasSoftHsm,
  PIN,
  provisionTestTokens,
  SOFTHSM_MODULE,
  softHsmDirectory,
} from '../contract/token/softhsm.js';
import { samplePdf } from '../support/contract-pdf.js';
import { hasShimTools, Shim } from '../support/pkcs11-shim/shim.js';
import { qianyin } from '../support/processes.js';

const describeIf = hasSoftHsm() && hasShimTools() ? describe : describe.skip;
const TOKEN = '批量签署';

interface Result {
  readonly signed: number;
  readonly skipped: number;
  readonly failed: number;
  readonly waiting: number;
  readonly files: readonly { readonly state: string; readonly code?: string }[];
}

describeIf('sign --out-dir', () => {
  let directory: string;
  let out: string;
  let shim: Shim;
  let contracts: string[];
  let round = 0;

  const sign = (inputs: readonly string[], ...more: string[]) => {
    const args = ['sign', ...inputs, '--out-dir', out, '--token', TOKEN, '--json'];
    const run = qianyin([...args, '--module', shim.modulePath, ...more], {
      QIANYIN_PIN: PIN,
      SOFTHSM2_CONF: join(softHsmDirectory(), 'softhsm2.conf'),
      ...shim.environment,
    });
    return { ...run, result: JSON.parse(run.stdout) as Result & { error?: { code: string } } };
  };

  beforeAll(async () => {
    await provisionTestTokens([{ label: TOKEN, keyType: 'ec-p256' }]);
    shim = new Shim(SOFTHSM_MODULE);
    directory = mkdtempSync(join(tmpdir(), 'qianyin-many-'));
    contracts = await Promise.all(
      ['一', '二', '三'].map(async (name) => {
        const path = join(directory, `合同${name}.pdf`);
        writeFileSync(path, await samplePdf());
        return path;
      }),
    );
  });
  afterAll(() => {
    shim[Symbol.dispose]();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(() => {
    out = join(directory, `signed-${++round}`);
    shim.play({ present: TOKEN });
  });

  it('signs what it can, names what it cannot, and skips what is done when run again', () => {
    const notPdf = join(directory, 'notes.pdf');
    writeFileSync(notPdf, '会议纪要');
    const inputs = [contracts[0]!, notPdf, contracts[1]!];
    const first = sign(inputs);
    expect(first.result).toMatchObject({
      signed: 2,
      failed: 1,
      files: [{ state: 'signed' }, { state: 'failed', code: 'pdf-not-a-pdf' }, { state: 'signed' }],
    });
    expect(first.status).toBe(65);
    expect(first.stderr).toContain('3/3');
    const paths = [contracts[0]!, contracts[1]!].map((path) => path.replace(directory, out));
    for (const path of paths) {
      const { stdout } = spawnSync('pdfsig', ['-nocert', path], { encoding: 'utf8' });
      expect(stdout).toContain('Signature is Valid');
    }
    const before = paths.map((path) => statSync(path).mtimeMs);
    const second = sign([...inputs, contracts[2]!]);
    expect(second.result).toMatchObject({ signed: 1, skipped: 2, failed: 1, waiting: 0 });
    expect(paths.map((path) => statSync(path).mtimeMs)).toEqual(before);
  });

  it('stops where the token goes, and signs the rest when it is back', () => {
    shim.play({ present: TOKEN, sign: 'device-removed' });
    const broken = sign(contracts);
    expect(broken.result).toMatchObject({ signed: 0, failed: 1, waiting: 2 });
    expect(broken.result.files[0]).toMatchObject({ code: 'token-absent' });
    expect(broken.status).toBe(69);
    shim.play({ present: TOKEN });
    const mended = sign(contracts);
    expect(mended.result).toMatchObject({ signed: 3, failed: 0, waiting: 0 });
    expect(mended.status).toBe(0);
  });

  it('never takes the place of another file', () => {
    mkdirSync(out);
    const other = join(out, '合同一.pdf');
    writeFileSync(other, '别的文件');
    const run = sign(contracts.slice(0, 2));
    expect(run.result.files).toMatchObject([
      { state: 'failed', code: 'file-exists' },
      { state: 'signed' },
    ]);
    expect(readFileSync(other, 'utf8')).toBe('别的文件');
    out = directory;
    expect(sign(contracts)).toMatchObject({ status: 64, result: { error: { code: 'usage' } } });
  });

  it('asks for consent where the token wants its PIN for each signature', () => {
    shim.play({ present: TOKEN, 'always-authenticate': 'yes' });
    const refused = sign(contracts);
    expect(refused.status).toBe(77);
    expect(refused.result.error?.code).toBe('token-pin-each-signature');
    const allowed = sign(contracts, '--pin-for-each-signature');
    expect(allowed.result).toMatchObject({ signed: 3 });
  });
});
