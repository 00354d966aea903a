/**
 * Gives an installation one more UKey, as a process of its own: SoftHSM reads where its tokens are from
 * the environment that a process began with.
 *
 * `agent-token.ts DIRECTORY LABEL SUBJECT`: the PIN is in `pins/agent.txt`; the certificate goes to
 * standard output, base64.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { softHsmLibrary } from '../../src/app/quickstart/quickstart.js';
import { Secret, systemClock } from '../../src/kernel/index.js';
import { provisionSoftHsm } from '../../src/sandbox/softhsm/index.js';

const [directory = '', label = '', subject = ''] = process.argv.slice(2);
const pin = (name: string): Secret =>
  Secret.fromText(readFileSync(join(directory, 'pins', `${name}.txt`), 'utf8').trim());

const { tokens } = await provisionSoftHsm({
  directory: join(directory, 'softhsm'),
  modulePath: softHsmLibrary(),
  pkiDirectory: join(directory, 'pki'),
  clock: systemClock,
  tokens: [{ label, subject, pin: pin('agent'), soPin: pin('so'), issuerId: 'trading-centre' }],
});
process.stdout.write(Buffer.from(tokens[0]!.signingCertificateDer).toString('base64'));
