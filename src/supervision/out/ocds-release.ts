/**
 * Contracts as releases of the Open Contracting Data Standard.
 * @see OCDS 1.1, release schema; the fields of our data name their paths there
 */
import type { ContractData, ContractRecord } from '../../contract/index.js';
import { personsOf } from './announcement-notice.js';
import { maskName, maskPhone, maskText } from './masking.js';

export const OCDS_VERSION = '1.1';
/** 统一社会信用代码, GB 32100. */
const ORGANISATION_SCHEME = 'CN-USCC';
/** 政府采购品目分类目录. */
const ITEM_SCHEME = 'CN-GPCATALOGUE';

const METHODS: Readonly<Record<string, string>> = {
  公开招标: 'open',
  邀请招标: 'selective',
  竞争性谈判: 'limited',
  竞争性磋商: 'limited',
  询价: 'limited',
  询比采购: 'limited',
  单一来源: 'direct',
  单一来源采购: 'direct',
};

type Money = { readonly amount: number; readonly currency: 'CNY' };

/** OCDS money is a JSON number; two decimals survive up to 10^13 yuan, the most a contract can have. */
function money(yuan: string): Money {
  return { amount: Number(yuan), currency: 'CNY' };
}

/** Days of our data are days in Shanghai. */
const startOf = (date: string): string => `${date}T00:00:00+08:00`;
const endOf = (date: string): string => `${date}T23:59:59+08:00`;

/**
 * @param contract - Signed, with data, and no state secret.
 * @param ocidPrefix - Registered with the Open Contracting Partnership.
 */
export function ocdsRelease(
  contract: ContractRecord & { readonly data: ContractData },
  ocidPrefix: string,
) {
  const { data, times, id, revision } = contract;
  const persons = personsOf(contract);
  const masked = (text: string): string => maskText(text, persons);
  const awardId = data.award.noticeId ?? `${data.tenderId}-award`;
  const method = METHODS[data.procurementMethod];
  const organisation = (role: 'buyer' | 'supplier') => ({
    id: `${ORGANISATION_SCHEME}-${data[role].creditCode}`,
    name: data[role].name,
  });
  return {
    ocid: `${ocidPrefix}-${data.tenderId}`,
    id: `${id}-${revision}`,
    date: lastChange(contract),
    language: 'zh',
    tag: [tagOf(contract)],
    initiationType: 'tender',
    parties: (['buyer', 'supplier'] as const).map((role) => ({
      ...organisation(role),
      identifier: {
        scheme: ORGANISATION_SCHEME,
        id: data[role].creditCode,
        legalName: data[role].name,
      },
      address: { streetAddress: masked(data[role].address), countryName: '中国' },
      contactPoint: {
        ...(data[role].contactPerson === undefined
          ? {}
          : { name: maskName(data[role].contactPerson) }),
        telephone: maskPhone(data[role].contactPhone),
      },
      roles: role === 'buyer' ? ['buyer', 'procuringEntity'] : ['supplier'],
    })),
    buyer: organisation('buyer'),
    tender: {
      id: data.tenderId,
      title: masked(data.tenderTitle),
      status: 'complete',
      procuringEntity: organisation('buyer'),
      ...(data.category === undefined ? {} : { mainProcurementCategory: data.category }),
      ...(method === undefined ? {} : { procurementMethod: method }),
      procurementMethodDetails: data.procurementMethod,
    },
    awards: [
      {
        id: awardId,
        status: 'active',
        date: startOf(data.award.date),
        value: money(data.award.amount),
        suppliers: [organisation('supplier')],
      },
    ],
    contracts: [
      {
        id: contract.number,
        awardID: awardId,
        title: masked(contract.title),
        status: statusOf(contract),
        period: { startDate: startOf(data.period.startDate), endDate: endOf(data.period.endDate) },
        value: money(data.value.amount),
        items: data.items.map((item, index) => ({
          id: String(index + 1),
          description: masked(`${item.description} ${item.specification}`),
          ...(item.classificationId === undefined
            ? {}
            : {
                classification: {
                  scheme: ITEM_SCHEME,
                  id: item.classificationId,
                  ...(item.classification === undefined
                    ? {}
                    : { description: item.classification }),
                },
              }),
          quantity: item.quantity,
          unit: { name: item.unit, value: money(item.unitPrice) },
        })),
        ...(times.signedAt === undefined ? {} : { dateSigned: times.signedAt }),
        documents: contract.signatures.slice(-1).map((signature) => ({
          id: signature.blobId,
          documentType: 'contractSigned',
          title: masked(contract.title),
          format: 'application/pdf',
          language: 'zh',
          dateModified: signature.signedAt,
        })),
      },
    ],
  };
}

function tagOf({ state, times, supplementTo }: ContractRecord): string {
  if (state === 'terminated' || state === 'voided') return 'contractTermination';
  if (state === 'changed' || supplementTo !== undefined) return 'contractAmendment';
  return times.announcedAt === undefined && times.filedAt === undefined
    ? 'contract'
    : 'contractUpdate';
}

function statusOf({ state }: ContractRecord): string {
  if (state === 'voided') return 'cancelled';
  return state === 'terminated' ? 'terminated' : 'active';
}

function lastChange({ times }: ContractRecord): string {
  const { createdAt, signedAt, announcedAt, filedAt, endedAt } = times;
  return [createdAt, signedAt, announcedAt, filedAt, endedAt]
    .flatMap((time) => (time === undefined ? [] : [time]))
    .reduce((last, time) => (time > last ? time : last));
}
