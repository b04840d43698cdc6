/** Reads the system's code from an error. Pure. */

/** The code of an error of the system, such as `ENOENT`; null for all other errors and values. */
export function systemCode(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  // Codes of Node's own errors begin with ERR_. EAI_AGAIN, which matches, comes from the resolver.
  return typeof code === 'string' && /^E(?!RR_)[A-Z0-9_]+$/.test(code) ? code : null;
}
