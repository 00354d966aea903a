/** The main job as a new user runs it, and what independent validators say of its result. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeInstallation, type Installation } from '../support/installation.js';
import { qianyin } from '../support/processes.js';

let installation: Installation;
let contract: string;

beforeAll(() => {
  installation = makeInstallation();
  const files = join(installation.directory, 'files');
  const name = readdirSync(files).find((each) => /^SLCG-\d+\.pdf$/.test(each));
  contract = join(files, name ?? '');
}, 120_000);

afterAll(() => rmSync(installation.directory, { recursive: true, force: true }));

/** The tool's output, or a skip that says why; in CI a tool that CI installs must be there. */
function tool(command: string, args: readonly string[]): string | undefined {
  const run = spawnSync(command, args, { encoding: 'utf8' });
  if (run.error === undefined) return `${run.stdout}${run.stderr}\nexit ${run.status}`;
  if (process.env['CI'] === 'true') throw new Error(`${command} is missing in CI`);
  console.log(`skipped: ${command} is not installed`);
  return undefined;
}

describe('the twice-signed contract', () => {
  it('is accepted by pdfsig, both signatures', () => {
    const output = tool('pdfsig', ['-nocert', contract]);
    if (output === undefined) return;
    expect(output.match(/Signature is Valid/g)).toHaveLength(2);
    expect(output).toContain('Total document signed');
  });

  it('is sound for qpdf', () => {
    const output = tool('qpdf', ['--check', contract]);
    if (output !== undefined) expect(output).toContain('exit 0');
  });

  it('is trusted by pyHanko, the first signature for its own revision', () => {
    const python = process.env['PYHANKO_PYTHON'];
    if (python === undefined) {
      if (process.env['CI'] === 'true') throw new Error('pyHanko is missing in CI');
      console.log('skipped: PYHANKO_PYTHON names no Python with pyHanko');
      return;
    }
    const root = join(installation.trust, 'anchors', 'root.pem');
    const output = tool(join(dirname(python), 'pyhanko'), [
      ...[
        'sign',
        'validate',
        '--soft-revocation-check',
        '--trust',
        root,
        '--trust-replace',
        contract,
      ],
    ]);
    expect(output).toMatch(/Supplier:.*:INTACT:TRUSTED.*ACCEPTABLE_MODIFICATIONS/);
    expect(output).toMatch(/Buyer:.*:INTACT:TRUSTED,UNTOUCHED/);
  });

  it('can be searched and copied, its fonts embedded as subsets', () => {
    const text = tool('pdftotext', [contract, '-']);
    if (text === undefined) return;
    for (const part of ['政府采购合同', '示例市教育局', '示例智联办公设备有限公司', '台式计算机']) {
      expect(text.replace(/\s/g, '')).toContain(part);
    }
    const fonts = tool('pdffonts', [contract]) ?? '';
    expect(fonts).toMatch(/[A-Z]{6}\+NotoSerifSC/);
    expect(fonts).not.toMatch(/ no +(yes|no) +(yes|no) +\d+ +0$/m);
  });
});

describe('verify', () => {
  const verify = (file: string, ...more: string[]) => {
    const run = qianyin([
      'verify',
      file,
      '--trust',
      installation.trust,
      '--offline',
      '--json',
      ...more,
    ]);
    return { status: run.status, report: JSON.parse(run.stdout) as Record<string, unknown> };
  };

  it('passes the contract', () => {
    expect(verify(contract)).toMatchObject({
      status: 0,
      report: {
        indication: 'TOTAL-PASSED',
        revisions: 3,
        signatures: [{ field: 'Supplier' }, { field: 'Buyer' }],
      },
    });
  });

  it('fails an altered byte, an appended change and a file without signature', () => {
    const bytes = readFileSync(contract);
    const altered = join(installation.directory, 'altered.pdf');
    const at = bytes.indexOf('/MediaBox');
    const changed = Buffer.from(bytes);
    changed[at + 11] = changed[at + 11]! ^ 1;
    writeFileSync(altered, changed);
    expect(verify(altered)).toMatchObject({ status: 1, report: { indication: 'TOTAL-FAILED' } });

    const appended = join(installation.directory, 'appended.pdf');
    writeFileSync(appended, Buffer.concat([bytes, Buffer.from('9 0 obj\n(hidden)\nendobj\n')]));
    expect(verify(appended)).toMatchObject({ status: 1, report: { indication: 'TOTAL-FAILED' } });

    const unsigned = contract.replace(/\.pdf$/, '-0.pdf');
    expect(verify(unsigned)).toMatchObject({ status: 1, report: { indication: 'NO-SIGNATURE' } });
  });

  it('checks the filing package, alone and among other files', () => {
    // What the package says of the seals counts on the word of who signed it, and the report says so.
    const sealed = (...messages: readonly string[]) => ({
      indication: 'TOTAL-PASSED',
      seal: { status: 'valid' },
      messages: messages.map((code) => ({ code })),
    });
    const archive = contract.replace(/\.pdf$/, '.zip');
    expect(verify(archive)).toMatchObject({
      status: 0,
      report: {
        indication: 'TOTAL-PASSED',
        signatures: [sealed('seal-stated-by'), sealed('seal-stated-by')],
        package: { manifest: { state: 'valid' }, audit: { state: 'valid' }, messages: [] },
      },
    });
    expect(verify(archive, contract)).toMatchObject({
      status: 0,
      report: { reports: [{ package: { version: 2 } }, { indication: 'TOTAL-PASSED' }] },
    });
    const altered = join(installation.directory, 'altered.zip');
    const bytes = readFileSync(archive);
    bytes[bytes.indexOf('"contractNumber"') + 20]! ^= 1;
    writeFileSync(altered, bytes);
    const found = verify(altered, contract);
    expect(found.status).toBe(1);
    expect(found.report).toMatchObject({ reports: [{ indication: 'TOTAL-FAILED' }, {}] });
    // Keys are believed only where the folder says so.
    const anchors = join(installation.directory, 'anchors');
    cpSync(installation.trust, anchors, { recursive: true });
    rmSync(join(anchors, 'jwks.json'));
    expect(verify(archive, '--trust', anchors)).toMatchObject({
      status: 2,
      report: { signatures: [sealed(), sealed()] },
    });
    const run = qianyin(['verify', archive, '--trust', anchors, '--offline']);
    expect([run.status, run.stdout]).toEqual([2, expect.stringContaining('jwks.json')]);
    expect(qianyin(['verify', archive, '--trust', anchors, '--report', 'x.pdf']).status).toBe(64);
  });

  it('answers usage and data faults with their exit status', () => {
    expect(qianyin(['verify', contract]).status).toBe(64);
    const text = join(installation.directory, 'not.pdf');
    writeFileSync(text, 'hello');
    expect(qianyin(['verify', text, '--trust', installation.trust]).status).toBe(65);
  });
});

describe('signing from the command line', () => {
  it('signs with a PKCS#12 file and verifies, and refuses a wrong password', () => {
    const directory = join(installation.directory, 'cli');
    const pki = join(directory, 'pki');
    const p12 = join(directory, 'signer.p12');
    const out = join(directory, 'signed.pdf');
    expect(qianyin(['pki', 'init', '--out', pki]).status).toBe(0);
    const issued = qianyin(
      [
        'pki',
        'issue',
        '--pki',
        pki,
        '--subject',
        'CN=张三,O=示例市财政局,C=CN',
        '--p12',
        p12,
        '--json',
      ],
      { QIANYIN_PIN: '口令12345' },
    );
    expect([issued.status, issued.stderr]).toEqual([0, '']);
    const unsigned = contract.replace(/\.pdf$/, '-0.pdf');
    const sign = (pin: string) =>
      qianyin(['sign', unsigned, '-o', out, '--p12', p12, '--reason', '测试'], {
        QIANYIN_PIN: pin,
      });
    expect(sign('wrong').status).toBe(77);
    expect(existsSync(out)).toBe(false);
    expect(sign('口令12345')).toMatchObject({ status: 0 });
    const verify = () =>
      qianyin(['verify', out, '--trust', join(pki, 'trust'), '--offline', '--json']);
    expect(verify().status).toBe(0);

    const { serial } = JSON.parse(issued.stdout) as { serial: string };
    expect(qianyin(['pki', 'revoke', '--pki', pki, '--serial', serial]).status).toBe(0);
    const revoked = verify();
    expect(revoked.status).toBe(2);
    expect(revoked.stdout).toContain('REVOKED_NO_POE');
  });

  it('lists the UKeys, the signing certificate chosen', () => {
    const env = {
      QIANYIN_PKCS11_SOFTHSM_CONF: join(installation.directory, 'softhsm', 'softhsm2.conf'),
    };
    const config = JSON.parse(readFileSync(installation.configFile, 'utf8')) as {
      pkcs11: { modules: string };
    };
    const run = qianyin(['token', 'list', '--module', config.pkcs11.modules, '--json'], env);
    expect(run.status).toBe(0);
    const { tokens } = JSON.parse(run.stdout) as {
      tokens: { label: string; certificates: { selected: boolean; keyUsage: string[] }[] }[];
    };
    expect(tokens.map(({ label }) => label).sort()).toEqual([
      '交易中心UKey',
      '印章复核员UKey',
      '印章管理员UKey',
      '预算一体化UKey',
    ]);
    for (const { certificates } of tokens) {
      const selected = certificates.filter((each) => each.selected);
      expect(selected).toHaveLength(1);
      expect(selected[0]?.keyUsage).toContain('digitalSignature');
    }
  });
});

it('runs again on what is there', () => {
  const run = qianyin(['quickstart', '--once', '--data', installation.directory, '--json']);
  expect(run.status).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ indication: 'TOTAL-PASSED' });
});

it('backs up, restores and still verifies its log', () => {
  const archive = join(installation.directory, 'backup.tar');
  const restored = join(installation.directory, 'restored');
  expect(qianyin(['backup', '--data', installation.directory, '-o', archive]).status).toBe(0);
  expect(qianyin(['restore', archive, '--data', restored]).status).toBe(0);
  expect(qianyin(['audit', 'verify', '--data', restored]).status).toBe(0);
});
