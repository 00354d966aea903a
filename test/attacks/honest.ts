/** The honest files that attackers start from. */
import { createPublicKey } from 'node:crypto';
import { cachedCertificate } from '../../src/pki/index.js';
import { samplePdf } from '../support/contract-pdf.js';
import { signPdf } from '../support/sign-pdf.js';
import type { TestPki } from '../support/test-pki.js';
import type { Holders, Honest } from './attack.js';
import { ecKeys, holderOf, issue, rsaKeys } from './authority.js';
import { ENDED, timeAuthority } from './time-desk.js';
import { richPdf } from './rich.js';
import { formPdf } from './shadow.js';

async function makeHolders({ rootDer, rootKey }: TestPki): Promise<Holders> {
  const root = holderOf(cachedCertificate(rootDer), {
    privateKey: rootKey,
    publicKey: createPublicKey(rootKey),
  });
  const holder = (name: string, keys = ecKeys()) =>
    issue(`CN=${name},O=示例市财政局,C=CN`, { issuer: root, keys });
  const sealRoot = await issue('CN=测试印章根CA,C=CN');
  return {
    root,
    sealRoot,
    sealMaker: await issue('CN=测试制章系统,O=测试备案中心,C=CN', { issuer: sealRoot }),
    signer: await holder('甲'),
    peer: await holder('丙'),
    rsa: await holder('丁', rsaKeys()),
    late: await issue('CN=己,O=示例市财政局,C=CN', { issuer: root, notAfter: ENDED }),
    tsa: await timeAuthority({ root }),
    cubic: await holder('戊', rsaKeys(2048, 3)),
    stranger: await issue('CN=外人,C=CN'),
  };
}

export async function makeHonest(pki: TestPki): Promise<Honest> {
  const supplier = await pki.issue('CN=乙,O=示例供应商,C=CN', { key: 'P-256' });
  const buyer = await pki.issue('CN=甲,O=示例市财政局,C=CN', { key: 'P-256' });
  const plain = await samplePdf();
  const once = await signPdf(plain, supplier);
  return {
    plain,
    once,
    twice: await signPdf(once, buyer),
    certified: [
      await signPdf(plain, supplier, { certify: 1 }),
      await signPdf(plain, supplier, { certify: 2 }),
      await signPdf(plain, supplier, { certify: 3 }),
    ],
    compressed: await signPdf(await samplePdf({ useObjectStreams: true }), supplier),
    form: await signPdf(formPdf(plain), supplier),
    rich: await signPdf(richPdf(plain), supplier),
    holders: await makeHolders(pki),
    sign: (pdf, options) => signPdf(pdf, buyer, options),
  };
}
