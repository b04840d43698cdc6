/** What the system said by an error's code. Pure. */

/** The code of an error that the system raised, such as `ENOENT`; null for errors of programs and for what is none. */
export function systemCode(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  // Codes of Node's own errors begin with ERR_; EAI_AGAIN is the resolver's.
  return typeof code === 'string' && /^E(?!RR_)[A-Z0-9_]+$/.test(code) ? code : null;
}
