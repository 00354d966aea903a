/** The UKey and the certificates on an information form. */
import { formError, type FormFault } from './form-fault.js';
import type { SealInformationForm } from './information-form.js';

const MOST_CERTIFICATES = 10;
const TOKEN_SERIAL = /^[0-9A-Za-z-]{4,32}$/;

export function tokenFaults({
  tokenSerial,
  certificateSha256 = [],
}: SealInformationForm): readonly FormFault[] {
  const faults: FormFault[] = [];
  if (tokenSerial !== undefined && !TOKEN_SERIAL.test(tokenSerial)) {
    faults.push(
      formError(
        '#/tokenSerial',
        'token-serial',
        'UKey 序列号为 4 至 32 位数字、字母或连字符；请抄录 UKey 外壳上的序列号',
        'the serial of a UKey has 4 to 32 digits, letters or hyphens',
      ),
    );
  }
  certificateSha256.forEach((sha256, index) => {
    const pointer = `#/certificateSha256/${index}`;
    if (!/^[0-9a-f]{64}$/.test(sha256)) {
      faults.push(
        formError(
          pointer,
          'certificate',
          '证书指纹有误；请插入 UKey 重新选择证书',
          'a certificate is named by its SHA-256, 64 hexadecimal digits in lower case',
        ),
      );
    } else if (certificateSha256.indexOf(sha256) !== index) {
      faults.push(formError(pointer, 'repeated', '证书重复；请删去一个', 'listed twice'));
    }
  });
  if (certificateSha256.length > MOST_CERTIFICATES) {
    faults.push(
      formError(
        '#/certificateSha256',
        'too-many',
        `证书最多 ${MOST_CERTIFICATES} 张；请删去不用的`,
        `at most ${MOST_CERTIFICATES} certificates`,
      ),
    );
  }
  return faults;
}
