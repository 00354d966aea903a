/** Structured data of a procurement contract (财办库〔2020〕50号 announcement, filing record); mapped to OCDS in `docs/`. */

/** Money on the wire: yuan with two decimals as a string, CNY. */
export type Yuan = string;

export interface ContractPartyData {
  readonly name: string;
  /** 统一社会信用代码. */
  readonly creditCode: string;
  readonly address: string;
  readonly representative: string;
  readonly contactPhone: string;
}

export interface ContractItem {
  /** 品目编码, 品目名称. */
  readonly classificationId?: string;
  readonly classification?: string;
  /** 品名. */
  readonly description: string;
  readonly brand?: string;
  readonly specification: string;
  readonly quantity: number;
  readonly unit: string;
  readonly unitPrice: Yuan;
  readonly amount: Yuan;
}

export interface PaymentStage {
  readonly condition: string;
  /** Percent of the total, 0 to 100. */
  readonly percent: number;
  readonly amount: Yuan;
}

export interface ContractData {
  /** 合同编号, 合同名称. */
  readonly id: string;
  readonly title: string;
  /** 项目编号, 项目名称, 采购方式. */
  readonly tenderId: string;
  readonly tenderTitle: string;
  readonly procurementMethod: string;
  /** 中标（成交）通知书: date of issue (YYYY-MM-DD) and amount. */
  readonly award: { readonly date: string; readonly amount: Yuan };
  readonly regionCode: string;
  readonly buyer: ContractPartyData & { readonly budgetCode: string };
  readonly supplier: ContractPartyData & {
    readonly bankName?: string;
    readonly bankAccount?: string;
  };
  readonly items: readonly ContractItem[];
  readonly value: { readonly amount: Yuan; readonly currency: 'CNY' };
  /** 大写金额; computed when absent, compared when given. */
  readonly valueInCapitals?: string;
  /** 履约期限, 地点. */
  readonly period: { readonly startDate: string; readonly endDate: string };
  readonly deliveryPlace: string;
  readonly signingPlace: string;
  /** 质保期, months. */
  readonly warrantyMonths: number;
  readonly payments: readonly PaymentStage[];
}
