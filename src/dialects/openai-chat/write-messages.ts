/**
 * Writes the messages of a chat completion request.
 *
 *   system, developer   → `system`, where it stands: every server knows that role, and OpenAI takes the two as one
 *   assistant           → one message; calls that stand alone join the text before them
 *   a tool's result     → `tool`, directly after the message that holds the call, wherever the client sent it
 *   other user blocks   → `user`, after the results; what of a result is no text stands first in it
 *
 * What this dialect has no words for is refused with its place if the answer would be another one without it. Else it is
 * left out and named: what a model thought, unless a server of chats did, and where its texts come from.
 */
import type { AskedToolCall, AssistantMessage, ChatMessage, ToolMessage } from '../../wire/chat-request.ts';
import { parseExact } from '../../wire/exact-json.ts';
import { isText, joinedText } from '../block-texts.ts';
import type { Attachment, BlockHead, Message, RequestBlock } from '../hub.ts';
import { fieldOf, type ThoughtField, thoughtFields } from '../plain-thoughts.ts';
import { invalidValue, unsupported } from '../refusal.ts';
import { systemTexts } from '../system-texts.ts';
import { CHAT } from './facts.ts';
import { writeContent } from './write-parts.ts';

interface WrittenMessages {
  readonly messages: readonly ChatMessage[];
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/** A message, the calls in it, and their results. */
interface Turn {
  message: ChatMessage;
  readonly calls: AskedToolCall[];
  readonly results: ToolMessage[];
}

/** Throws `GatewayError` (400) that names what cannot be expressed. */
export function writeMessages(messages: readonly Message[]): WrittenMessages {
  const conversation = new Conversation();
  for (const message of messages) conversation.take(message);
  const { turns, dropped } = conversation;
  if (turns.length === 0) throw invalidValue('messages', 'should hold at least one message with content');
  return { messages: turns.flatMap(({ message, results }) => [message, ...results]), dropped: [...dropped] };
}

class Conversation {
  readonly turns: Turn[] = [];
  readonly dropped = new Set<string>();
  /** By a call's id, the last turn that calls so. */
  readonly #callers = new Map<string, Turn>();

  take({ role, blocks }: Message): void {
    this.#noteSources(blocks);
    switch (role) {
      case 'system':
      case 'developer':
        this.#takeSystem(systemTexts(blocks, this.dropped));
        return;
      case 'user':
        this.#takeUser(blocks);
        return;
      case 'assistant':
        this.#takeAssistant(blocks);
        return;
      default:
        role satisfies never;
    }
  }

  #takeSystem(blocks: readonly RequestBlock[]): void {
    if (blocks.length > 0) this.#add({ role: 'system', content: joinedText(blocks) });
  }

  #takeUser(blocks: readonly RequestBlock[]): void {
    const shown: RequestBlock[] = [];
    const said: RequestBlock[] = [];
    for (const block of blocks) {
      if (block.head.type === 'result') shown.push(...this.#takeResult(block.head));
      else if (!this.#isLeftOut(block)) said.push(block);
    }
    const all = [...shown, ...said];
    if (all.length > 0) this.#add({ role: 'user', content: writeContent(all) });
  }

  /** Returns what of the result cannot stand in a tool's message. */
  #takeResult({ callId, content, isError }: Extract<BlockHead, { type: 'result' }>): readonly RequestBlock[] {
    if (isError) this.dropped.add('is_error');
    this.#noteSources(content);
    const message: ToolMessage = { role: 'tool', tool_call_id: callId, content: joinedText(content) };
    const caller = this.#callers.get(callId);
    if (caller === undefined) this.#add(message);
    else caller.results.push(message);
    return content.filter((block) => !isText(block) && !this.#isLeftOut(block));
  }

  #takeAssistant(blocks: readonly RequestBlock[]): void {
    const kept = blocks.filter((block) => !this.#isLeftOut(block));
    if (kept.length === 0) return;
    const calls = kept.flatMap(call);
    const last = this.turns.at(-1);
    const made = assistant(kept, calls);
    const isCalls = calls.length === kept.length;
    if (last?.message.role === 'assistant' && last.results.length === 0 && isJoined(last.message, isCalls)) {
      for (const each of calls) last.calls.push(each);
      last.message = joined(last.message, made, last.calls);
    } else {
      this.#add(made, calls);
    }
    const turn = this.turns.at(-1);
    if (turn !== undefined) for (const { id } of calls) this.#callers.set(id, turn);
  }

  #add(message: ChatMessage, calls: AskedToolCall[] = []): void {
    this.turns.push({ message, calls, results: [] });
  }

  #noteSources(blocks: readonly RequestBlock[]): void {
    const hasSources = blocks.some(({ attached }) => attached.some(({ type }) => type === 'citation'));
    if (hasSources) this.dropped.add('citations');
  }

  /** Notes what may be left out. */
  #isLeftOut({ head, attached }: RequestBlock): boolean {
    if (head.type === 'reasoning' && fieldOf(attached) !== null) return false;
    if (head.type === 'reasoning') this.dropped.add('reasoning');
    // What a provider did by itself: the text that came of it follows.
    else if (head.type === 'call' && head.by === 'provider') this.dropped.add('server_tool_use');
    else if (head.type === 'foreign' && head.of !== CHAT && head.refusal === null) this.dropped.add(head.name);
    else return false;
    return true;
  }
}

function call({ head, text, attached }: RequestBlock): AskedToolCall[] {
  if (head.type !== 'call') return [];
  const { callId: id, name } = head;
  const proof = attached.find(isOwnProof);
  return [
    {
      id,
      type: 'function',
      function: { name, arguments: text },
      ...(proof === undefined ? {} : { extra_content: parseExact(proof.data) }),
    },
  ];
}

function isOwnProof({ type, of }: Attachment): boolean {
  return type === 'signature' && of === CHAT;
}

function assistant(blocks: readonly RequestBlock[], calls: readonly AskedToolCall[]): AssistantMessage {
  const wrong = blocks.find((block) => !isText(block) && !['call', 'reasoning'].includes(block.head.type));
  if (wrong !== undefined) throw unsupported(wrong.at, problemOf(wrong.head));
  const content = joinedText(blocks.filter(({ head }) => head.type === 'text'));
  const refusal = joinedText(blocks.filter(({ head }) => head.type === 'refusal'));
  const hasOthers = calls.length > 0 || refusal !== '';
  return {
    role: 'assistant',
    content: content === '' && hasOthers ? null : content,
    ...(refusal === '' ? {} : { refusal }),
    ...thoughts(blocks),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function problemOf(head: BlockHead): string {
  return (head.type === 'foreign' ? head.refusal : null) ?? 'should be a text or a call for this provider';
}

/** What a server of chats thought, in the field that it came in. */
function thoughts(blocks: readonly RequestBlock[]): Pick<AssistantMessage, ThoughtField> {
  const [first] = blocks.flatMap(({ attached }) => fieldOf(attached) ?? []);
  if (first === undefined) return {};
  const texts = blocks.flatMap(({ head, text }) => (head.type === 'reasoning' ? [text] : []));
  return { [first]: texts.join('\n') };
}

/**
 * Whether a message and the next one are one that an assistant's turn was taken apart into: calls, and what follows a thought.
 *
 * @param isCalls the next one has nothing but calls
 */
function isJoined(before: AssistantMessage, isCalls: boolean): boolean {
  const isThought = thoughtFields.some((field) => before[field] !== undefined) && !before.content && !before.tool_calls;
  return isCalls || isThought;
}

/** @param calls of both */
function joined(before: AssistantMessage, next: AssistantMessage, calls: readonly AskedToolCall[]): AssistantMessage {
  const content = next.content || before.content || null;
  return { ...before, ...next, content, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
}
