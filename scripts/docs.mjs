// Rewrites the pages that are made from code: run after a change of settings.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './environment.mjs';

const { settingsTable } = await import(join(ROOT, 'dist', 'config', 'index.js'));
writeFileSync(
  join(ROOT, 'docs', 'configuration.md'),
  `# 配置 (configuration)

A setting comes from the environment, else from the JSON file of \`serve --config\`, else from its default. In the file a dot is a level: \`jwt.ttlSeconds\` is \`{"jwt": {"ttlSeconds": 900}}\`. All faults are reported at once, values never.

${settingsTable()}

\`QIANYIN_PIN\` is read by the command line only: the PIN or password of \`sign\` and \`pki issue\`. \`QIANYIN_PDF_PASSWORD\` likewise: the password of an encrypted PDF.
`,
);
