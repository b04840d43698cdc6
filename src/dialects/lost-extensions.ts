/** What becomes of an extension that a target does not know: it is left out and named, or the request is refused. */
import type { Extension } from './hub.ts';
import { unsupported } from './refusal.ts';
import type { RequestTarget } from './types.ts';

/** Under which name it is left out. Throws `GatewayError` (400) if it must not be. */
export function lostName(
  { name, at = name, refusal, tool }: Extension,
  { dropsTools = false }: Pick<RequestTarget, 'dropsTools'>,
): string {
  if (tool !== undefined && dropsTools) return `tools.${tool}`;
  if (refusal !== null) throw unsupported(at, refusal);
  return at;
}
