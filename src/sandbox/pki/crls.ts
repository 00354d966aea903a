/** The CRLs of the development PKI, kept fresh in `trust/crl/`. */
import type { Clock } from '../../kernel/index.js';
import { buildCrl } from '../../pki/index.js';
import { authorities, crlFile, pkiDeclaration } from './declaration.js';
import { signerOf } from './holder-keys.js';
import type { PkiDirectory } from './pki-directory.js';

const DAY_MS = 24 * 3_600_000;

/** Signs a new CRL for every authority and counts the register's CRL number on. */
export async function publishCrls(pki: PkiDirectory, clock: Clock): Promise<void> {
  const register = await pki.readRegister();
  const crlNumber = register.crlNumber + 1;
  const { crlDays } = pkiDeclaration();
  const now = clock.now();
  for (const { id } of authorities()) {
    const authority = await pki.readHolder(id);
    const { subjectKeyIdHex } = authority.certificate.extensions;
    const der = await buildCrl({
      issuerNameDer: authority.certificate.subject.der,
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + crlDays * DAY_MS),
      number: crlNumber,
      entries: register.issued.flatMap(({ issuerId, serialHex, revokedAt, reason }) =>
        issuerId !== id || revokedAt === undefined
          ? []
          : [
              {
                serialHex,
                revokedAt: new Date(revokedAt),
                ...(reason === undefined ? {} : { reason }),
              },
            ],
      ),
      ...(subjectKeyIdHex === undefined ? {} : { authorityKeyIdHex: subjectKeyIdHex }),
      ...signerOf(authority),
    });
    await pki.writeTrust(crlFile(id), der);
  }
  await pki.writeRegister({ ...register, crlNumber });
}
