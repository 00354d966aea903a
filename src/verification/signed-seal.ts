/** The seal inside a `SES_Signature`, judged with the signature. */
import { isListedSigner, type SES_Signature, type SESeal } from '../eseal/index.js';
import { sha256Hex } from '../kernel/index.js';
import type { Certificate } from '../pki/index.js';
import { message } from './messages.js';
import type { SealCheck, SealCheckInput } from './seal-check.js';
import { standingOf, type SealRegister, type SealStanding } from './seal-register.js';
import { checkSealStructure } from './seal-structure.js';
import { Verdict } from './verdict.js';

const UNKNOWN_HERE = {
  status: 'valid',
  indication: 'TOTAL-PASSED',
  subIndication: null,
  messages: [message('seal-unknown')],
} as const satisfies SealStanding;

/** Another house's seal stands in no register of ours; a seal under a code of ours is one that was made here, or forged. */
async function standingIn(
  register: SealRegister | undefined,
  { der, info }: SESeal,
  use: Parameters<typeof standingOf>[1],
): Promise<SealStanding> {
  const facts = await register?.findStructure(info.esID, sha256Hex(der));
  if (facts === undefined) return UNKNOWN_HERE;
  if (facts !== 'other-structure') return standingOf(facts, use);
  return {
    status: 'unknown',
    indication: 'TOTAL-FAILED',
    subIndication: 'SIG_CONSTRAINTS_FAILURE',
    messages: [message('seal-not-registered', info.esID)],
  };
}

/** The seal inside the signature: is the signer one of its own, is the seal to be believed, was it in force. */
export async function checkSignedSeal(
  signature: SES_Signature,
  certificate: Certificate,
  input: Omit<SealCheckInput, 'document' | 'located' | 'certificate'>,
): Promise<SealCheck> {
  const { eseal } = signature.toSign;
  const { esID: code, property } = eseal.info;
  const verdict = new Verdict();
  if (!isListedSigner(property.certList, certificate.der)) {
    const said = message('seal-certificate-mismatch');
    verdict.add('TOTAL-FAILED', 'SIG_CONSTRAINTS_FAILURE', said);
  }
  const structure = await checkSealStructure({
    seal: eseal,
    usedAt: input.claimedAt,
    provedAt: input.provedAt,
    at: input.at,
    trust: input.trust,
    revocation: input.revocation,
  });
  verdict.add(structure.indication, structure.subIndication, ...structure.messages);
  const standing = await standingIn(input.register, eseal, { ...input, certificate });
  verdict.add(standing.indication, standing.subIndication, ...standing.messages);
  const made = structure.status === 'not-yet-valid' ? 'unknown' : structure.status;
  const status = standing.status === 'valid' ? made : standing.status;
  return {
    verdict: { code, name: property.name, status, pictureMatches: null },
    indication: verdict.indication,
    subIndication: verdict.subIndication,
    messages: verdict.messages,
  };
}
