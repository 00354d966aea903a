/** What each kind of work item tells whoever opens it: what was found, and what to do about it. */
import type { WorkItemKind } from './work-item.js';

export interface WorkItemText {
  readonly text: string;
  readonly textEn: string;
  readonly nextStep: string;
  readonly nextStepEn: string;
}

export const WORK_ITEM_TEXTS: Readonly<Record<WorkItemKind, WorkItemText>> = {
  'receipt-refused': {
    text: '回执无效，未采信：未签名、签名不符，或属于其他文件（见 reason）。',
    textEn: 'A receipt was not believed: unsigned, falsely signed, or of other bytes (see reason).',
    nextStep:
      '请预算系统重新出具回执；若其已更换签名密钥，请更新 receiptKeysFile。本系统会继续索取。',
    nextStepEn:
      'Ask the budget system for a proper receipt; if it has a new key, update receiptKeysFile. The service keeps asking.',
  },
  'receipt-contradicts': {
    text: '回执的备案号与已登记的不同，已登记的保持不变。',
    textEn: 'A receipt names another filing number than the one on record, which stays.',
    nextStep: '请与预算系统核对哪个备案号有效，由其更正后再了结。',
    nextStepEn:
      'Ask the budget system which number holds; resolve once it has corrected its register.',
  },
  'package-differs': {
    text: '预算系统在同一备案下保存的备案包或合同与我方的摘要不同，双方均未覆盖。',
    textEn:
      'The budget system holds another package or document under our key; neither was written over.',
    nextStep: '请比对双方的备案包，以已签署的合同为准，由预算系统更正。',
    nextStepEn:
      'Compare both packages; the signed contract decides, and the budget system corrects its register.',
  },
  'unknown-here': {
    text: '预算系统有一份我方从未备案的合同。',
    textEn: 'The budget system holds a contract that was never filed from here.',
    nextStep: '请查明其来源：由其他系统报送的，记为 accepted；错误登记的，由预算系统删除。',
    nextStepEn:
      'Find out where it came from: filed by another system, accept it; a mistake, have it removed there.',
  },
  'number-shared': {
    text: '预算系统给两份以上的合同出具了同一备案号。回执均已保存，合同均已备案，但备案号不能区分它们。',
    textEn:
      'The budget system gave one filing number to several contracts. Their receipts are kept and they are filed, but the number does not tell them apart.',
    nextStep:
      '用 GET /filings?filingNumber= 列出这些备案，请预算系统更正其中的备案号并重新送达回执；更正后的备案号会自动采用。',
    nextStepEn:
      'List them by GET /filings?filingNumber=, have the budget system correct the numbers and bring new receipts; a corrected number is taken by itself.',
  },
  'number-changed': {
    text: '预算系统为已备案的合同换了备案号：重新备案之后，或更正重复的备案号。两份回执均已保存。',
    textEn:
      'The budget system gave a filed contract another number: filed again after a loss, or correcting a shared number. Both receipts are kept.',
    nextStep: '如原备案号已对外使用，请通知有关单位；然后了结。',
    nextStepEn: 'Where the earlier number was used elsewhere, tell whoever used it; then resolve.',
  },
  'refiling-refused': {
    text: '预算系统丢失了已备案的合同，并拒绝再次接收（见 reason）。',
    textEn: 'The budget system lost a filed contract and does not want it again (see reason).',
    nextStep: '请凭原回执与预算系统交涉；本系统会继续重送。',
    nextStepEn:
      'Take it up with the budget system, by the receipt it gave; the service keeps sending.',
  },
  'contract-not-filing': {
    text: '预算系统持有一份已不应备案的合同（例如已作废）。',
    textEn:
      'The budget system holds a contract that is not to be filed any more, such as a voided one.',
    nextStep: '请预算系统撤销该备案。',
    nextStepEn: 'Have the budget system take it off its register.',
  },
};
