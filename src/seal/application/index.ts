export { APPLICATION_PURPOSES, ATTACHMENT_KINDS, SEAL_APPLICATIONS } from './record.js';
export type {
  ApplicationPurpose,
  Approval,
  Attachment,
  AttachmentKind,
  Preparation,
  PreparedSeal,
  Refusal,
  SealApplicationIndex,
  SealApplicationRecord,
  Step,
} from './record.js';
export {
  APPLICATION_ACTIONS,
  APPLICATION_RIGHTS,
  APPLICATION_STATES,
  APPLICATION_TRANSITIONS,
} from './states.js';
export type { ApplicationAction, ApplicationState } from './states.js';
export { ATTACHMENT_MEDIA_TYPES } from './attachment-checks.js';
export { submissionFaults } from './submission-checks.js';
export type { SubmissionFacts, SubmissionFault } from './submission-checks.js';
export type { SealMakerKeys } from './making-desk.js';
export { createSealApplications } from './seal-applications.js';
export type { SealApplicationParts, SealApplications } from './seal-applications.js';
