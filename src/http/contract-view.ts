/** A contract as the API shows it: the record without its housekeeping. */
import { z } from 'zod';
import {
  CONTRACT_ACTIONS,
  CONTRACT_STATES,
  formatYuan,
  isSigningUnderWay,
  openDuties,
  partiesInTurn,
  possibleActions,
  SIGNING_DUTIES,
  turnOf,
  versionNumber,
  type Consent,
  type ContractRecord,
} from '../contract/index.js';

const partyRole = z.enum(['buyer', 'supplier']);
const level = z.enum(['B-B', 'B-T', 'B-LT', 'B-LTA']);
const duty = z.enum(SIGNING_DUTIES);
const time = z.iso.datetime();
const consents = z.array(z.strictObject({ at: time, unitId: z.string(), reason: z.string() }));

const summaryShape = {
  id: z.string(),
  number: z.string().meta({ description: '合同编号' }),
  title: z.string().meta({ description: '合同名称' }),
  externalRef: z.string().nullable(),
  regionCode: z.string(),
  state: z.enum(CONTRACT_STATES),
  revision: z.int().meta({ description: 'ETag 中的版本号' }),
  amount: z.string().nullable().meta({ description: '合同金额（元）' }),
  buyerUnitId: z.string(),
  parties: z.array(
    z.strictObject({
      role: partyRole,
      unitId: z.string(),
      name: z.string(),
      creditCode: z.string(),
      order: z.int(),
      duties: z.array(duty).meta({ description: '应盖的印章：单位章、法定代表人名章' }),
      openDuties: z.array(duty).meta({ description: '其中尚未签署的' }),
      agent: z
        .strictObject({
          unitId: z.string(),
          name: z.string(),
          creditCode: z.string(),
          authorisationSha256: z.string(),
        })
        .nullable()
        .meta({ description: '代为签署的采购代理机构（附授权委托书）' }),
      signedAt: time.nullable(),
    }),
  ),
  times: z.strictObject({
    createdAt: z.iso.datetime(),
    sentAt: z.iso.datetime().nullable(),
    confirmedAt: z.iso.datetime().nullable(),
    signedAt: z.iso.datetime().nullable(),
    announcedAt: z.iso.datetime().nullable(),
    filedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable().meta({ description: '作废、终止或逾期' }),
  }),
  signBy: time.nullable().meta({ description: '确认和签署的截止时间' }),
  filingNumber: z.string().nullable().meta({ description: '备案编号' }),
} as const;

export const contractSummary = z.strictObject(summaryShape).meta({ id: 'ContractSummary' });

export const contractDetail = z
  .strictObject({
    ...summaryShape,
    templateId: z.string().nullable(),
    data: z.record(z.string(), z.unknown()).nullable().meta({ description: '合同数据' }),
    document: z
      .strictObject({
        sha256: z.string(),
        fileName: z.string(),
        sizeBytes: z.int(),
        pageCount: z.int(),
        source: z
          .enum(['template', 'upload', 'word'])
          .meta({ description: 'word：由上传的 Word 文件排版而成 (set from a Word document)' }),
        original: z
          .strictObject({ sha256: z.string(), fileName: z.string(), sizeBytes: z.int() })
          .nullable()
          .meta({ description: '上传的 Word 文件；GET …/document?original=true 取回' }),
        findings: z
          .array(
            z.strictObject({
              kind: z.string(),
              page: z.int().nullable(),
              text: z.string(),
              textEn: z.string(),
            }),
          )
          .meta({
            description: '上传文件中页面以外的成分（已按策略接受），或排版后与 Word 文件不同之处',
          }),
      })
      .nullable()
      .meta({ description: '签署前的文件' }),
    signatures: z.array(
      z.strictObject({
        revision: z.int(),
        sha256: z.string().meta({ description: '含本次签名的整个文件' }),
        sizeBytes: z.int(),
        role: partyRole,
        duty,
        unitId: z.string(),
        field: z.string(),
        sealId: z.string().nullable(),
        sealVersion: z.int().nullable(),
        certificateSha256: z.string(),
        signerSubject: z.string(),
        level: level.meta({ description: '发布时的级别；其后的提升见 extensions 与 level' }),
        signedAt: z.iso.datetime(),
      }),
    ),
    extensions: z
      .array(
        z.strictObject({
          sha256: z.string().meta({ description: '含本次追加的整个文件' }),
          sizeBytes: z.int(),
          afterSignature: z.int(),
          level,
          extendedAt: z.iso.datetime(),
        }),
      )
      .meta({ description: '签署后追加的时间戳与验证材料' }),
    level: z
      .strictObject({
        target: level,
        reached: level,
        state: z
          .enum(['waiting', 'missed', 'kept'])
          .meta({ description: 'waiting 未达目标，继续尝试；missed 逾期未达；kept 已达' }),
        deadlineAt: z.iso.datetime().nullable(),
        lastFailure: z.string().nullable().meta({ description: '最近一次失败的错误代码' }),
      })
      .nullable()
      .meta({ description: '签名级别的目标与现状' }),
    isSigningUnderWay: z.boolean(),
    nextSigners: z.array(partyRole).meta({ description: '轮到哪一方签署' }),
    returns: z.array(
      z.strictObject({
        at: z.iso.datetime(),
        unitId: z.string(),
        kind: z.enum(['rejected', 'withdrawn', 'voided', 'terminated']),
        reason: z.string(),
      }),
    ),
    versionNumber: z.int().meta({ description: '第几次送签的文本' }),
    earlierVersions: z
      .array(
        z.strictObject({
          number: z.int(),
          documentSha256: z.string(),
          sentAt: time.nullable(),
          confirmedAt: time.nullable(),
          voidSignatures: z.array(
            z.strictObject({
              revision: z.int(),
              role: partyRole,
              sha256: z.string(),
              signedAt: time,
            }),
          ),
          endedAt: time,
        }),
      )
      .meta({ description: '修改前送签过的文本；其上的签名已失效，文件保留' }),
    turn: z
      .strictObject({ roles: z.array(partyRole), since: time })
      .nullable()
      .meta({ description: '等待哪一方，自何时起' }),
    reminders: z.array(
      z.strictObject({ at: time, roles: z.array(partyRole), cause: z.enum(['asked', 'due']) }),
    ),
    voidConsents: consents.meta({ description: '同意作废的一方' }),
    terminationConsents: consents.meta({ description: '同意终止的一方' }),
    frozen: z
      .strictObject({ from: z.enum(CONTRACT_STATES), at: time, reason: z.string() })
      .nullable(),
    supplementTo: z.string().nullable().meta({ description: '本合同所补充的原合同' }),
    supplements: z
      .array(
        z.strictObject({
          contractId: z.string(),
          amount: z.string(),
          concludedAt: time.nullable(),
        }),
      )
      .meta({ description: '已送签的补充合同；累计不超过原合同金额的百分之十' }),
    announcement: z.strictObject({ at: time, url: z.string().nullable() }).nullable(),
    archive: z
      .strictObject({
        fondsNumber: z.string(),
        fileNumber: z.string(),
        year: z.int(),
        retentionYears: z.int(),
        custodian: z.string(),
      })
      .nullable()
      .meta({ description: '全宗号、档号、年度、保管期限（年）、责任人' }),
    possibleActions: z.array(z.enum(CONTRACT_ACTIONS)),
    filingId: z.string().nullable(),
  })
  .meta({ id: 'Contract' });

export function summaryView(contract: ContractRecord): z.input<typeof contractSummary> {
  const { times } = contract;
  return {
    id: contract.id,
    number: contract.number,
    title: contract.title,
    externalRef: contract.externalRef ?? null,
    regionCode: contract.regionCode,
    state: contract.state,
    revision: contract.revision,
    amount: contract.amountFen === undefined ? null : formatYuan(contract.amountFen),
    buyerUnitId: contract.buyerUnitId,
    parties: contract.parties.map((party) => ({
      role: party.role,
      unitId: party.unitId,
      name: party.name,
      creditCode: party.creditCode,
      order: party.order,
      duties: [...(party.duties ?? (['unit-seal'] as const))],
      openDuties: [...openDuties(contract, party)],
      agent:
        party.agent === undefined
          ? null
          : {
              unitId: party.agent.unitId,
              name: party.agent.name,
              creditCode: party.agent.creditCode,
              authorisationSha256: party.agent.authorisation.blobId,
            },
      signedAt: party.signedAt ?? null,
    })),
    times: {
      createdAt: times.createdAt,
      sentAt: times.sentAt ?? null,
      confirmedAt: times.confirmedAt ?? null,
      signedAt: times.signedAt ?? null,
      announcedAt: times.announcedAt ?? null,
      filedAt: times.filedAt ?? null,
      endedAt: times.endedAt ?? null,
    },
    signBy: contract.signBy ?? null,
    filingNumber: contract.filing?.filingNumber ?? null,
  };
}

export function detailView(contract: ContractRecord, at: Date): z.input<typeof contractDetail> {
  const { document } = contract;
  return {
    ...summaryView(contract),
    templateId: contract.templateId ?? null,
    data: contract.data === undefined ? null : { ...contract.data },
    document:
      document === undefined
        ? null
        : {
            sha256: document.blobId,
            fileName: document.fileName,
            sizeBytes: document.sizeBytes,
            pageCount: document.pageCount,
            source: document.source,
            original:
              document.original === undefined
                ? null
                : {
                    sha256: document.original.blobId,
                    fileName: document.original.fileName,
                    sizeBytes: document.original.sizeBytes,
                  },
            findings: (document.findings ?? []).map(({ kind, page, text, textEn }) => ({
              kind,
              page: page ?? null,
              text,
              textEn,
            })),
          },
    signatures: contract.signatures.map((each) => ({
      revision: each.number,
      sha256: each.blobId,
      sizeBytes: each.sizeBytes,
      role: each.role,
      duty: each.duty ?? 'unit-seal',
      unitId: each.unitId,
      field: each.fieldName,
      sealId: each.sealId ?? null,
      sealVersion: each.sealVersion ?? null,
      certificateSha256: each.certificateSha256,
      signerSubject: each.signerSubject,
      level: each.level,
      signedAt: each.signedAt,
    })),
    extensions: (contract.extensions ?? []).map((each) => ({
      sha256: each.blobId,
      sizeBytes: each.sizeBytes,
      afterSignature: each.afterSignature,
      level: each.level,
      extendedAt: each.extendedAt,
    })),
    level:
      contract.level === undefined
        ? null
        : {
            target: contract.level.target,
            reached: contract.level.reached,
            state: contract.level.state,
            deadlineAt: contract.level.deadlineAt ?? null,
            lastFailure: contract.level.lastFailure ?? null,
          },
    isSigningUnderWay: isSigningUnderWay(contract, at),
    nextSigners: partiesInTurn(contract).map((party) => party.role),
    returns: contract.returns.map(({ at: returnedAt, unitId, kind, reason }) => ({
      at: returnedAt,
      unitId,
      kind,
      reason,
    })),
    ...flowView(contract),
    possibleActions: [...possibleActions(contract)],
    filingId: contract.filing?.filingId ?? null,
  };
}

/** What the contract's way has left so far. */
function flowView(contract: ContractRecord) {
  const { frozen, announcement, archive } = contract;
  const turn = turnOf(contract);
  const consentView = ({ at, unitId, reason }: Consent) => ({ at, unitId, reason });
  return {
    versionNumber: versionNumber(contract),
    earlierVersions: (contract.earlier ?? []).map((version) => ({
      number: version.number,
      documentSha256: version.document.blobId,
      sentAt: version.times.sentAt ?? null,
      confirmedAt: version.times.confirmedAt ?? null,
      voidSignatures: version.signatures.map(({ number, role, blobId, signedAt }) => ({
        revision: number,
        role,
        sha256: blobId,
        signedAt,
      })),
      endedAt: version.endedAt,
    })),
    turn: turn === undefined ? null : { roles: [...turn.roles], since: turn.since },
    reminders: (contract.reminders ?? []).map(({ at, roles, cause }) => ({
      at,
      roles: [...roles],
      cause,
    })),
    voidConsents: (contract.voidConsents ?? []).map(consentView),
    terminationConsents: (contract.terminationConsents ?? []).map(consentView),
    frozen:
      frozen === undefined ? null : { from: frozen.from, at: frozen.at, reason: frozen.reason },
    supplementTo: contract.supplementTo ?? null,
    supplements: (contract.supplements ?? []).map((entry) => ({
      contractId: entry.contractId,
      amount: formatYuan(entry.amountFen),
      concludedAt: entry.concludedAt ?? null,
    })),
    announcement:
      announcement === undefined ? null : { at: announcement.at, url: announcement.url ?? null },
    archive: archive === undefined ? null : { ...archive },
  };
}

/** The newest revision as the body and ETag of an answer. */
export function contractAnswer(
  contract: ContractRecord,
  at: Date,
): { body: z.input<typeof contractDetail>; revision: number } {
  return { body: detailView(contract, at), revision: contract.revision };
}
