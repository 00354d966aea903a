/** The revision that a party's signature appends: its field, its place on the page, its picture. */
import type { ContractRecord, PartyRole } from '../contract/index.js';
import { beginSignature, type PendingSignature, type SignerCertificates } from '../pades/index.js';
import type { PdfDocument } from '../pdf/index.js';
import { composeAppearance } from './appearance/compose.js';
import { appearanceDigest, sealPicture } from './appearance/seal-picture.js';
import type { UsableSeal } from './ports.js';

/** Names of the fields, by party: stable, so that a reader of the file knows who is who. */
const FIELD_NAMES: Readonly<Record<PartyRole, string>> = { buyer: 'Buyer', supplier: 'Supplier' };

export interface RevisionRequest {
  readonly contract: ContractRecord;
  readonly role: PartyRole;
  readonly signerName: string;
  readonly certificates: SignerCertificates;
  readonly seal: UsableSeal | undefined;
  /** Whole seconds. */
  readonly claimedAt: Date;
  /** Room for a signature time-stamp; none unless given. */
  readonly timestampBytes?: number;
}

/** @throws AppError as `beginSignature` and `composeAppearance` */
export function beginRevisionFor(
  document: PdfDocument,
  request: RevisionRequest,
): PendingSignature {
  const { contract, role, seal } = request;
  const place = contract.document?.sealPlaces.find((each) => each.role === role);
  const isVisible = seal !== undefined && place !== undefined;
  const fieldName = `${FIELD_NAMES[role]}${contract.signatures.length + 1}`;
  const common = {
    fieldName,
    claimedAt: request.claimedAt,
    timestampBytes: request.timestampBytes ?? 0,
    name: request.signerName,
    reason: `签订合同 ${contract.number}`,
  };
  if (!isVisible) return beginSignature(document, request.certificates, common);
  const { pageIndex: page, xPt, yPt } = place;
  return beginSignature(document, request.certificates, {
    ...common,
    appearance: composeAppearance(document, [
      { picture: sealPicture(seal), placements: [{ kind: 'point', page, centre: { xPt, yPt } }] },
    ]),
    seal: {
      code: seal.code,
      name: seal.name,
      version: seal.version,
      appearanceSha256: appearanceDigest(seal.content),
    },
  });
}
