/**
 * An event that says nothing. A comment is none to any client, but Codex waits for events: its patience ends however many
 * comments come. So it gets the event that OpenAI sends in such a time. The accumulators of OpenAI's own libraries throw
 * on any event before `response.created`, which may come of another target yet.
 */
const comment = ': keep-alive\n\n';
const event = 'event: keepalive\ndata: {"type":"keepalive","sequence_number":0}\n\n';

/** `codex_cli_rs/0.171.0 (…)`, `codex_exec/…`, `codex-tui/…`, `Codex Desktop/…`. */
const isCodex = /^codex[_ /-]/i;

/** The bytes for the client that says of itself what it is. */
export function keepAlive(userAgent: string | undefined): Buffer {
  return Buffer.from(userAgent !== undefined && isCodex.test(userAgent) ? event : comment);
}
