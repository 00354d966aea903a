/** Port: keeps short secrets at rest under a key of the service. */
export interface SecretBox {
  /** @param context - what the secret belongs to; it opens for that alone */
  seal(text: string, context: string): string;
  /** @throws AppError `store-unavailable` where it was altered, or sealed by another key or for something else */
  open(sealedB64: string, context: string): string;
}
