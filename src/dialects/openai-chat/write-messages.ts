/**
 * Writes the messages of a chat completion request.
 *
 *   system, developer   → `system`, where it stands: every server knows that role, and OpenAI takes the two as one
 *   assistant           → one message; calls that stand alone join the text before them
 *   a tool's result     → `tool`, directly after the message that holds the call, wherever the client sent it
 *   other user blocks   → `user`, after the results; what of a result is no text stands first in it
 *
 * What this dialect has no words for is refused with its place if the answer would be another one without it. Else it is
 * left out and named: what a model thought, which only its own provider can read, and where its texts come from.
 */
import type { AskedToolCall, AssistantMessage, ChatMessage, ToolMessage } from '../../wire/chat-request.ts';
import { parseExact } from '../../wire/exact-json.ts';
import { isText, joinedText } from '../block-texts.ts';
import type { Attachment, BlockHead, Message, RequestBlock } from '../hub.ts';
import { invalidValue, unsupported } from '../refusal.ts';
import { CHAT } from './facts.ts';
import { writeContent } from './write-parts.ts';

interface WrittenMessages {
  readonly messages: readonly ChatMessage[];
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/** A message, and the results of the calls in it. */
interface Turn {
  message: ChatMessage;
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
        if (blocks.length > 0) this.#add({ role: 'system', content: joinedText(blocks) });
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
    const joined = calls.length === kept.length && last?.results.length === 0 ? withCalls(last.message, calls) : null;
    if (last !== undefined && joined !== null) last.message = joined;
    else this.#add(assistant(kept, calls));
    const turn = this.turns.at(-1);
    if (turn !== undefined) for (const { id } of calls) this.#callers.set(id, turn);
  }

  #add(message: ChatMessage): void {
    this.turns.push({ message, results: [] });
  }

  #noteSources(blocks: readonly RequestBlock[]): void {
    const hasSources = blocks.some(({ attached }) => attached.some(({ type }) => type === 'citation'));
    if (hasSources) this.dropped.add('citations');
  }

  /** Notes what may be left out. */
  #isLeftOut({ head }: RequestBlock): boolean {
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
  const wrong = blocks.find((block) => !isText(block) && block.head.type !== 'call');
  if (wrong !== undefined) throw unsupported(wrong.at, problemOf(wrong.head));
  const content = joinedText(blocks.filter(({ head }) => head.type === 'text'));
  const refusal = joinedText(blocks.filter(({ head }) => head.type === 'refusal'));
  const hasOthers = calls.length > 0 || refusal !== '';
  return {
    role: 'assistant',
    content: content === '' && hasOthers ? null : content,
    ...(refusal === '' ? {} : { refusal }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function problemOf(head: BlockHead): string {
  return (head.type === 'foreign' ? head.refusal : null) ?? 'should be a text or a call for this provider';
}

/** Null if the message before them is no assistant's. */
function withCalls(message: ChatMessage, calls: readonly AskedToolCall[]): AssistantMessage | null {
  if (message.role !== 'assistant') return null;
  const content = message.content === '' ? null : message.content;
  return { ...message, content, tool_calls: [...(message.tool_calls ?? []), ...calls] };
}
