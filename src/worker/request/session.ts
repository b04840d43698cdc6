/**
 * The conversation that a request belongs to. It keeps to one target of each level, because its state lies there: the
 * cache of its prompt, and reasoning that another account may refuse. Who has no session is balanced.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { ModelConfig } from '../../shared/config.ts';
import type { SessionMove } from '../../shared/events.ts';
import type { HeldBody } from './arrival/body.ts';

/** Of Claude Code and of Codex, whose older versions say `session_id`. */
const names = ['x-claude-code-session-id', 'session-id', 'thread-id', 'session_id'] as const;

/** A longer name is none. */
const LONGEST_KEY = 1024;

/** So much of a body is not moved to another target for a short wait: another cache would have to read it anew. */
const HEAVY_BYTES = 16 * 1024;

/** What reasoning is called, in any dialect, that its own account alone may take back. */
const proofs = ['"signature"', '"encrypted_content"', '"redacted_thinking"', '"thought_signature"'];

/** Of one request. */
export class Session {
  readonly key: string;
  /** Why another target was chosen than its own; null while it is at its own. */
  move: SessionMove | null = null;
  /** Until when it may wait for its own target, on the plane's clock; null if it has not waited. */
  waitsUntilMs: number | null = null;
  readonly #body: HeldBody;

  constructor(key: string, body: HeldBody) {
    this.key = key;
    this.#body = body;
  }

  /** Whether a move costs more than a short wait. */
  get isHeavy(): boolean {
    const { bytes } = this.#body;
    return bytes.length >= HEAVY_BYTES || proofs.some((proof) => bytes.includes(proof));
  }
}

/** Where a request may name its session. */
interface SessionHints {
  readonly headers: IncomingHttpHeaders;
  /** The header that the configuration names, in lower case. */
  readonly configured: string | null;
  /** The client's `prompt_cache_key`. */
  readonly promptCacheKey: string | null;
}

/**
 * The first that is found: a header of an agent, the configured one, the key of the prompt's cache. Null if there is
 * none, or its model keeps no sessions.
 */
export function sessionKeyOf({ headers, configured, promptCacheKey }: SessionHints, model: ModelConfig): string | null {
  if (model.sessions === 'off') return null;
  for (const name of names) {
    const key = usable(headers[name]);
    if (key !== null) return key;
  }
  const own = configured === null ? null : usable(headers[configured]);
  if (own !== null) return own;
  // One key may stand for all users of a program, whose requests would all go to one target.
  const isTaken = model.sessions === 'all' || model.balance === 'order';
  return isTaken ? usable(promptCacheKey ?? undefined) : null;
}

function usable(value: string | string[] | undefined): string | null {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_KEY ? value : null;
}
