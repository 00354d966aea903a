/** The seal inside a `SES_Signature`, judged with the signature. */
import { isListedSigner, type SES_Signature } from '../eseal/index.js';
import type { Certificate } from '../pki/index.js';
import { message } from './messages.js';
import type { SealCheck, SealCheckInput } from './seal-check.js';
import { checkSealStructure } from './seal-structure.js';
import { Verdict } from './verdict.js';

/** The seal inside the signature: is the signer one of its own, is the seal to be believed, was it in force. */
export async function checkSignedSeal(
  signature: SES_Signature,
  certificate: Certificate,
  input: Pick<SealCheckInput, 'claimedAt' | 'provedAt' | 'at' | 'trust' | 'revocation'>,
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
  // Another house's seal stands in no register of ours, and its picture on the page is that house's drawing.
  verdict.add('TOTAL-PASSED', null, message('seal-unknown'));
  const status = structure.status === 'not-yet-valid' ? 'unknown' : structure.status;
  return {
    verdict: { code, name: property.name, status, pictureMatches: null },
    indication: verdict.indication,
    subIndication: verdict.subIndication,
    messages: verdict.messages,
  };
}
