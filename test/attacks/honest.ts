/** The honest files that attackers start from. */
import { samplePdf } from '../support/contract-pdf.js';
import { signPdf } from '../support/sign-pdf.js';
import type { TestPki } from '../support/test-pki.js';
import type { Honest } from './attack.js';
import { formPdf } from './shadow.js';

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
    sign: (pdf, rect) =>
      signPdf(pdf, buyer, rect === undefined ? {} : { place: { pageIndex: 0, rect } }),
  };
}
