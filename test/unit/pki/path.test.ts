import { describe, expect, it } from '@jest/globals';
import {
  basicConstraintsExtension,
  buildCertificate,
  buildExtension,
  buildNameFromText,
  buildPaths,
  certificatePoliciesExtension,
  derInteger,
  derNull,
  derOid,
  derSequence,
  keyUsageExtension,
  nameConstraintsExtension,
  OID,
  parseCertificate,
  parseName,
  subjectAltNameExtension,
  validatePath,
  type Certificate,
  type GeneralName,
  type PathOptions,
} from '../../../src/pki/index.js';
import { DAY, NOW, testAuthority, testKey, testLeaf, type TestAuthority } from './test-pki.js';

const root = await testAuthority('CN=Root,C=CN');
const intermediate = await testAuthority('CN=Issuing,C=CN', root);
const leaf = await testLeaf('CN=Signer,C=CN', intermediate);

function problems(
  chain: readonly TestAuthority[],
  options: Partial<PathOptions> = {},
): (string | number)[][] {
  const path = chain.map(({ certificate }) => certificate);
  const result = validatePath(path, { at: NOW, ...options });
  expect(result.isValid).toBe(result.faults.length === 0);
  return result.faults.map(({ problem, index }) => [problem, index]);
}

describe('validatePath', () => {
  it('accepts a sound path', () => {
    expect(problems([leaf, intermediate, root])).toEqual([]);
  });

  it('answers for an empty path and for a trusted target', () => {
    expect(problems([])).toEqual([['empty-path', 0]]);
    expect(problems([root])).toEqual([]);
    expect(problems([root], { at: new Date(NOW.getTime() + 400 * DAY) })).toEqual([['expired', 0]]);
  });

  it('checks the time of everything below the anchor, to the second', () => {
    const end = leaf.certificate.notAfter;
    expect(problems([leaf, intermediate, root], { at: end })).toEqual([]);
    expect(problems([leaf, intermediate, root], { at: new Date(end.getTime() + 1000) })).toEqual([
      ['expired', 1],
      ['expired', 0],
    ]);
    const before = new Date(NOW.getTime() - 400 * DAY);
    expect(problems([leaf, root], { at: before, checksAnchorValidity: true })).toContainEqual([
      'not-yet-valid',
      1,
    ]);
  });

  it('finds a forged signature under the right name', async () => {
    const impostor = await testAuthority('CN=Issuing,C=CN', root);
    expect(problems([leaf, impostor, root])).toEqual([['signature-invalid', 0]]);
  });

  it('finds names that do not chain', async () => {
    const other = await testAuthority('CN=Other,C=CN', root, { key: intermediate.key });
    expect(problems([leaf, other, root])).toEqual([['name-chaining', 0]]);
  });

  it('refuses an issuer that is no CA, or may not sign certificates', async () => {
    const notCa = await testLeaf('CN=NotCa', root);
    const below = await testLeaf('CN=Below', notCa);
    expect(problems([below, notCa, root])).toEqual([
      ['not-a-ca', 1],
      ['key-usage', 1],
    ]);
    const falseFlag = await testAuthority('CN=False', root, {
      extensions: [basicConstraintsExtension(false), keyUsageExtension('keyCertSign')],
    });
    expect(problems([await testLeaf('CN=x', falseFlag), falseFlag, root])).toEqual([
      ['not-a-ca', 1],
    ]);
    const crlOnly = await testAuthority('CN=CrlOnly', root, {
      extensions: [basicConstraintsExtension(true), keyUsageExtension('cRLSign')],
    });
    expect(problems([await testLeaf('CN=x', crlOnly), crlOnly, root])).toEqual([['key-usage', 1]]);
  });

  it('counts path lengths without self-issued certificates', async () => {
    const zero = await testAuthority('CN=Zero', root, { pathLength: 0 });
    const second = await testAuthority('CN=Second', zero);
    expect(problems([await testLeaf('CN=x', zero), zero, root])).toEqual([]);
    expect(problems([await testLeaf('CN=x', second), second, zero, root])).toEqual([
      ['path-length', 1],
    ]);
    const rolled = await testAuthority('CN=Zero', zero);
    expect(problems([await testLeaf('CN=x', rolled), rolled, zero, root])).toEqual([]);
    const limited = await testAuthority('CN=Limited', undefined, { pathLength: 0 });
    const under = await testAuthority('CN=Under', limited);
    expect(problems([await testLeaf('CN=x', under), under, limited])).toEqual([['path-length', 1]]);
  });

  it('refuses unknown critical, malformed and repeated extensions anywhere on the path', async () => {
    const odd = await testAuthority('CN=Odd', root, {
      further: [
        buildExtension('1.2.3.4', derNull(), true),
        buildExtension(OID.inhibitAnyPolicy, derNull()),
        keyUsageExtension('keyCertSign'),
      ],
    });
    expect(problems([await testLeaf('CN=x', odd), odd, root])).toEqual([
      ['unknown-critical', 1],
      ['malformed-extension', 1],
      ['malformed-extension', 1],
    ]);
  });

  it('refuses weak keys and digests unless allowed, and reports them either way', async () => {
    const weak = await testLeaf('CN=Weak', root, { key: testKey('rsa-1024') });
    expect(problems([weak, root])).toEqual([['weak-key', 0]]);
    const allowed = validatePath([weak.certificate, root.certificate], {
      at: NOW,
      allowsWeakAlgorithms: true,
    });
    expect(allowed.isValid).toBe(true);
    expect(allowed.weaknesses).toEqual([
      { problem: 'weak-key', index: 0, detail: 'rsa-key-too-short' },
    ]);
  });

  it('refuses a certificate whose inner algorithm differs from the outer', () => {
    const der = leaf.certificate.der.slice();
    // The first algorithm identifier of the signed part: ecdsa-with-SHA256 becomes SHA-384.
    const at = der.findIndex(
      (_, i) => der[i] === 0x04 && der[i + 1] === 0x03 && der[i + 2] === 0x02,
    );
    der[at + 2] = 0x03;
    const changed = parseCertificate(der);
    const { faults } = validatePath([changed, intermediate.certificate, root.certificate], {
      at: NOW,
    });
    expect(faults.map(({ problem }) => problem)).toEqual([
      'algorithm-mismatch',
      'signature-invalid',
    ]);
  });
});

describe('name constraints', () => {
  const directory = (text: string): GeneralName => ({
    kind: 'directory',
    name: parseName(buildNameFromText(text)),
  });
  const constrained = (permitted: GeneralName[], excluded: GeneralName[] = []) =>
    testAuthority('CN=Constrained,O=省,C=CN', root, {
      further: [nameConstraintsExtension({ permitted, excluded })],
    });
  const check = async (
    authority: TestAuthority,
    subject: string,
    ...names: GeneralName[]
  ): Promise<boolean> => {
    const further = names.length === 0 ? [] : [subjectAltNameExtension(names)];
    const below = await testLeaf(subject, authority, { further });
    return problems([below, authority, root]).length === 0;
  };

  it('holds directory names to their subtree', async () => {
    const authority = await constrained([directory('O=省,C=CN')], [directory('OU=密,O=省,C=CN')]);
    expect(await check(authority, 'CN=a,O=省,C=CN')).toBe(true);
    expect(await check(authority, 'CN=a,O=市,C=CN')).toBe(false);
    expect(await check(authority, 'CN=a,OU=密,O=省,C=CN')).toBe(false);
  });

  it.each<[string, GeneralName, GeneralName, boolean]>([
    ['dns below', { kind: 'dns', value: 'gov.cn' }, { kind: 'dns', value: 'A.GOV.CN' }, true],
    ['dns beside', { kind: 'dns', value: 'gov.cn' }, { kind: 'dns', value: 'notgov.cn' }, false],
    ['email host', { kind: 'email', value: 'gov.cn' }, { kind: 'email', value: 'a@gov.cn' }, true],
    [
      'email subdomain',
      { kind: 'email', value: 'gov.cn' },
      { kind: 'email', value: 'a@x.gov.cn' },
      false,
    ],
    [
      'email dotted',
      { kind: 'email', value: '.gov.cn' },
      { kind: 'email', value: 'a@x.gov.cn' },
      true,
    ],
    [
      'uri host',
      { kind: 'uri', value: '.gov.cn' },
      { kind: 'uri', value: 'https://a.gov.cn/x' },
      true,
    ],
    ['uri no host', { kind: 'uri', value: '.gov.cn' }, { kind: 'uri', value: 'urn:x' }, false],
    [
      'address inside',
      { kind: 'ip', octets: Uint8Array.of(10, 1, 0, 0, 255, 255, 0, 0) },
      { kind: 'ip', octets: Uint8Array.of(10, 1, 2, 3) },
      true,
    ],
    [
      'address outside',
      { kind: 'ip', octets: Uint8Array.of(10, 1, 0, 0, 255, 255, 0, 0) },
      { kind: 'ip', octets: Uint8Array.of(10, 2, 2, 3) },
      false,
    ],
  ])('compares %s', async (_, base, name, expected) => {
    expect(await check(await constrained([base]), 'CN=a', name)).toBe(expected);
    if (name.kind !== 'uri') {
      expect(await check(await constrained([], [base]), 'CN=a', name)).toBe(!expected);
    }
  });
});

describe('policies', () => {
  const requireExplicit = (skip: number): Uint8Array =>
    buildExtension(OID.policyConstraints, derSequence(Uint8Array.of(0x80, 1, skip)), true);
  const policyPath = async (
    authorityFurther: readonly Uint8Array[],
    leafFurther: readonly Uint8Array[],
  ): Promise<TestAuthority[]> => {
    const authority = await testAuthority('CN=Policy', root, { further: authorityFurther });
    return [await testLeaf('CN=x', authority, { further: leafFurther }), authority, root];
  };
  const policies = (...oids: string[]): Uint8Array => certificatePoliciesExtension(oids);

  it('names the policies that hold, and needs none unless told', async () => {
    const path = await policyPath([policies('1.2.3', '1.2.4')], [policies('1.2.4', '1.2.5')]);
    const result = validatePath(
      path.map(({ certificate }) => certificate),
      { at: NOW, requireExplicitPolicy: true },
    );
    expect(result).toMatchObject({ isValid: true, policies: ['1.2.4'] });
    expect(problems(path, { requireExplicitPolicy: true, acceptedPolicies: ['1.2.3'] })).toEqual([
      ['policy', 0],
    ]);
    expect(problems(await policyPath([], []))).toEqual([]);
    expect(problems(await policyPath([], []), { requireExplicitPolicy: true })).toContainEqual([
      'policy',
      0,
    ]);
  });

  it('enforces a requirement that a CA states', async () => {
    expect(problems(await policyPath([policies('1.2.3'), requireExplicit(0)], []))).toEqual([
      ['policy', 0],
    ]);
    expect(
      problems(await policyPath([policies('1.2.3'), requireExplicit(0)], [policies('1.2.3')])),
    ).toEqual([]);
  });

  it('maps policies, and refuses to map any-policy', async () => {
    const mapping = (from: string, to: string): Uint8Array =>
      buildExtension(OID.policyMappings, derSequence(derSequence(derOid(from), derOid(to))), true);
    const mapped = await policyPath(
      [policies('1.2.3'), mapping('1.2.3', '1.2.9')],
      [policies('1.2.9')],
    );
    const options = { requireExplicitPolicy: true, acceptedPolicies: ['1.2.3'] };
    expect(problems(mapped, options)).toEqual([]);
    expect(problems(mapped, { ...options, inhibitPolicyMapping: true })).toContainEqual([
      'policy',
      0,
    ]);
    const any = await policyPath([policies(OID.anyPolicy), mapping(OID.anyPolicy, '1.2.9')], []);
    expect(problems(any)).toEqual([['policy', 1]]);
  });

  it('counts any-policy only where it is not inhibited', async () => {
    const inhibit = buildExtension(OID.inhibitAnyPolicy, derInteger(0), true);
    const options = { requireExplicitPolicy: true };
    expect(
      problems(await policyPath([policies('1.2.3')], [policies(OID.anyPolicy)]), options),
    ).toEqual([]);
    expect(
      problems(await policyPath([policies('1.2.3'), inhibit], [policies(OID.anyPolicy)]), options),
    ).toEqual([['policy', 0]]);
  });
});

describe('buildPaths', () => {
  const certificates = (...list: TestAuthority[]): Certificate[] =>
    list.map(({ certificate }) => certificate);

  it('finds the path whatever the order, and only to the anchors', async () => {
    const stranger = await testAuthority('CN=Stranger');
    const paths = buildPaths({
      target: leaf.certificate,
      intermediates: certificates(stranger, leaf, root, intermediate),
      anchors: certificates(stranger, root),
    });
    expect(paths).toEqual([certificates(leaf, intermediate, root)]);
    expect(
      buildPaths({
        target: leaf.certificate,
        intermediates: certificates(intermediate, root),
        anchors: certificates(stranger),
      }),
    ).toEqual([]);
  });

  it('offers both ways through a cross-certificate, the shorter first', async () => {
    const otherRoot = await testAuthority('CN=OtherRoot');
    const cross = await testAuthority('CN=Root,C=CN', otherRoot, { key: root.key });
    const paths = buildPaths({
      target: leaf.certificate,
      intermediates: certificates(intermediate, cross, root),
      anchors: certificates(root, otherRoot),
    });
    expect(paths.map((path) => path.length)).toEqual([3, 4]);
    for (const path of paths) expect(validatePath(path, { at: NOW }).isValid).toBe(true);
  });

  it('ends on a mesh of cross-certificates', async () => {
    const names = ['A', 'B', 'C', 'D', 'E', 'F'];
    const keys = names.map(() => testKey());
    const mesh: Certificate[] = [];
    for (const [i, issuer] of names.entries()) {
      for (const [j, subject] of names.entries()) {
        const der = await buildCertificate({
          serialHex: '01',
          issuerNameDer: buildNameFromText(`CN=${issuer}`),
          subjectNameDer: buildNameFromText(`CN=${subject}`),
          notBefore: NOW,
          notAfter: NOW,
          subjectPublicKeyDer: keys[j]!.spkiDer,
          extensions: [],
          scheme: keys[i]!.scheme,
          sign: keys[i]!.sign,
        });
        mesh.push(parseCertificate(der));
      }
    }
    const started = performance.now();
    expect(
      buildPaths({ target: mesh[0]!, intermediates: mesh, anchors: certificates(root) }),
    ).toEqual([]);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
