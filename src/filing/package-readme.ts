/** The README inside a package: how to check the contract with tools that are not ours. */
import type { ContractRecord } from '../contract/index.js';

/** Plain text, Chinese first; the same contract gives the same text. */
export function packageReadme(contract: ContractRecord, filingId: string): string {
  const revisions = contract.signatures.map(
    (signature) =>
      `  head -c ${signature.sizeBytes} contract.pdf | sha256sum\n    ${signature.blobId}\n`,
  );
  return `政府采购合同备案包 (filing package of a government procurement contract)

合同编号 (contract number): ${contract.number}
合同名称 (title): ${contract.title}
备案流水 (filing id): ${filingId}

一、内容
  contract.pdf    已签署的合同，与各方签署的文件逐字节相同
  data.json       合同结构化数据（上传的合同没有此文件）
  metadata.json   合同编号、当事人、金额、时间，以及每个签名的时间、证书和印章
  manifest.json   各文件的大小和 SHA-256
  SHA256SUMS      同上，供 sha256sum 使用

二、不依赖签印系统的核验方法
1. 文件是否完整、未被改动：
  sha256sum -c SHA256SUMS
2. 签名是否有效、签署后内容是否被改动（poppler-utils；-nssdir 指向信任的根证书库）：
  pdfsig contract.pdf
   也可用 Adobe Acrobat 等支持 PDF 签名的软件打开查看签名面板。
3. 取出每一次签署时的文件（前若干字节），与 metadata.json 中的 revisionSha256 比对：
${revisions.join('')}
Contents
  contract.pdf    the signed contract, byte for byte what the parties signed
  data.json       structured data of the contract (absent for an uploaded document)
  metadata.json   number, parties, amount, times; time, certificate and seal of each signature
  manifest.json   size and SHA-256 of each file
  SHA256SUMS      the same for sha256sum

How to check it without the system that made it
1. Files complete and unaltered: sha256sum -c SHA256SUMS
2. Signatures valid, nothing changed after signing: pdfsig contract.pdf
   (poppler-utils; -nssdir names the store of trusted roots), or any PDF viewer that shows signatures.
3. The file as it was at each signing is the first part of contract.pdf; the head commands above
   must print the digests below them, which are revisionSha256 in metadata.json.
`;
}
