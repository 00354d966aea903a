/** Accounts, units, certificates and seals of the sample, made where they are not there yet. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Principal, Role, UnitRecord } from '../../access/index.js';
import { Secret, sha256Hex } from '../../kernel/index.js';
import {
  SAMPLE_BUYER,
  SAMPLE_REGION,
  SAMPLE_SUPPLIER,
  type SampleUnit,
} from '../../sandbox/sample/index.js';
import { SCOPE_ALL } from '../../store/index.js';
import type { Credentials } from './api-client.js';
import { keyFile } from '../data-folder/keys.js';
import type { Serving } from '../serve.js';

export interface Seeded {
  readonly buyer: UnitRecord;
  readonly supplier: UnitRecord;
  readonly handler: Credentials;
  readonly buyerSigner: Credentials;
  readonly supplierSigner: Credentials;
}

export interface SampleCertificates {
  readonly buyer: Uint8Array;
  readonly supplier: Uint8Array;
  readonly sealAdministrator: Uint8Array;
  readonly sealReviewer: Uint8Array;
}

/** Who sets an installation up before there is any account. */
function installer(...roles: readonly Role[]): Principal {
  return {
    accountId: 'installation',
    roles,
    unitId: undefined,
    regionCode: SAMPLE_REGION,
    certificateSha256: undefined,
    requestId: undefined,
  };
}

const ADMINISTRATOR = installer('system-administrator');

/** Units and accounts; makes no seals. */
export async function seedAccounts(
  serving: Serving,
  dataDirectory: string,
  certificates: SampleCertificates,
): Promise<Seeded> {
  const seed = new Seed(serving, dataDirectory);
  const buyer = await seed.unit(SAMPLE_BUYER, certificates.buyer, 'budget-system');
  const supplier = await seed.unit(SAMPLE_SUPPLIER, certificates.supplier, 'trading-centre');
  const { sealAdministrator, sealReviewer } = certificates;
  await seed.account('seal-admin', ['seal-administrator'], undefined, sealAdministrator);
  await seed.account('seal-reviewer', ['seal-reviewer'], undefined, sealReviewer);
  await seed.account('supervisor', ['supervisor'], undefined);
  await seed.account('auditor', ['auditor'], undefined);
  return {
    buyer,
    supplier,
    handler: await seed.account('handler', ['unit-handler'], buyer),
    buyerSigner: await seed.account('buyer-signer', ['unit-signer'], buyer),
    supplierSigner: await seed.account('supplier-signer', ['supplier-signer'], supplier),
  };
}

class Seed {
  readonly #serving: Serving;
  readonly #dataDirectory: string;

  constructor(serving: Serving, dataDirectory: string) {
    this.#serving = serving;
    this.#dataDirectory = dataDirectory;
  }

  get #services() {
    return this.#serving.service.services;
  }

  get #collections() {
    return this.#serving.service.collections;
  }

  async unit(
    sample: SampleUnit,
    certificateDer: Uint8Array,
    tokenKind: 'budget-system' | 'trading-centre',
  ): Promise<UnitRecord> {
    const known = await this.#collections.units.getBy('creditCode', sample.creditCode, SCOPE_ALL);
    const unit =
      known ??
      (await this.#services.units.create(ADMINISTRATOR, {
        kind: sample.kind,
        name: sample.name,
        creditCode: sample.creditCode,
        regionCode: sample.regionCode,
        address: sample.address,
        ...(sample.budgetCode === undefined ? {} : { budgetCode: sample.budgetCode }),
      }));
    const sha256 = sha256Hex(certificateDer);
    if (unit.certificates.some((each) => each.sha256 === sha256)) return unit;
    return this.#services.units.enrolCertificate(ADMINISTRATOR, unit.id, {
      certificateDer,
      tokenKind,
    });
  }

  async account(
    name: string,
    roles: readonly Role[],
    unit: UnitRecord | undefined,
    certificateDer?: Uint8Array,
  ): Promise<Credentials> {
    const path = join(this.#dataDirectory, 'accounts', `${name}.txt`);
    const password = keyFile(path, () => `${randomBytes(12).toString('base64url')}\n`).trim();
    const certificateSha256 = certificateDer === undefined ? [] : [sha256Hex(certificateDer)];
    const known = await this.#collections.accounts.getBy('name', name, SCOPE_ALL);
    if (known === undefined) {
      await this.#services.accounts.create(ADMINISTRATOR, {
        name,
        kind: 'person',
        roles,
        password: Secret.fromText(password),
        certificateSha256,
        ...(unit === undefined ? { regionCode: SAMPLE_REGION } : { unitId: unit.id }),
      });
    } else if (certificateSha256.some((each) => !known.certificateSha256.includes(each))) {
      await this.#services.accounts.update(ADMINISTRATOR, known.id, { certificateSha256 });
    }
    return { name, password: Secret.fromText(password) };
  }
}
