/** The API against its own OpenAPI document, by requests that Schemathesis makes up: sound ones and wrong ones. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceFixture } from '../../http/service-fixture.js';

const PROGRAM = process.env['SCHEMATHESIS'];
/** No fault of the server's own, and no answer that the document does not have. */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'allow_header_conformance',
].join();

let fixture: ServiceFixture;
let directory: string;

beforeAll(async () => {
  fixture = await ServiceFixture.start();
  // The processes that read strangers' files start with the first one; on a busy machine that takes a while.
  for (const path of ['/verifications', '/verifications/signature-pictures']) {
    const headers = { 'content-type': 'application/pdf' };
    await fixture.call('POST', path, { body: 'hello', headers });
  }
  directory = mkdtempSync(join(tmpdir(), 'qianyin-schemathesis-'));
}, 180_000);
afterAll(async () => {
  await fixture.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** The server runs in this process, so the tool may not be waited for synchronously. */
function schemathesis(
  ...more: readonly string[]
): Promise<{ status: number | null; output: string }> {
  const child = spawn(
    PROGRAM ?? '',
    [
      ...['run', `${fixture.url}/api/v1/openapi.json`, '--url', `${fixture.url}/api/v1`],
      ...['--checks', CHECKS, '--seed', '20261125', '--request-timeout', '60'],
      ...['--no-shrink', '--continue-on-failure', '--no-color'],
      ...['--generation-database', 'none', '--warnings', 'off'],
      ...more,
    ],
    { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] } },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

/** As many requests on a slow machine as on a fast one: bounded by their number, not by time. */
describe('requests of', () => {
  it.each([
    ['nobody', ['--include-path-regex', '^/(public|verifications|auth)', '-n', '15'], ['fuzzing']],
    ['unit-handler', ['--include-method', 'GET'], ['coverage']],
    ['seal-administrator', ['-n', '2'], ['fuzzing']],
  ])(
    '%s',
    async (name, more, phases) => {
      if (PROGRAM === undefined) {
        if (process.env['CI'] === 'true') throw new Error('Schemathesis is missing in CI');
        console.log('skipped: SCHEMATHESIS names no program');
        return;
      }
      const bearer =
        name === 'nobody' ? [] : ['-H', `Authorization: Bearer ${fixture.tokenOf(name)}`];
      const { status, output } = await schemathesis(
        ...bearer,
        ...['--phases', phases.join(), ...more],
      );
      if (status !== 0) throw new Error(output.slice(-20_000));
      const [, cases] = /(\d+) generated, \1 passed/.exec(output) ?? [];
      expect(Number(cases)).toBeGreaterThan(50);
    },
    400_000,
  );
});
