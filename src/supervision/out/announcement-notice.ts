/**
 * A contract as the disclosure platform shows it, with the fields of 财办库〔2020〕50号. Nothing of a
 * person is in it: representatives and accounts are left out, and texts are masked.
 */
import { dateInShanghai, formatYuan, type ContractRecord } from '../../contract/index.js';
import { maskPhone, maskText } from './masking.js';

export interface AnnouncementNotice {
  /** Ours, for asking again. */
  readonly id: string;
  readonly contractNumber: string;
  readonly contractName: string;
  readonly projectNumber: string | null;
  readonly projectName: string | null;
  readonly regionCode: string;
  readonly buyer: NoticeParty;
  readonly supplier: NoticeParty;
  readonly items: readonly {
    readonly name: string;
    readonly specification: string;
    readonly quantity: number;
    readonly unit: string;
    readonly unitPrice: string;
    readonly amount: string;
  }[];
  readonly amount: string | null;
  readonly performancePeriod: { readonly from: string; readonly to: string } | null;
  readonly performancePlace: string | null;
  readonly procurementMethod: string | null;
  readonly signedOn: string;
  readonly announcedOn: string | null;
  /** `in-force`, or what became of it: a platform withdraws what it shows. */
  readonly status: 'in-force' | 'changed' | 'voided' | 'terminated';
  /** The contract that this one supplements. */
  readonly supplementTo: string | null;
  /** Of the signed file, so that a published copy can be compared. */
  readonly documentSha256: string | null;
}

interface NoticeParty {
  readonly name: string;
  readonly address: string | null;
  readonly contact: string | null;
}

const STATUS: Partial<Readonly<Record<ContractRecord['state'], AnnouncementNotice['status']>>> = {
  changed: 'changed',
  voided: 'voided',
  terminated: 'terminated',
};

/** @param contract - Signed, and no state secret. */
export function announcementNotice(contract: ContractRecord): AnnouncementNotice {
  const { data, times, amountFen } = contract;
  const persons = personsOf(contract);
  const masked = (text: string): string => maskText(text, persons);
  const partyOf = (role: 'buyer' | 'supplier'): NoticeParty => ({
    name: contract.parties.find((party) => party.role === role)?.name ?? '',
    address: data === undefined ? null : masked(data[role].address),
    contact: data === undefined ? null : maskPhone(data[role].contactPhone),
  });
  const dayOf = (time: string): string => dateInShanghai(new Date(time));
  return {
    id: contract.id,
    contractNumber: contract.number,
    contractName: masked(contract.title),
    projectNumber: data?.tenderId ?? null,
    projectName: data === undefined ? null : masked(data.tenderTitle),
    regionCode: contract.regionCode,
    buyer: partyOf('buyer'),
    supplier: partyOf('supplier'),
    items: (data?.items ?? []).map((item) => ({
      name: masked(item.description),
      specification: masked(item.specification),
      quantity: item.quantity,
      unit: item.unit,
      unitPrice: item.unitPrice,
      amount: item.amount,
    })),
    amount: amountFen === undefined ? null : formatYuan(amountFen),
    performancePeriod:
      data === undefined ? null : { from: data.period.startDate, to: data.period.endDate },
    performancePlace: data === undefined ? null : masked(data.deliveryPlace),
    procurementMethod: data?.procurementMethod ?? null,
    signedOn: dayOf(times.signedAt ?? times.createdAt),
    announcedOn: times.announcedAt === undefined ? null : dayOf(times.announcedAt),
    status: STATUS[contract.state] ?? 'in-force',
    supplementTo: contract.supplementTo ?? null,
    documentSha256: contract.signatures.at(-1)?.blobId ?? null,
  };
}

/** Natural persons that the data name. */
export function personsOf({ data }: ContractRecord): readonly string[] {
  if (data === undefined) return [];
  return [data.buyer, data.supplier].flatMap(({ representative, contactPerson }) =>
    contactPerson === undefined ? [representative] : [representative, contactPerson],
  );
}
