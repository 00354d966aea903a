export { authorisationLetter } from './authorisation-letter.js';
export type { AuthorisationLetterInput } from './authorisation-letter.js';
export { sampleContractData } from './sample-contract.js';
export type { SampleContractOptions } from './sample-contract.js';
export { SAMPLE_BUYER, SAMPLE_REGION, SAMPLE_SUPPLIER } from './sample-units.js';
export type { SampleUnit } from './sample-units.js';
