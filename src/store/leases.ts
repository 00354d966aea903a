/** Leases on a document: who works on it in the background, until when. Kept inside the document itself. */

export interface Lease {
  /** The worker that holds it. */
  readonly holder: string;
  /** RFC 3339; after this instant anybody may take the work up again. */
  readonly until: string;
}
