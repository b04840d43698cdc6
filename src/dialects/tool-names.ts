/**
 * Names of tools that are too long for a target: Anthropic takes 128 characters, and agents name tools of servers so long,
 * but OpenAI and others take 64. They are shortened wherever the request has them, and are themselves again in the answer.
 */
import { createHash } from 'node:crypto';
import { asRecord, asString, type JsonRecord } from '../shared/json.ts';
import type { BlockHead, HubAnswer, HubEvent, HubRequest, RequestBlock } from './hub.ts';
import type { StreamReader } from './types.ts';

/** What is kept of a request for its answer: long names by their short ones. */
const TOOL_NAMES = 'shortened_tool_names';

const DIGEST_CHARACTERS = 8;

/** A name that is not too long. One that is cut ends in a digest of the whole. */
export function shortName(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGEST_CHARACTERS);
  return `${name.slice(0, longest - DIGEST_CHARACTERS - 1)}_${digest}`;
}

/** The same request without names that are too long; the very same if there are none. @param longest in characters */
export function withShortNames(request: HubRequest, longest: number): HubRequest {
  const { tools, toolChoice, messages } = request;
  const isCalled = messages.some(({ blocks }) =>
    blocks.some(({ head }) => head.type === 'call' && head.name.length > longest),
  );
  if (!isCalled && !tools.some(({ name }) => name.length > longest)) return request;
  const short = (name: string) => shortName(name, longest);
  const renamed = (block: RequestBlock): RequestBlock => ({ ...block, head: withName(block.head, short) });
  return {
    ...request,
    tools: tools.map((tool) => ({ ...tool, name: short(tool.name) })),
    toolChoice: toolChoice?.type === 'tool' ? { ...toolChoice, name: short(toolChoice.name) } : toolChoice,
    messages: messages.map((message) => ({ ...message, blocks: message.blocks.map(renamed) })),
  };
}

/** What is kept of a request, with the names that were shortened in it. @param kept null if nothing else is */
export function withNames(kept: JsonRecord | null, request: HubRequest, longest: number): JsonRecord | null {
  const long = request.tools.filter(({ name }) => name.length > longest);
  if (long.length === 0) return kept;
  return { ...kept, [TOOL_NAMES]: Object.fromEntries(long.map(({ name }) => [shortName(name, longest), name])) };
}

/** An answer that calls tools by the client's own names. @param asked what was kept of the request */
export function withLongNames(answer: HubAnswer, asked: JsonRecord | null | undefined): HubAnswer {
  const names = namesIn(asked);
  if (names === null) return answer;
  return { ...answer, blocks: answer.blocks.map((block) => ({ ...block, head: withName(block.head, names) })) };
}

/** The same of a stream. */
export function readerWithLongNames(reader: StreamReader, asked: JsonRecord | null | undefined): StreamReader {
  const names = namesIn(asked);
  if (names === null) return reader;
  const renamed = (event: HubEvent): HubEvent =>
    event.type === 'open' ? { ...event, head: withName(event.head, names) } : event;
  return {
    push: (event) => reader.push(event).map(renamed),
    terminates: (event) => reader.terminates(event),
    get isOtherForm() {
      return reader.isOtherForm;
    },
    get reasoningDropped() {
      return reader.reasoningDropped;
    },
  };
}

function namesIn(asked: JsonRecord | null | undefined): ((name: string) => string) | null {
  const names = asRecord(asked?.[TOOL_NAMES]);
  return names === null ? null : (name) => (Object.hasOwn(names, name) ? (asString(names[name]) ?? name) : name);
}

function withName(head: BlockHead, nameOf: (name: string) => string): BlockHead {
  if (head.type === 'call') return { ...head, name: nameOf(head.name) };
  return head.type === 'result' && head.name !== null ? { ...head, name: nameOf(head.name) } : head;
}
