/** Bounds that keep hostile files from costing more than they should. */

export interface PdfLimits {
  /** Nesting of arrays and dictionaries in one object. */
  readonly maxDepth: number;
  /** Bytes of one string after decoding. */
  readonly maxStringBytes: number;
  /** Bytes of one name. */
  readonly maxNameBytes: number;
  /** Items of one array, or keys of one dictionary. */
  readonly maxItems: number;
  /** Highest object number. */
  readonly maxObjectNumber: number;
  /** Bytes one stream may decode to, at each filter. */
  readonly maxDecodedBytes: number;
  /**
   * Bytes all streams of one document may decode to, each time they are, on top of 32 times its size:
   * some hundred kilobytes would otherwise keep a processor busy for seconds.
   */
  readonly maxDecodedInAll: number;
  /** Bytes of one stream as it is stored. */
  readonly maxStreamBytes: number;
  /**
   * Bytes one document may parse in all, on top of sixteen times its size: objects nested in each other's strings
   * or comments would otherwise cost the square of it.
   */
  readonly maxParsedBytes: number;
  /** Cross-reference sections in one chain. */
  readonly maxSections: number;
  /** Nodes visited in the page tree, and in the field tree. */
  readonly maxTreeNodes: number;
}

export const DEFAULT_LIMITS: PdfLimits = {
  maxDepth: 96,
  maxStringBytes: 64 * 1024 * 1024,
  maxNameBytes: 4096,
  maxItems: 1 << 20,
  maxObjectNumber: 16_777_215,
  maxDecodedBytes: 64 * 1024 * 1024,
  maxDecodedInAll: 128 * 1024 * 1024,
  maxStreamBytes: 256 * 1024 * 1024,
  maxParsedBytes: 32 * 1024 * 1024,
  maxSections: 1024,
  maxTreeNodes: 200_000,
};
