/**
 * Reads a request for a message into the neutral form. What that form does not have becomes an extension of this dialect:
 * it must be refused where the answer would be of another form, lack what the client refers to, or be made elsewhere than
 * the client demands; else it may be left out.
 */
import { GatewayError } from '../../shared/errors.ts';
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import type { HubRequest } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { numberField } from '../request-fields.ts';
import { Extensions } from './extensions.ts';
import { readMessages, readSystem } from './read-messages.ts';
import { readTools } from './read-tools.ts';
import { readAsWishes, readWishes } from './read-wishes.ts';

/** Of the neutral form, or looked at by itself. */
const understood = new Set([
  'model',
  'messages',
  'system',
  'stream',
  'max_tokens',
  'temperature',
  'top_p',
  'stop_sequences',
  'tools',
  'tool_choice',
  'thread',
  ...readAsWishes,
]);

/** Fields without which the answer would be another one. */
const refusals: ReadonlyMap<string, string> = new Map([
  ['compaction', 'asks for a summary that this provider does not make'],
  ['container', 'is kept by another provider than this one'],
  ['inference_geo', 'cannot be promised by this provider'],
  ['mcp_servers', 'is not supported by this provider: it calls no servers'],
]);

/** Throws `GatewayError`: a 400 that names the wrong field, or `thread_not_found`. */
export function readRequest(body: JsonRecord): HubRequest {
  const extensions = new Extensions();
  const { messages, system } = body;
  if (!Array.isArray(messages)) throw invalidValue('messages', 'should be an array');
  const hasSystem = system !== undefined && system !== null && system !== '';
  const prompt = hasSystem ? [readSystem(system, 'system', extensions)] : [];
  const conversation = readMessages(messages, extensions);
  const { tools, choice, parallel } = readTools(body, extensions);
  const maxTokens = readLimit(body, extensions);
  const wishes = readWishes(body, extensions);
  readThread(asRecord(body.thread), extensions);
  for (const name of Object.keys(body)) {
    if (!understood.has(name)) extensions.add(name, body[name], refusals.get(name) ?? null);
  }
  return {
    messages: [...prompt, ...conversation],
    tools,
    toolChoice: choice,
    parallelCalls: parallel,
    maxTokens,
    temperature: numberField(body, 'temperature'),
    topP: numberField(body, 'top_p'),
    stopSequences: stopSequences(body),
    stream: body.stream === true,
    wishes,
    extensions: extensions.all,
  };
}

/**
 * A new thread may be left out, since all of its messages are here. One that goes on is kept elsewhere: its client sends all
 * messages when it is told so.
 */
function readThread(thread: JsonRecord | null, extensions: Extensions): void {
  if (thread?.type === 'continue') {
    throw new GatewayError('thread_not_found', 'The thread is not kept by this provider: send all messages.');
  }
  extensions.add('thread', thread, thread?.type === 'create' ? null : 'is not supported by this provider');
}

/** With 0, the prompt is only put into Anthropic's cache. */
function readLimit(body: JsonRecord, extensions: Extensions): number | null {
  const limit = numberField(body, 'max_tokens');
  if (limit === null || !Number.isInteger(limit) || limit < 0) {
    throw invalidValue('max_tokens', 'should be a whole number from 0');
  }
  if (limit > 0) return limit;
  extensions.add('max_tokens', limit, 'should be above 0 for this provider: it keeps no prompt beforehand');
  return null;
}

function stopSequences({ stop_sequences: stops }: JsonRecord): string[] {
  if (stops === undefined || stops === null) return [];
  const list: readonly unknown[] | null = Array.isArray(stops) ? stops : null;
  const texts = list?.filter((text) => typeof text === 'string') ?? [];
  if (texts.length !== list?.length) throw invalidValue('stop_sequences', 'should be an array of strings');
  return texts;
}
