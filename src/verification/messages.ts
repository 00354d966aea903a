/** Every finding of a verification in words a clerk understands: Chinese first, English second. */
import type { ReportMessage } from './report.js';

const MESSAGES = {
  'byte-range-malformed': [
    '签名的字节范围（ByteRange）不合规范，文件可能被伪造',
    'The ByteRange is not as it must be; the file may be forged',
  ],
  'contents-malformed': ['签名内容（Contents）不合规范', 'Contents is not as it must be'],
  'signature-gap-mismatch': [
    '字节范围的空隙与签名内容不一致，文件可能被伪造',
    'The gap of the ByteRange is not exactly this Contents; the file may be forged',
  ],
  'not-a-revision': [
    '签名没有覆盖到一个完整版本的结尾',
    'The signed bytes do not end where a revision ends',
  ],
  'signature-moved': [
    '签署时的版本中没有这个签名，文件可能被伪造',
    'The signed revision by itself does not hold this signature; the file may be forged',
  ],
  'signature-removed': [
    '文件的早期版本中有这个签名，现已被删除',
    'An earlier revision held this signature; it was removed',
  ],
  'sub-filter-unsupported': ['不支持的签名格式', 'The signature format is not supported'],
  'cms-malformed': ['签名数据已损坏', 'The CMS signature is damaged'],
  'cms-irregular': [
    '签名数据的编码不合规范，可能被改动过',
    'The encoding of the CMS signature is not as it must be; it may have been tampered with',
  ],
  'embedded-certificate-altered': [
    '签名所附的证书已损坏或被改动',
    'A certificate that came with the signature is damaged or altered',
  ],
  'digest-mismatch': [
    '内容摘要不一致：签名后文件内容被改动',
    'The digest differs: the signed content was altered',
  ],
  'signature-value-invalid': [
    '签名值验证失败：签名不是由所示证书的密钥作出',
    'The signature value does not verify with the certificate shown',
  ],
  'signing-certificate-mismatch': [
    '签名中绑定的证书与所附证书不一致',
    'The signing-certificate attribute names another certificate',
  ],
  'signing-certificate-absent': ['签名中没有签名者的证书', "The signer's certificate is not there"],
  'signed-attributes-irregular': [
    '签名属性不合规范',
    'The signed attributes are not as they must be',
  ],
  'timestamp-malformed': ['时间戳数据已损坏', 'The time-stamp token is damaged'],
  'timestamp-irregular': ['时间戳不合规范', 'The time-stamp token is not as it must be'],
  'timestamp-foreign': [
    '时间戳不属于这个签名或文件',
    'The time-stamp was not made for this signature or these bytes',
  ],
  'timestamp-signature-invalid': [
    '时间戳的签名验证失败',
    'The signature of the time-stamp does not verify',
  ],
  'timestamp-signer-unknown': [
    '无法确认时间戳由哪张证书签发',
    'The certificate that signed the time-stamp cannot be told',
  ],
  'timestamp-certificate-unsuitable': [
    '签发时间戳的证书不能用于签发时间戳',
    'The certificate that signed the time-stamp may not sign time-stamps',
  ],
  'timestamp-not-trusted': [
    '时间戳不可信，未采用其时间',
    'The time-stamp is not trusted; its time was not used',
  ],
  'timestamp-future': [
    '时间戳的时间晚于验证时间，未采用',
    'The time-stamp is later than the time of validation; it was not used',
  ],
  'timestamp-order': [
    '时间戳的先后顺序矛盾',
    'The time-stamps contradict each other in their order',
  ],
  'timestamp-duplicate': [
    '同一个时间戳出现多次，只计一次',
    'The same time-stamp occurs more than once; it counts once',
  ],
  'timestamp-status-as-of': [
    '离线验证：时间戳证书的吊销状态截至',
    'Offline: the revocation status of the time-stamp certificate is known as of',
  ],
  'archive-timestamp-ignored': [
    '未采用签名内的归档时间戳属性',
    'An archive time-stamp attribute inside the signature was not used',
  ],
  'evidence-not-proved': [
    '证书链材料没有可信时间证明其早于签发机构失效',
    'Nothing proves that the material of the chain is older than the end of its issuer',
  ],
  'evidence-missing': [
    '证书现已失效，且没有能说明当时状态的吊销材料',
    'The certificate has ended and no revocation evidence tells its status then',
  ],
  'certificate-on-hold': [
    '证书处于暂停状态，请稍后重试',
    'The certificate is on hold; try again later',
  ],
  'authority-revoked': [
    '颁发机构的证书已被吊销，且没有可信时间证明签名更早',
    'The certificate of an authority is revoked and nothing proves that the signature is older',
  ],
  'anchor-not-trusted-then': [
    '信任根在当时不在受信任的期限内',
    'The trust anchor was not trusted at that time',
  ],
  'usage-not-trusted': [
    '证书链所属的信任配置不允许此用途',
    'The trust profile of the chain does not allow this usage',
  ],
  'algorithm-weak': [
    '签名使用了不安全的算法',
    'The signature uses an algorithm that is not secure',
  ],
  'algorithm-unsupported': [
    '不支持签名所用的算法，无法验证',
    'The signature uses an algorithm that is not supported; it cannot be verified',
  ],
  'not-pades': [
    '签名不完全符合 PAdES 规范，但密码学验证通过',
    'The signature verifies but is not a PAdES signature',
  ],
  'modified-after-signing': [
    '签名之后文件又被改动',
    'The document was changed after it was signed, in a way that is not allowed',
  ],
  'changes-not-analysed': [
    '无法分析签名之后的改动',
    'What was changed after signing could not be analysed',
  ],
  'bytes-outside-revisions': [
    '文件中有不属于任何版本的数据，可能藏有内容',
    'The file holds bytes that belong to no revision; content may be hidden in them',
  ],
  'file-repaired': [
    '文件结构有损坏，修复后才能读取，不能据此认定有效',
    'The file had to be repaired to be read, so it cannot be called valid',
  ],
  'file-irregular': ['文件结构不合规范', 'The structure of the file is not as it must be'],
  'chain-not-found': [
    '证书不是由受信任的机构颁发',
    'No chain from the certificate to a trusted authority was found',
  ],
  'chain-invalid': ['证书链验证失败', 'The certificate chain is not valid'],
  'certificate-expired-at-signing': [
    '签署时证书已过期',
    'The certificate had expired when the document was signed',
  ],
  'certificate-not-yet-valid-at-signing': [
    '签署时证书尚未生效',
    'The certificate was not valid yet when the document was signed',
  ],
  'certificate-expired-no-proof': [
    '证书现已过期，且没有可信时间证明签名在过期前作出',
    'The certificate has expired and nothing proves that the signature is older',
  ],
  'certificate-revoked': ['签署时证书已被吊销', 'The certificate was revoked before the signing'],
  'certificate-revoked-no-proof': [
    '证书现已吊销，且没有可信时间证明签名在吊销前作出',
    'The certificate is revoked and nothing proves that the signature is older',
  ],
  'revocation-unknown': [
    '无法取得证书吊销状态，请联网后重试',
    'The revocation status of the certificate could not be obtained',
  ],
  'revocation-not-declared': [
    '证书没有提供吊销查询方式，未检查吊销状态',
    'The certificate names no source of revocation status; it was not checked',
  ],
  'key-usage-unsuitable': ['证书不是用于签名的证书', 'The certificate is not meant for signing'],
  'seal-revoked': ['签署时印章已被注销', 'The seal was revoked before the signing'],
  'seal-revoked-since': [
    '印章在签署之后已被注销，签署时有效',
    'The seal has been revoked since; it was valid when signing',
  ],
  'seal-revoked-no-proof': [
    '印章现已注销，且没有可信时间证明签名在注销前作出',
    'The seal is revoked and nothing proves that the signature is older',
  ],
  'seal-suspended': ['签署时印章处于停用状态', 'The seal was suspended at the signing'],
  'seal-expired': ['签署时印章已过有效期', 'The seal had expired at the signing'],
  'seal-not-yet-valid': ['签署时印章尚未生效', 'The seal was not valid yet at the signing'],
  'seal-maker-signature-invalid': [
    '印章数据的制章者签名无效，印章可能是伪造的或被改动过',
    "The maker's signature on the seal is not valid; the seal may be forged or altered",
  ],
  'seal-maker-certificate-unreadable': [
    '印章数据中的制章者证书已损坏',
    "The maker's certificate in the seal is damaged",
  ],
  'seal-maker-expired-since': [
    '制章者证书在印章制作之后已过期，不影响印章效力',
    "The maker's certificate has expired since the seal was made; the seal stays valid",
  ],
  'seal-algorithm-unsupported': [
    '印章数据使用了不支持的签名算法，无法判定',
    'The seal is signed by an algorithm that is not supported; it cannot be decided',
  ],
  'seal-structure-note': [
    '印章数据的编码与标准略有出入，不影响验证',
    'The encoding of the seal departs from the standard in a harmless way',
  ],
  'seal-structure-malformed': [
    '签名中所附的印章数据已损坏',
    'The seal structure in the signature is damaged',
  ],
  'seal-structure-mismatch': [
    '签名中所附的印章数据与所声明的印章不一致',
    'The seal structure in the signature is not of the seal that is named',
  ],
  'seal-expired-now': ['印章已过有效期', 'The seal has expired'],
  'seal-not-yet-valid-now': ['印章尚未生效', 'The seal is not valid yet'],
  'seal-picture-not-compared': [
    '印章数据中的图片格式不支持，未核对图样',
    'The picture in the seal is of a kind that is not compared',
  ],
  'seal-timestamp-invalid': ['印章数据的时间戳无效', 'The time-stamp of the seal is not valid'],
  'seal-timestamp-untrusted': [
    '印章数据的时间戳机构不在信任范围内，时间戳未采用',
    "The seal's time-stamp authority is not trusted; its time is not used",
  ],
  'seal-unknown': [
    '没有印章登记信息，未核对印章状态',
    'There is no register entry for the seal; its status was not checked',
  ],
  'seal-stated-by': [
    '印章状态以备案包内的登记记录为准，该记录截至签署时，由此密钥签名担保',
    'The status of the seal is what its record in the package says, as of the signing, on the word of the key',
  ],
  'seal-not-registered': [
    '印章登记中没有这枚印章，可能是伪造的印章',
    'The register does not know this seal; it may be forged',
  ],
  'seal-certificate-mismatch': [
    '签署证书不是印章绑定的证书；证书已更新的，请重新制作电子印章',
    'The signing certificate is not one that the seal is bound to; after a renewal the seal is remade',
  ],
  'seal-picture-mismatch': [
    '所显示的印章图样与登记的不一致',
    'The picture shown is not the one of the register',
  ],
  'claimed-time-only': [
    '签署时间由签署方声明，没有时间戳证明',
    "The time is the signer's own claim; no timestamp proves it",
  ],
  'claimed-time-future': [
    '声明的签署时间晚于验证时间',
    'The claimed signing time lies in the future',
  ],
} as const satisfies Record<string, readonly [string, string]>;

export type MessageCode = keyof typeof MESSAGES;

/** A message; `detail` is added to both languages after a colon. */
export function message(code: MessageCode, detail?: string): ReportMessage {
  const [text, textEn] = MESSAGES[code];
  return detail === undefined
    ? { code, text, textEn }
    : { code, text: `${text}：${detail}`, textEn: `${textEn}: ${detail}` };
}
