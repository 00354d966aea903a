/** Applications for seals as the API asks for them: the applicants', the reviewers' and the maker's steps. */
import { ApplicantDesk, type ApplicantDeskParts } from './applicant-desk.js';
import { ApplicationChanges } from './application-changes.js';
import { ApplicationPictures, type ApplicationPicturesParts } from './application-picture.js';
import { ChangeDesk, type ChangeDeskParts } from './change-desk.js';
import { ImportDesk, type ImportDeskParts } from './import-desk.js';
import { MakingDesk, type MakingDeskParts } from './making-desk.js';
import { ReviewDesk, type ReviewDeskParts } from './review-desk.js';

export type SealApplicationParts = ApplicantDeskParts &
  ChangeDeskParts &
  ImportDeskParts &
  ReviewDeskParts &
  ApplicationPicturesParts &
  MakingDeskParts;

export interface SealApplications {
  /** A step of an application, unless the same request has taken it before and only its answer was lost. */
  readonly once: ApplicationChanges['once'];
  readonly applicants: ApplicantDesk;
  readonly changes: ChangeDesk;
  readonly imports: ImportDesk;
  readonly review: ReviewDesk;
  readonly making: MakingDesk;
}

export function createSealApplications(parts: SealApplicationParts): SealApplications {
  const changes = new ApplicationChanges(parts.applications, parts.clock);
  const pictures = new ApplicationPictures(parts);
  const applicants = new ApplicantDesk(parts, changes, pictures);
  return {
    once: (principal, id, act) => changes.once(principal, id, act),
    applicants,
    changes: new ChangeDesk(parts, changes, applicants),
    imports: new ImportDesk(parts, changes),
    review: new ReviewDesk(parts, changes, applicants, pictures),
    making: new MakingDesk(parts, changes, applicants, pictures),
  };
}
