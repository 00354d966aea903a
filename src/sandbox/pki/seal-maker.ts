/** The development PKI's seal maker as a PKCS#12 file, which a service makes seals with. */
import type { Secret } from '../../kernel/index.js';
import { pkiDeclaration } from './declaration.js';
import { PkiDirectory } from './pki-directory.js';
import { writePkcs12 } from './pkcs12-writer.js';

/**
 * @param directory - A PKI that `initPki` made.
 * @throws AppError `file-not-found` where it has no seal maker
 */
export async function sealMakerPkcs12(directory: string, password: Secret): Promise<Uint8Array> {
  const pki = new PkiDirectory(directory);
  const { sealMaker, sealRoot } = pkiDeclaration();
  const holder = await pki.readHolder(sealMaker.id);
  const root = await pki.readHolder(sealRoot.id);
  return writePkcs12({
    privateKey: holder.key,
    certificateDer: holder.certificate.der,
    chainDer: [root.certificate.der],
    friendlyName: sealMaker.id,
    password,
  });
}
