import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/kernel/index.js';
import { TRUST_USAGES, type TrustStore } from '../../src/trust/index.js';
import { verifyPdf } from '../../src/verification/index.js';
import { TestPki } from '../support/test-pki.js';
import { trustOf } from '../support/trust.js';
import type { Attack, Honest } from './attack.js';
import { GROUPS } from './groups.js';
import { makeHonest } from './honest.js';

const at = new Date('2026-11-23T00:00:00Z');
const LIMIT_MS = 3000;
let pki: TestPki;
let honest: Honest;

beforeAll(async () => {
  pki = await TestPki.create();
  honest = await makeHonest(pki);
});

/** The signers' root for all but seals, the seals' root for seals alone. */
function trust(): TrustStore {
  const signers = trustOf(pki, {
    usages: TRUST_USAGES.filter((usage) => usage !== 'seal-making'),
  });
  const makers = trustOf(
    { rootDer: honest.holders.sealRoot.certificate.der },
    { name: 'seals', usages: ['seal-making'] },
  );
  return {
    profiles: async () => [...(await signers.profiles()), ...(await makers.profiles())],
  };
}

/** @param isPrecise - Whether sub-indications are wanted too. */
async function verdict(
  pdf: Uint8Array,
  isPrecise = false,
  seals?: Attack['seals'],
): Promise<string> {
  try {
    const report = await verifyPdf(pdf, {
      fileName: 'attack.pdf',
      trust: trust(),
      at,
      ...(seals === undefined ? {} : { seals: seals(honest) }),
    });
    const each = report.signatures.map(({ indication, subIndication }) =>
      isPrecise && subIndication !== null ? `${indication}/${subIndication}` : indication,
    );
    return each.length === 0 ? report.indication : each.join(', ');
  } catch (error) {
    // Anything else than the product's own error is a crash.
    if (!(error instanceof AppError)) throw error;
    return `error ${error.code}`;
  }
}

it('the honest files pass', async () => {
  const { once, twice, certified, compressed, form, rich } = honest;
  for (const file of [once, twice, ...certified, compressed, form, rich]) {
    expect(await verdict(file)).toMatch(/^TOTAL-PASSED(, TOTAL-PASSED)*$/);
  }
});

function refuses(title: string, attacks: readonly Attack[]): void {
  describe(title, () => {
    it.each(attacks.map((each) => [each.name, each] as const))('%s', async (_name, attack) => {
      const file = await attack.build(honest);
      const start = process.cpuUsage();
      const found = await verdict(file, attack.verdict?.includes('/'), attack.seals);
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1000).toBeLessThan(LIMIT_MS);
      expect({ found, reason: attack.reason }).toEqual({
        found: attack.verdict ?? 'TOTAL-FAILED',
        reason: attack.reason,
      });
    });
  });
}

for (const { title, attacks, twins = [] } of GROUPS) {
  refuses(title, attacks);
  if (twins.length > 0) passes(title, twins);
}

function passes(title: string, twins: readonly Attack[]): void {
  describe(`sound beside ${title}`, () => {
    it.each(twins.map((each) => [each.name, each] as const))('%s', async (_name, twin) => {
      const found = await verdict(await twin.build(honest), true, twin.seals);
      expect(`${found}: ${twin.reason}`).toMatch(/^TOTAL-PASSED(, TOTAL-PASSED)*: /);
    });
  });
}

/** The table for people, from the same data. */
function table(): string {
  const plain = (text: string): string => text.replace(/[\\`*_<>[\]|]/g, '\\$&');
  const sections = GROUPS.map(({ title, clause, attacks, twins = [] }) => {
    const rows = attacks.map(
      ({ name, reason, clause: own, verdict: expected = 'TOTAL-FAILED' }) =>
        `- ${plain(name)}: ${plain(reason)}. \`${expected}\`${own === undefined ? '' : ` (${plain(own)})`}`,
    );
    const sound = twins.map(({ name, reason }) => `- ${plain(name)}: ${plain(reason)}`);
    const beside =
      twins.length === 0 ? '' : `\nSound beside them, \`TOTAL-PASSED\`:\n\n${sound.join('\n')}\n`;
    return `## ${title}\n\n${clause}.\n\n${rows.join('\n')}\n${beside}`;
  });
  return `# Attack files and the verdict each must get

Generated from the data in \`test/attacks\`, which makes the files; \`QIANYIN_UPDATE_DOCS=1 npm run test:attacks\` writes it anew. Several verdicts are those of several signatures, oldest first; \`error\` is a refusal to read. No attack is \`TOTAL-PASSED\`: where one signature is, another of the same file is not.

${sections.join('\n')}`;
}

it('docs/attacks.md says what is tested', () => {
  const path = join(process.cwd(), 'docs/attacks.md');
  if (process.env['QIANYIN_UPDATE_DOCS'] === '1') writeFileSync(path, table());
  expect(readFileSync(path, 'utf8')).toBe(table());
});
