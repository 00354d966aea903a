/** README.txt of a package: how to check the contract with tools that are not ours. */
import { agentOf } from '../../contract/index.js';
import type { PackageContents } from './build-package.js';

/** Walks the path of each entry to the root (RFC 9162, 2.1.3.2) with nothing but Python's library. */
const INCLUSION_CHECK = `python3 - <<'EOF'
import hashlib, json
h = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
checkpoint = json.load(open("audit/checkpoint.json"))
paths = json.load(open("audit/proofs.json"))["paths"]
lines = open("audit/entries.jsonl", "rb").read().splitlines()
assert len(lines) == len(paths) > 0
for line, proof in zip(lines, paths):
    assert json.loads(line)["seq"] == proof["seq"]
    node, index, last = h(b"\\0", line), proof["seq"] - 1, checkpoint["size"] - 1
    for sibling in map(bytes.fromhex, proof["path"]):
        if index % 2 or index == last:
            node = h(b"\\1", sibling, node)
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            node = h(b"\\1", node, sibling)
        index, last = index // 2, last // 2
    assert last == 0 and node.hex() == checkpoint["rootHash"], proof["seq"]
print(len(lines), "audit entries proved")
EOF`;

/** Plain text, Chinese first; the same contract gives the same text. Commands start a line with two spaces. */
export function packageExplanation(contents: PackageContents): string {
  const { contract, filingId, material } = contents;
  const revisions = contract.signatures.map(
    ({ sizeBytes, blobId }) => `  head -c ${sizeBytes} contract.pdf | sha256sum\n    ${blobId}\n`,
  );
  const hasChain = material.parts.some(([name]) => name === 'validation/chain.pem');
  const untrusted = hasChain ? ' -untrusted validation/chain.pem' : '';
  const chains = material.signatures.flatMap(({ signer, kind }) =>
    signer === null || kind !== 'signature'
      ? []
      : [`  openssl verify -CAfile ROOT.pem${untrusted} ${signer}\n`],
  );
  const anchors = material.anchors.map(
    ({ subject, certificateSha256 }) => `    ${certificateSha256}  ${subject}\n`,
  );
  const inclusion = INCLUSION_CHECK.replace(/^/gm, '  ');
  const hasAgent = agentOf(contract) !== undefined;
  return `政府采购合同备案包 (filing package of a government procurement contract)

合同编号 (contract number): ${contract.number}
合同名称 (title): ${contract.title}
备案流水 (filing id): ${filingId}

一、内容
  contract.pdf       已签署的合同，与各方签署的文件逐字节相同
  data.json          合同结构化数据（上传的合同没有此文件）
  metadata.json      合同编号、当事人、金额、时间，以及每个签名的时间、证书和印章
${hasAgent ? '  authorisation.pdf  授权委托书：采购代理机构代采购人签署的依据\n' : ''}  seals.json, seals/ 所用印章在印章库中的记录和图样
  validation.json, validation/  从合同中取出的证书、吊销列表、OCSP 响应和时间戳
  audit/             审计日志中与本合同有关的记录、它们在日志中的证明和已签名的检查点
  keys/              核验清单和检查点所用的公钥（请与另行取得的公钥比对）
  manifest.json, manifest.sig  各文件的大小和 SHA-256，以及对它的签名
  SHA256SUMS         供 sha256sum 使用

二、不依赖签印系统的核验方法（在解压后的目录中执行）
1. 文件是否完整、未被改动：
  sha256sum -c SHA256SUMS
2. 清单是否由签印服务签名（Ed25519，OpenSSL 3；公钥应与该服务公布的 /.well-known/jwks.json 一致）：
  openssl pkeyutl -verify -pubin -inkey keys/package.pem -rawin -in manifest.json -sigfile manifest.sig
3. 签名是否有效、签署后内容是否被改动（poppler-utils；加 -nssdir 指定您信任的根证书库）：
  pdfsig -nocert contract.pdf
   也可用 Adobe Acrobat 等支持 PDF 签名的软件打开查看签名面板。
4. 取出每一次签署时的文件（前若干字节），与 metadata.json 中的 revisionSha256 比对：
${revisions.join('')}5. 签名证书是否由您信任的根证书签发（ROOT.pem 由您自备，本包不含可信根）：
${chains.join('')}   签印服务当时信任的根证书，SHA-256 如下，是否可信由您决定：
${anchors.join('')}6. 检查点是否由签印服务签名（ECDSA P-256）：
  openssl dgst -sha256 -verify keys/audit.pem -signature audit/checkpoint.sig audit/checkpoint.json
7. 审计记录是否都在该检查点所代表的日志中（RFC 9162）：
${inclusion}

以上各步也可由签印命令行一次完成，无需联网：qianyin verify 本文件.zip --trust 信任目录 --offline

Contents
  contract.pdf       the signed contract, byte for byte what the parties signed
  data.json          structured data of the contract (absent for an uploaded document)
  metadata.json      number, parties, amount, times; time, certificate and seal of each signature
${hasAgent ? '  authorisation.pdf  by which the procurement agent signed for the buyer\n' : ''}  seals.json, seals/ records and pictures of the seals that were used
  validation.json, validation/  certificates, CRLs, OCSP responses, time-stamps taken from the contract
  audit/             what the audit log says of the contract, its proof, the signed checkpoint
  keys/              public keys of the manifest and the checkpoint: compare them with keys you had before
  manifest.json, manifest.sig  size and SHA-256 of each file, and the signature over it
  SHA256SUMS         the same for sha256sum

How to check it without the system that made it: run the commands above in the unpacked folder.
1. Files complete and unaltered. 2. Manifest signed by the service. 3. Signatures valid, nothing changed
after signing. 4. The file as it was at each signing is the first part of contract.pdf; each command must
print the digest below it. 5. The signers' certificates lead to a root that you trust: ROOT.pem is yours,
no root in here asks to be believed. 6. Checkpoint signed by the service. 7. Audit entries are in the log
that the checkpoint stands for.
`;
}
