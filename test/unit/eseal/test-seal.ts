/** Seals made for one test. */
import {
  assembleSeal,
  buildSealInfo,
  parseSeal,
  signAlgIDOf,
  type SES_SealInfo,
  type SESeal,
  type WrittenSESVersion,
} from '../../../src/eseal/index.js';
import { testAuthority, testKey, testLeaf, type TestAuthority } from '../pki/test-pki.js';

export interface Makers {
  readonly root: TestAuthority;
  readonly maker: TestAuthority;
  readonly signer: TestAuthority;
}

/** An SM2 root and maker, and a signer with an RSA key, as the UKeys in use have. */
export async function makers(): Promise<Makers> {
  const root = await testAuthority('CN=测试印章根CA,C=CN', undefined, { key: testKey('SM2') });
  const maker = await testLeaf('CN=测试制章系统,O=测试备案中心,C=CN', root, {
    key: testKey('SM2'),
  });
  const signer = await testLeaf('CN=示例市教育局,O=示例市教育局,C=CN', root, {
    key: testKey('rsa'),
  });
  return { root, maker, signer };
}

export function sealInfo(certs: readonly Uint8Array[]): SES_SealInfo {
  return {
    vid: 'QIANYIN',
    esID: '3701020000011',
    property: {
      type: 1,
      name: '示例市教育局合同专用章',
      certList: { certListType: 1, certs },
      createDate: new Date('2026-06-01T00:00:00Z'),
      validStart: new Date('2026-06-01T00:00:00Z'),
      validEnd: new Date('2027-06-01T00:00:00Z'),
    },
    picture: { type: 'PNG', data: Uint8Array.of(0x89, 0x50, 0x4e, 0x47), width: 42, height: 42 },
    extDatas: [],
  };
}

export async function sealDer(
  maker: TestAuthority,
  info: SES_SealInfo,
  version: WrittenSESVersion = 4,
): Promise<Uint8Array> {
  const infoDer = buildSealInfo(info, version);
  return assembleSeal({
    version,
    infoDer,
    cert: maker.certificate.der,
    signAlgID: signAlgIDOf(maker.certificate.publicKey.key!),
    signedValue: await maker.key.sign(infoDer, maker.key.scheme),
  });
}

export async function makeSeal(
  { maker, signer }: Makers,
  version: WrittenSESVersion = 4,
): Promise<SESeal> {
  return parseSeal(await sealDer(maker, sealInfo([signer.certificate.der]), version));
}
