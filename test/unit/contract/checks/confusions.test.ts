/** The list of words that are written wrongly: each finds its word, and right texts pass. */
import { describe, expect, it } from '@jest/globals';
import {
  CONFUSED_WORDS,
  TRADITIONAL_CHARACTERS,
} from '../../../../src/contract/checks/confusions.js';
import { checkTexts } from '../../../../src/contract/checks/text-checks.js';
import { packagedTemplates } from '../sample.js';

const found = (text: string): readonly string[] =>
  checkTexts([{ text, place: {} }], undefined).map((finding) => finding.text);

/** As people write in contracts, next to what the list looks for. */
const RIGHT = [
  '乙方按装箱单交货，货物按装运港的要求包装。',
  '设备既使用市电，也使用电池。',
  '乙方提供空调式样图册及单调式电源，随附件一份。',
  '甲方支付件数以验收单为准；以经济合理为原则，以经办人签字为准。',
  '固定单价合同；预定单位为台；合同订立后支付定金。',
  '甲方当做废旧物资处理；办理拆迁字据；检验受委托方出具的报告。',
  '按政府采购发布的公告执行，省高级人民法完善有关规定；委员汇报后报仲裁委员会。',
  '交付责任由乙方承担，给予算力支持。',
];

describe('the list of confused words', () => {
  it.each(CONFUSED_WORDS.map(([wrong, right]) => [wrong, right]))('finds %s', (wrong, right) => {
    expect(found(`本合同中${wrong}。`)).toEqual([`“${wrong}”疑应为“${right}”`]);
    expect(found(`本合同中${right}。`)).toEqual([]);
  });

  it.each(RIGHT)('lets right texts pass: %s', (text) => {
    expect(found(text)).toEqual([]);
  });

  it('lets the texts of all packaged templates pass', () => {
    for (const template of packagedTemplates.values()) {
      const texts = JSON.stringify(template.blocks).replace(/\{\{[^}]*\}\}/g, '某');
      expect(found(texts)).toEqual([]);
    }
  });

  it('names each word once, and no traditional character twice', () => {
    const words = CONFUSED_WORDS.map(([wrong]) => wrong);
    expect(new Set(words).size).toBe(words.length);
    const characters = Array.from(TRADITIONAL_CHARACTERS);
    expect(characters.length - new Set(characters).size).toBe(0);
  });
});
