/**
 * Names of tools that a target does not take. OpenAI and Anthropic take letters, digits, `_` and `-` alone; Anthropic 128 of
 * them, and agents name tools of servers so long, but OpenAI and others 64. Agents of other APIs and servers of tools have
 * names with dots and blanks too. Such names are made ones that are taken wherever the request has them, and are themselves
 * again in the answer.
 */
import { createHash } from 'node:crypto';
import { asRecord, asString, type JsonRecord } from '../shared/json.ts';
import type { BlockHead, HubAnswer, HubEvent, HubRequest, RequestBlock } from './hub.ts';
import type { StreamReader } from './types.ts';

/** What is kept of a request for its answer: the client's names by those that were made of them. */
const TOOL_NAMES = 'changed_tool_names';

const DIGEST_CHARACTERS = 8;

/** No name at all is the client's error, of which the provider tells it. */
const plainName = /^[\w-]*$/;

function isTaken(name: string, longest: number): boolean {
  return name.length <= longest && plainName.test(name);
}

/** A name that is taken: the same for the same name. One that is changed ends in a digest of the whole, which no two share. */
export function takenName(name: string, longest: number): string {
  if (isTaken(name, longest)) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGEST_CHARACTERS);
  const plain = name.replace(/[^\w-]/g, '_');
  return `${plain.slice(0, longest - DIGEST_CHARACTERS - 1)}_${digest}`;
}

/** The same request with names that are taken alone; the very same if all are. @param longest in characters */
export function withTakenNames(request: HubRequest, longest: number): HubRequest {
  const { tools, toolChoice, messages } = request;
  const isCalled = messages.some(({ blocks }) =>
    blocks.some(({ head }) => head.type === 'call' && !isTaken(head.name, longest)),
  );
  if (!isCalled && tools.every(({ name }) => isTaken(name, longest))) return request;
  const taken = (name: string) => takenName(name, longest);
  const renamed = (block: RequestBlock): RequestBlock => ({ ...block, head: withName(block.head, taken) });
  return {
    ...request,
    tools: tools.map((tool) => ({ ...tool, name: taken(tool.name) })),
    toolChoice: toolChoice?.type === 'tool' ? { ...toolChoice, name: taken(toolChoice.name) } : toolChoice,
    messages: messages.map((message) => ({ ...message, blocks: message.blocks.map(renamed) })),
  };
}

/** What is kept of a request, with the names that were changed in it. @param kept null if nothing else is */
export function withNames(kept: JsonRecord | null, request: HubRequest, longest: number): JsonRecord | null {
  const changed = request.tools.filter(({ name }) => !isTaken(name, longest));
  if (changed.length === 0) return kept;
  return { ...kept, [TOOL_NAMES]: Object.fromEntries(changed.map(({ name }) => [takenName(name, longest), name])) };
}

/** An answer that calls tools by the client's own names. @param asked what was kept of the request */
export function withOwnNames(answer: HubAnswer, asked: JsonRecord | null | undefined): HubAnswer {
  const names = namesIn(asked);
  if (names === null) return answer;
  return { ...answer, blocks: answer.blocks.map((block) => ({ ...block, head: withName(block.head, names) })) };
}

/** The same of a stream. */
export function readerWithOwnNames(reader: StreamReader, asked: JsonRecord | null | undefined): StreamReader {
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
