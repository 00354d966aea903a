/** What a package is built from: a log with the contract's events, and keys that are the same in every run. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import {
  AUDIT_CHECKPOINTS,
  AUDIT_ENTRIES,
  createAuditLog,
  type AuditEvent,
  type AuditLog,
} from '../../../src/audit/index.js';
import { agentOf, type ContractRecord } from '../../../src/contract/index.js';
import { validationMaterial, type PackageContents } from '../../../src/filing/index.js';
import type { PackageProofs } from '../../../src/filing/package-builder.js';
import {
  auditPartOf,
  type StatementSigner,
  type StatementVerifier,
} from '../../../src/filing/package/index.js';
import { sha256Hex } from '../../../src/kernel/index.js';
import { openMemoryStore } from '../../../src/store/memory/index.js';
import type { RecordStore } from '../../../src/store/index.js';
import { openTrustFolder } from '../../../src/trust/file/index.js';
import { fileURLToPath } from 'node:url';
import {
  AUTHORISATION,
  BUYER_SEAL,
  BUYER_SEAL_PICTURE,
  SIGNED_DOCUMENT,
  signedContract,
} from './signed-contract.js';

export const TRUST_DIRECTORY = fileURLToPath(
  new URL('../../vectors/filing/trust', import.meta.url),
);
/** A time at which the vector's certificates hold. */
export const VECTOR_AT = new Date('2026-12-01T00:00:00Z');

export interface TestKey extends StatementSigner {
  readonly publicKey: KeyObject;
}

/** As the service signs checkpoints with; its signatures differ each time. */
export function ecKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (message) => new Uint8Array(sign('sha256', message, privateKey)),
  };
}

/** Ed25519 from a seed of one repeated byte: for golden bytes, and worth nothing. */
export function testKey(seed: number): TestKey {
  const pkcs8 = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.alloc(32, seed),
  ]);
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

function keyIdOf(key: KeyObject): string {
  return sha256Hex(new Uint8Array(key.export({ type: 'spki', format: 'der' }))).slice(0, 32);
}

export function verifierOf(...keys: readonly KeyObject[]): StatementVerifier {
  const byId = new Map(keys.map((key) => [keyIdOf(key), key]));
  return {
    knows: (keyId) => byId.has(keyId),
    verify(keyId, message, signature) {
      const key = byId.get(keyId);
      if (key === undefined) return false;
      const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
      return verify(digest, message, key, signature);
    },
  };
}

export const PACKAGE_KEY = testKey(1);
export const AUDIT_KEY = testKey(2);

/** What the service writes on the way to the last signature, with other contracts' events between. */
function eventsOf(contract: ContractRecord): readonly AuditEvent[] {
  const annexed = agentOf(contract)?.authorisation.blobId;
  const types = [
    'created',
    ...(annexed === undefined ? [] : ['agent-authorised']),
    'sent',
    'confirmed',
    'party-signed',
    'party-signed',
    'signed',
  ];
  return types.flatMap((type, index) =>
    [contract.id, 'ctr_other'].map((id) => ({
      id: `evt_${id}_${index}`,
      at: `2026-11-1${index}T02:00:00Z`,
      type: `contract.${type}`,
      actor: { accountId: 'acc_1', role: 'unit-signer' },
      subject: { kind: 'contract', id },
      scopeKeys: ['unit:unit_buyer'],
      details: {
        documentSha256: contract.signatures.at(-1)?.blobId ?? '',
        ...(annexed === undefined ? {} : { authorisationSha256: annexed }),
      },
    })),
  );
}

/** A log on `store` in which the contract has been signed. */
export async function signedLog(
  store: RecordStore,
  contract: ContractRecord,
  key = AUDIT_KEY,
): Promise<AuditLog> {
  const log = createAuditLog({
    entries: await store.open(AUDIT_ENTRIES),
    checkpoints: await store.open(AUDIT_CHECKPOINTS),
    key: { ...key, ...verifierOf(key.publicKey) },
    clock: { now: () => new Date('2026-11-20T02:00:01Z'), monotonicMs: () => 0 },
  });
  await log.append(eventsOf(contract));
  return log;
}

export function proofsOf(log: AuditLog): PackageProofs {
  return {
    log,
    auditKeyPem: AUDIT_KEY.publicKeyPem,
    signer: PACKAGE_KEY,
    trust: openTrustFolder(TRUST_DIRECTORY),
  };
}

export async function packageContents(
  contract: ContractRecord = signedContract(),
  auditKey = AUDIT_KEY,
): Promise<PackageContents> {
  const log = await signedLog(openMemoryStore(), contract, auditKey);
  const isByAgent = agentOf(contract) !== undefined;
  const [profile] = await openTrustFolder(TRUST_DIRECTORY).profiles();
  return {
    filingId: 'fil_0123456789abcdefghjkmnpqrs',
    contract,
    documentBytes: SIGNED_DOCUMENT,
    ...(isByAgent ? { authorisationBytes: AUTHORISATION } : {}),
    material: validationMaterial(SIGNED_DOCUMENT, profile?.anchorsDer ?? []),
    seals: new Map([[BUYER_SEAL.id, BUYER_SEAL]]),
    pictures: new Map([[sha256Hex(BUYER_SEAL_PICTURE), BUYER_SEAL_PICTURE]]),
    audit: await auditPartOf(log, contract.id),
    auditKeyPem: auditKey.publicKeyPem,
    signer: PACKAGE_KEY,
  };
}
