export {
  CONTRACTS,
  CONTRACT_STATES,
  SIGNING_DUTIES,
  agentOf,
  allSignatures,
  currentBlobId,
  templateKindOf,
  versionNumber,
} from './record.js';
export type {
  ContractDocument,
  ContractIndex,
  ContractParty,
  ContractRecord,
  ContractState,
  ContractTimes,
  ExtendedRevision,
  LevelState,
  PadesLevel,
  PartyAgent,
  PartyDuties,
  PartyRole,
  SealPlace,
  SignedRevision,
  SigningAttempt,
  SigningDuty,
  SigningSession,
} from './record.js';
export type {
  ContractData,
  ContractItem,
  ContractPartyData,
  PaymentStage,
  Yuan,
} from './contract-data.js';
export {
  CONTRACT_ACTIONS,
  CONTRACT_TRANSITIONS,
  assertActionPossible,
  isActionPossible,
  possibleActions,
} from './flow.js';
export type { ContractAction, Transition } from './flow.js';
export type {
  Announcement,
  ArchiveEntry,
  Consent,
  EarlierVersion,
  Freeze,
  Reminder,
} from './flow-record.js';
export { nextTimer, turnOf } from './timers.js';
export {
  assertMaySign,
  assertNotBeingSigned,
  isLastSignature,
  isSigningUnderWay,
  nextContract,
  openDuties,
  partiesInTurn,
  withAttempt,
  withFiled,
  withFiling,
  withFilingRenumbered,
  withSignature,
  withSealStopped,
  withoutAttempt,
} from './signing-transitions.js';
export type { Signatory } from './signing-transitions.js';
export { withExtension, withLevelState } from './level-state.js';
export { contractEvent } from './events.js';
export type { ContractEventFacts } from './events.js';
export { contractDataSchema, parseContractData } from './contract-data-schema.js';
export {
  formatCapitals,
  formatYuan,
  formatYuanGrouped,
  parseCapitals,
  parseYuan,
} from './amount.js';
export { CONTRACT_KINDS, contractTemplateSchema, parseTemplate, templateKey } from './template.js';
export type { ContractKind, ContractTemplate } from './template.js';
export { renderContract, setWord } from './rendering/index.js';
export { signatureFieldName } from './rendering/signature-places.js';
export {
  OWN_TEMPLATES,
  OWN_TEMPLATE_STATES,
  type OwnTemplateIndex,
  type OwnTemplateRecord,
  type OwnTemplateState,
} from './templates/own-template.js';
export {
  createOwnTemplateService,
  type OwnTemplateService,
} from './templates/own-template-service.js';
export { AWARDS, awardSchema } from './awards/award.js';
export type { Award, AwardIndex, AwardRecord } from './awards/award.js';
export { contractDataFrom } from './awards/award-data.js';
export { createAwardService } from './awards/award-service.js';
export type { AwardService } from './awards/award-service.js';
export { computedValues } from './computed-values.js';
export { templateDataSchema } from './template-data.js';
export type { RenderContractInput, RenderedContract } from './rendering/render-contract.js';
export { checkContract, checkDocument } from './checks/index.js';
export type { CheckFinding, CheckInput, DocumentCheckInput, FindingCode } from './checks/index.js';
export { CONTRACT_RIGHTS } from './service/contract-rights.js';
export { createContractService } from './service/contract-service.js';
export type {
  ContractService,
  ContractServiceParts,
  ListContractsInput,
} from './service/contract-service.js';
export type { ContractChange } from './service/contract-changes.js';
export type { SigningMeans } from './service/sending.js';
export type { ContractRenderer } from './service/draft-document.js';
export type { CreateContractInput } from './service/drafting.js';
export { createTimekeeper } from './service/timekeeper.js';
export type { Timekeeper, TimekeeperOptions } from './service/timekeeper.js';
export {
  WorkingDayCalendar,
  DEADLINE_KINDS,
  deadlinesOf,
  dateInShanghai,
  daysBetween,
  parseCalendarYear,
} from './calendar/index.js';
export type { CalendarDate, CalendarYear, Deadline, DeadlineKind } from './calendar/index.js';
export { SupplementLedger } from './service/supplement-ledger.js';
export { takesPart } from './supplements.js';
export type { SupplementEntry } from './supplements.js';
