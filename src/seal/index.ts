export { REVOCATION_REASONS, SEALS, SEAL_KINDS, SUSPENSION_CAUSES } from './record.js';
export type {
  EffectiveSealStatus,
  Revocation,
  RevocationEvidence,
  RevocationReason,
  SealIndex,
  SealKind,
  SealRecord,
  SealReminder,
  SealStatus,
  SealStatusChange,
  SealVersion,
  SuspensionCause,
} from './record.js';
export type { DrawingPart, DrawingPath, PathSegment, SealDrawing } from './drawing.js';
export { drawSeal } from './picture/draw-seal.js';
export type { SealPictureRequest } from './picture/draw-seal.js';
export { artworkToPng, artworkToSvg, keptPicture, readArtwork } from './picture/artwork.js';
export type { PictureFile, SealArtwork } from './picture/artwork.js';
export { drawingToPdfOperators } from './picture/drawing-to-pdf.js';
export type { PdfAppearance } from './picture/drawing-to-pdf.js';
export { drawingToPng } from './picture/drawing-to-png.js';
export { drawingToSvg } from './picture/drawing-to-svg.js';
export { svgToDrawing } from './picture/svg-to-drawing.js';
export {
  SEAL_ACTIONS,
  SEAL_LIFE_STATES,
  SEAL_TRANSITIONS,
  effectiveStatus,
  lifeStateAt,
  statusAfter,
  statusAt,
  versionAt,
} from './status.js';
export type { SealAction, SealLifeState } from './status.js';
export { assertUsable } from './assert-usable.js';
export type { SealUse } from './assert-usable.js';
export { REVOCATION_REASON_TEXTS } from './revocation-reasons.js';
export { SEAL_RIGHTS, createSealService } from './seal-service.js';
export type {
  PublicSealStatus,
  RevokeSeal,
  SealQuery,
  SealService,
  SealServiceParts,
} from './seal-service.js';
export type { SealChange } from './life/seal-changes.js';
export type { NewEvidence } from './evidence.js';
export { endOf } from './life/reminders.js';
export { SealLifeWorker } from './life/life-worker.js';
export type { SealLifeWorkerOptions } from './life/life-worker.js';
export { StoppedUses } from './life/stopped-uses.js';
export type { StoppedUsesParts } from './life/stopped-uses.js';
export { REVOCATION_ORDERS } from './life/revocation-order.js';
export type { RevocationOrderIndex, RevocationOrderRecord } from './life/revocation-order.js';
export { RevocationOrders } from './life/revocation-orders.js';
export type { OrderRevocation, RevocationOrderParts } from './life/revocation-orders.js';
export * from './application/index.js';
export { describeSeal, pictureOfSeal } from './describe-seal.js';
export type { SealDescription } from './describe-seal.js';
export { makeSeal } from './make-seal.js';
export type { MakeSealRequest } from './make-seal.js';
export { sealPictureFile } from './picture/seal-picture-file.js';
export { cleanSpecimen } from './specimen/clean-specimen.js';
export type { CleanSpecimen } from './specimen/clean-specimen.js';
export { informationFormTemplate, readInformationForms } from './form-import/index.js';
export type { FormImport, ImportedForm, SheetFault, SheetFaultCode } from './form-import/index.js';
export { checkInformationForm } from './information-form/index.js';
export type {
  FormFault,
  FormFaultCode,
  InformationFormCheck,
  SealInformationForm,
  WantedSeal,
} from './information-form/index.js';
export * from './use/index.js';
export * from './statement/index.js';
export * from './public/index.js';
