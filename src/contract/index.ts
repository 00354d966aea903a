export { CONTRACTS, CONTRACT_STATES, currentBlobId } from './record.js';
export type {
  ContractDocument,
  ContractIndex,
  ContractParty,
  ContractRecord,
  ContractState,
  ContractTimes,
  PartyRole,
  SealPlace,
  SignedRevision,
  SigningAttempt,
} from './record.js';
export type {
  ContractData,
  ContractItem,
  ContractPartyData,
  PaymentStage,
  Yuan,
} from './contract-data.js';
