/** Checks of the document itself: that it says what the data say, and can be sealed as it is. */
import { changeLimitOf, hasSignature, readFieldLock } from '../../pades/index.js';
import {
  PdfString,
  inFrame,
  isName,
  pageFrame,
  pageText,
  type Page,
  type PdfDocument,
  type PlacedText,
} from '../../pdf/index.js';
import { formatCapitals, formatYuanGrouped, parseCapitals, parseYuan } from '../amount.js';
import type { ContractData } from '../contract-data.js';
import type { SealPlace } from '../record.js';
import { error, warning, type CheckFinding } from './finding.js';
import { checkTexts, isGovernmentLink } from './text-checks.js';

/** What an inspection says the document holds besides its pages. */
export interface HeldContent {
  readonly verdict: 'refused' | 'reported' | 'allowed';
  /** 1 is the first; undefined where it concerns the whole document. */
  readonly page: number | undefined;
  readonly text: string;
  readonly textEn: string;
}

export interface DocumentCheckInput {
  /** What the document should say; absent where it comes alone. */
  readonly data?: ContractData;
  readonly sealPlaces?: readonly SealPlace[];
  /** Signatures that are still to come; one where absent. */
  readonly signatures?: number;
  readonly held: readonly HeldContent[];
}

/** @throws AppError as reading the document does */
export function checkDocument(
  document: PdfDocument,
  { data, sealPlaces = [], held, signatures = 1 }: DocumentCheckInput,
): readonly CheckFinding[] {
  const pages = [...document.pages].map((page) => ({ page, placed: pageText(document, page) }));
  const texts = pages.map(({ page, placed }) => ({
    text: placed.map(({ text }) => text).join(''),
    place: { page: page.index + 1 },
  }));
  const whole = texts.map(({ text }) => text).join('');
  return [
    ...held.flatMap(checkHeld),
    ...checkSignatures(document),
    ...checkLocks(document, signatures),
    ...checkFields(document),
    ...pages.flatMap(({ page }) => checkAnnotations(document, page)),
    ...checkTexts(texts, data),
    ...checkAmountsInText(whole),
    ...checkAgainstData(whole, data),
    ...sealPlaces.flatMap((place) => checkSealPlace(document, place, pages[place.pageIndex])),
  ];
}

function checkHeld({ verdict, page, text, textEn }: HeldContent): readonly CheckFinding[] {
  const place = page === undefined ? {} : { page };
  if (verdict === 'allowed') return [];
  return [
    verdict === 'refused'
      ? error('active-content', text, textEn, place)
      : warning('oddity-present', text, textEn, place),
  ];
}

function checkSignatures(document: PdfDocument): readonly CheckFinding[] {
  if (changeLimitOf(document) === 1) {
    return [
      error(
        'signing-forbidden',
        '文件已由认证签名锁定，不允许任何一方再签名',
        'the file is certified against any change: nobody can sign it',
      ),
    ];
  }
  if (!hasSignature(document)) return [];
  return [warning('signed-already', '文件中已有签名', 'the file is signed already')];
}

/** A field that allows nothing after it can only be the last one to be signed. */
function checkLocks(document: PdfDocument, signatures: number): readonly CheckFinding[] {
  if (signatures < 2) return [];
  return document.fields.flatMap(({ type, value, dict, name }) => {
    const isOpen = type === 'Sig' && value === undefined;
    if (!isOpen || readFieldLock(document, dict)?.level !== 1) return [];
    return [
      error(
        'lock-before-others',
        `签名域 ${name} 一经签署即不允许任何改动，而尚需 ${signatures} 个签名`,
        'a signature field that forbids all signatures after it',
      ),
    ];
  });
}

/** Fields that can still be filled in change what is read. */
function checkFields(document: PdfDocument): readonly CheckFinding[] {
  return document.fields
    .filter(({ type }) => type !== 'Sig')
    .map(({ name }) =>
      warning(
        'form-field-present',
        `含有可填写的表单域 ${name}`,
        'a form field that can be filled in',
      ),
    );
}

function checkAnnotations(document: PdfDocument, page: Page): readonly CheckFinding[] {
  const annotations = document.resolveArray(page.dict.get('Annots'))?.items ?? [];
  return annotations.flatMap((item) => {
    const action = document.resolveDict(document.resolveDict(item)?.get('A'));
    const uri = document.resolve(action?.get('URI'));
    if (!isName(document.resolve(action?.get('S')), 'URI') || !(uri instanceof PdfString))
      return [];
    const link = new TextDecoder('utf-8').decode(uri.bytes);
    if (isGovernmentLink(link)) return [];
    const place = { page: page.index + 1 };
    return [warning('link-present', `含有超链接 ${link}`, 'a hyperlink', place)];
  });
}

/** An amount in figures with the same in capitals soon after it. */
const FIGURES_AND_CAPITALS =
  /([0-9][0-9,]{0,20}\.[0-9]{2})[^0-9零壹贰叁肆伍陆柒捌玖]{0,12}?((?:人民币)?[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]{1,40}[元圆][零壹贰叁肆伍陆柒捌玖角分整正]{0,6})/g;

function checkAmountsInText(text: string): readonly CheckFinding[] {
  return [...text.replace(/\s/g, '').matchAll(FIGURES_AND_CAPITALS)].flatMap(
    ([, figures = '', capitals = '']) => {
      const plain = figures.replaceAll(',', '');
      if (!/^(0|[1-9][0-9]{0,12})\.[0-9]{2}$/.test(plain)) return [];
      if (parseCapitals(capitals) === parseYuan(plain)) return [];
      const text = `正文中小写金额 ${figures} 与大写金额“${capitals}”不符`;
      return [error('capitals-wrong', text, 'amounts in figures and capitals differ in the text')];
    },
  );
}

/** Key fields, each to be found in the text as it is in the data. */
function checkAgainstData(text: string, data: ContractData | undefined): readonly CheckFinding[] {
  if (data === undefined) return [];
  const said = comparable(text);
  if (said === '') {
    return [
      warning(
        'text-absent',
        '文件没有可读取的文字（可能是扫描件），无法与数据核对',
        'the document has no text to be compared with the data',
      ),
    ];
  }
  const expected: readonly (readonly [term: string, pointer: string, ...forms: string[]])[] = [
    ['合同编号', '#/id', data.id],
    ['合同名称', '#/title', data.title],
    ['项目编号', '#/tenderId', data.tenderId],
    ['甲方名称', '#/buyer/name', data.buyer.name],
    ['甲方统一社会信用代码', '#/buyer/creditCode', data.buyer.creditCode],
    ['乙方名称', '#/supplier/name', data.supplier.name],
    ['乙方统一社会信用代码', '#/supplier/creditCode', data.supplier.creditCode],
    ['合同金额', '#/value/amount', ...formsOf(data.value.amount)],
    [
      '大写金额',
      '#/value/amount',
      formatCapitals(parseYuan(data.value.amount)),
      ...givenCapitals(data),
    ],
    ...data.items.flatMap(({ description, amount }, index) => [
      [`第 ${index + 1} 项品名`, `#/items/${index}/description`, description] as const,
      [`第 ${index + 1} 项金额`, `#/items/${index}/amount`, ...formsOf(amount)] as const,
    ]),
  ];
  return expected
    .filter(([, , ...forms]) => !forms.some((form) => said.includes(comparable(form))))
    .map(([term, pointer, form = '']) =>
      error(
        'text-differs',
        `合同文本中没有数据里的${term}“${form}”`,
        'the text does not say what the data say',
        { pointer },
      ),
    );
}

const formsOf = (amount: string): readonly [string, string] => [
  amount,
  formatYuanGrouped(parseYuan(amount)),
];

/** Another right spelling of the same amount, where the data have one. */
function givenCapitals({ value, valueInCapitals }: ContractData): readonly string[] {
  if (valueInCapitals === undefined) return [];
  return parseCapitals(valueInCapitals) === parseYuan(value.amount) ? [valueInCapitals] : [];
}

/** Without white space, compatibility forms as what they stand for. */
function comparable(text: string): string {
  return text.normalize('NFKC').replace(/[\s\u200b]+/gu, '');
}

/** Radius of a seal of 42 mm, in points. */
const SEAL_RADIUS_PT = 59.5;

function checkSealPlace(
  document: PdfDocument,
  { pageIndex, xPt, yPt }: SealPlace,
  shown: { readonly page: Page; readonly placed: readonly PlacedText[] } | undefined,
): readonly CheckFinding[] {
  if (shown === undefined) return [];
  const frame = pageFrame(document, shown.page);
  const covered = shown.placed.filter(({ text, rect, isHidden }) => {
    if (isHidden || text.trim() === '') return false;
    const seen = inFrame(frame, rect);
    const x = (seen.x1 + seen.x2) / 2 - xPt;
    const y = (seen.y1 + seen.y2) / 2 - yPt;
    return x * x + y * y < SEAL_RADIUS_PT * SEAL_RADIUS_PT;
  });
  if (covered.length === 0) return [];
  const words = covered
    .map(({ text }) => text)
    .join('')
    .slice(0, 20);
  return [
    warning(
      'seal-over-text',
      `印章位置（${xPt}, ${yPt}）压住文字“${words}”`,
      'the place for a seal is over text',
      {
        page: pageIndex + 1,
      },
    ),
  ];
}
