export { provisionSoftHsm } from './provision-softhsm.js';
export type {
  ProvisionedSoftHsm,
  ProvisionedToken,
  ProvisionSoftHsmInput,
  SoftTokenDeclaration,
} from './provision-softhsm.js';
