/** The revision that a party's signature appends: its field, its place on the page, its picture. */
import {
  signatureFieldName,
  type ContractRecord,
  type PartyRole,
  type SealPlace,
  type SigningDuty,
} from '../contract/index.js';
import { beginSignature, type PendingSignature, type SignerCertificates } from '../pades/index.js';
import { readRectangle, type PdfDocument } from '../pdf/index.js';
import { AppError } from '../kernel/index.js';
import { composeAppearance } from './appearance/compose.js';
import type { Placement, SeenPoint } from './appearance/places.js';
import { shownDigest } from './appearance/shown-digest.js';
import type { UsableSeal } from './ports.js';

/** Names of new fields, by party: stable, so that a reader of the file knows who is who. */
const FIELD_NAMES: Readonly<Record<PartyRole, string>> = { buyer: 'Buyer', supplier: 'Supplier' };

/** Where a party's seal is shown besides the place that its contract gives it; all one signature. */
export interface SealPlacing {
  readonly places?: readonly (SeenPoint & { readonly pageIndex: number })[];
  /** A slice on this edge of every page. */
  readonly crossPage?: 'left' | 'right';
}

export interface RevisionRequest {
  readonly contract: ContractRecord;
  readonly role: PartyRole;
  readonly duty: SigningDuty;
  readonly signerName: string;
  readonly certificates: SignerCertificates;
  readonly seal: UsableSeal | undefined;
  readonly placing?: SealPlacing | undefined;
  /** Whole seconds. */
  readonly claimedAt: Date;
  /** Room for a signature time-stamp; none unless given. */
  readonly timestampBytes?: number;
}

/**
 * @throws AppError `input-invalid` (params `field`) where a place is asked for and there is no seal;
 *   and as `beginSignature` and `composeAppearance`
 */
export function beginRevisionFor(
  document: PdfDocument,
  request: RevisionRequest,
): PendingSignature {
  const { contract, role, seal } = request;
  const placements = placementsOf(request);
  const ownField = emptyField(document, request);
  const common = {
    fieldName: ownField ?? `${FIELD_NAMES[role]}${contract.signatures.length + 1}`,
    claimedAt: request.claimedAt,
    timestampBytes: request.timestampBytes ?? 0,
    name: request.signerName,
    reason: `签订合同 ${contract.number}`,
  };
  // A place in the contract is for a seal, should the party have one; a place asked for wants it.
  if (seal === undefined && hasOwnPlaces(request.placing)) {
    throw new AppError('input-invalid', 'there is no seal to be placed', {
      params: { field: 'sealId' },
    });
  }
  if (seal === undefined || (placements.length === 0 && ownField === undefined)) {
    return beginSignature(document, request.certificates, common);
  }
  const { picture } = seal;
  const widthMm = picture.widthPt / PT_PER_MM;
  return beginSignature(document, request.certificates, {
    ...common,
    appearance:
      ownField === undefined
        ? composeAppearance(document, [{ picture, placements }])
        : composeAppearance(document, [{ picture, widthMm, placements: [] }], ownField),
    seal: {
      code: seal.code,
      name: seal.name,
      version: seal.version,
      appearanceSha256: seal.appearanceSha256 ?? shownDigest(document, seal.picture),
      ...(seal.structureDer === undefined ? {} : { structureDer: seal.structureDer }),
    },
  });
}

const PT_PER_MM = 72 / 25.4;

/**
 * The field that the document keeps for this signature. It is one place of a set size: a seal that goes to
 * several places, or is larger, gets a field of its own instead.
 */
function emptyField(
  document: PdfDocument,
  { role, duty, seal, placing }: RevisionRequest,
): string | undefined {
  if (hasOwnPlaces(placing)) return undefined;
  const name = signatureFieldName(role, duty);
  const field = document.fields.find((each) => each.name === name && each.type === 'Sig');
  if (field === undefined || field.value !== undefined) return undefined;
  const rect = readRectangle(document, field.widgets[0]?.dict.get('Rect'));
  if (seal === undefined || rect === undefined) return name;
  const { widthPt, heightPt } = seal.picture;
  const isRoomy = widthPt <= rect.x2 - rect.x1 && heightPt <= rect.y2 - rect.y1;
  return isRoomy ? name : undefined;
}

const hasOwnPlaces = (placing: SealPlacing | undefined): boolean =>
  placing?.crossPage !== undefined || (placing?.places ?? []).length > 0;

/** The contract's own place first, then those asked for. */
function placementsOf({ contract, role, duty, placing }: RevisionRequest): readonly Placement[] {
  const agreed = agreedPlace(contract.document?.sealPlaces ?? [], role, duty);
  const places = [...(agreed === undefined ? [] : [agreed]), ...(placing?.places ?? [])];
  const edge = placing?.crossPage;
  return [
    ...places.map(({ pageIndex, xPt, yPt }): Placement => ({
      kind: 'point',
      page: pageIndex,
      centre: { xPt, yPt },
    })),
    ...(edge === undefined ? [] : [{ kind: 'cross-page', edge } as const]),
  ];
}

/** Between the centres of a unit's seal and its legal representative's, which stands beside it. */
const BESIDE_PT = 88;

/** The place that the contract has for the signature; the representative's is beside the unit's unless it has its own. */
function agreedPlace(
  places: readonly SealPlace[],
  role: PartyRole,
  duty: SigningDuty,
): SealPlace | undefined {
  const own = places.filter((place) => place.role === role);
  const exact = own.find((place) => (place.duty ?? 'unit-seal') === duty);
  if (exact !== undefined) return exact;
  const unitPlace = own[0];
  return unitPlace === undefined ? undefined : { ...unitPlace, xPt: unitPlace.xPt + BESIDE_PT };
}
