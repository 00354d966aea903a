export function buildJavaTool(
  name: string,
): { readonly classPath: string } | { readonly skipped: string };
