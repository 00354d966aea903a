/** One signature without service and network: open, prepare, sign, embed, verify what was made. */
import { createCertificateValidator } from '../../src/app/bridges/certificate-validator.js';
import { createLogger } from '../../src/app/logger.js';
import { createSealDesk } from '../../src/app/bridges/seal-desk.js';
import type { ContractRecord } from '../../src/contract/index.js';
import { ConcatSource, MemorySource, sha256Hex, systemClock } from '../../src/kernel/index.js';
import { finishSignature } from '../../src/pades/index.js';
import { openPdf } from '../../src/pdf/index.js';
import { beginRevisionFor } from '../../src/signing/revision.js';
import { openPkcs11Provider } from '../../src/token/pkcs11/index.js';
import type { SigningKey } from '../../src/token/index.js';
import { openTrustFolder } from '../../src/trust/file/index.js';
import { verifyPdf } from '../../src/verification/index.js';
import type { StepWatch } from '../measure.js';
import { TOKENS } from '../installation/ground.js';
import type { Place } from '../installation/place.js';

export interface InProcessSigner extends AsyncDisposable {
  /** Signs the contract once; the result is verified and dropped. @returns Bytes that were appended. */
  sign(watch?: StepWatch): Promise<number>;
}

export async function openInProcessSigner(
  place: Place,
  contract: ContractRecord,
): Promise<InProcessSigner> {
  const { collections, services } = place.serving.service;
  const tokens = await openPkcs11Provider({
    modulePaths: [place.ground.modulePath],
    logger: createLogger('error'),
    clock: systemClock,
  });
  const key = await tokens.open({ label: TOKENS.buyer }, { pin: place.ground.pin });
  const trust = openTrustFolder(place.ground.trustDirectory);
  const at = systemClock.now();
  const chainDer = await createCertificateValidator({ trust, revocation: undefined }).validate(
    key.certificateDer,
    key.chainDer,
    at,
  );
  const desk = createSealDesk({ seals: collections.seals, service: services.seals });
  const seal = await desk.supply.forSigning({
    unitId: contract.buyerUnitId,
    duty: 'unit-seal',
    sealId: undefined,
    certificateSha256: sha256Hex(key.certificateDer),
    at,
  });
  if (seal === undefined || contract.document === undefined)
    throw new Error('nothing to sign with');
  const pdf = await services.blobs.read(contract.document.blobId);
  const certificates = certificatesOf(key, chainDer);

  return {
    async sign(watch) {
      watch?.start();
      const claimedAt = new Date(Math.floor(systemClock.now().getTime() / 1000) * 1000);
      const base = new MemorySource(pdf);
      const document = openPdf(base, { mode: 'lenient' });
      watch?.lap('open the PDF');
      const pending = beginRevisionFor(document, {
        contract,
        role: 'buyer',
        duty: 'unit-seal',
        signerName: '示例签章人',
        certificates,
        seal,
        claimedAt,
      });
      watch?.lap('prepare the revision, digest it');
      const signature = await key.sign(pending.signedAttributes, pending.scheme);
      watch?.lap('sign by the token, check the value');
      const appended = finishSignature(pending, signature);
      watch?.lap('build and embed the CMS');
      const report = await verifyPdf(new ConcatSource(base, new MemorySource(appended)), {
        fileName: 'contract',
        trust,
        seals: desk.register,
        at: claimedAt,
      });
      watch?.lap('verify the result');
      if (report.indication !== 'TOTAL-PASSED') {
        throw new Error(`what was signed does not verify: ${JSON.stringify(report.signatures)}`);
      }
      return appended.length;
    },
    async [Symbol.asyncDispose]() {
      await key[Symbol.asyncDispose]();
      await tokens[Symbol.asyncDispose]();
    },
  };
}

function certificatesOf(key: SigningKey, chainDer: readonly Uint8Array[]) {
  return { certificateDer: key.certificateDer, chainDer, algorithm: key.algorithm };
}
