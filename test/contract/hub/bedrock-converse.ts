/**
 * Reads Bedrock's answers (`Converse`, `ConverseStream`) into the neutral form. An event's data is its payload under the
 * name of its type, `{"messageStop":{"stopReason":"end_turn"}}`, as the frames of the binary stream are unpacked.
 *
 *   the first event       → start
 *   contentBlockStart     → open
 *   contentBlockDelta     → open where no start came (all but tools), delta, attach
 *   contentBlockStop      → the input of a tool that sent none in pieces, close
 *   messageStop           → close, finish
 *   metadata              → usage
 *
 * `metadata` comes after `messageStop`, and from some models before it: whichever is the second is the end. Neither form
 * of answer names its id or its model.
 */
import type {
  Attachment,
  Block,
  BlockHead,
  Finish,
  FinishReason,
  HubAnswer,
  HubEvent,
} from '../../../src/dialects/hub.ts';
import { bare } from '../../../src/dialects/openai-chat/errors.ts';
import type { StreamReader } from '../../../src/dialects/types.ts';
import { UnreadableAnswerError, type UpstreamError } from '../../../src/dialects/upstream-error.ts';
import { asArray, asCount, asRecord, asString, type JsonRecord } from '../../../src/shared/json.ts';
import { parseExact } from '../../../src/wire/exact-json.ts';
import type { SseEvent } from '../../../src/wire/sse.ts';

/** The name of this dialect, by which others know whose an extension is. */
const CONVERSE = 'bedrock-converse';

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop-sequence'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'context-length'],
  ['tool_use', 'calls'],
  ['guardrail_intervened', 'filtered'],
  ['content_filtered', 'filtered'],
  ['malformed_model_output', 'error'],
  ['malformed_tool_use', 'error'],
]);

/** Events that are errors, and the status of each. */
const statusOfException: ReadonlyMap<string, number> = new Map([
  ['validationException', 400],
  ['accessDeniedException', 403],
  ['resourceNotFoundException', 404],
  ['modelTimeoutException', 408],
  ['modelStreamErrorException', 424],
  ['modelErrorException', 424],
  ['throttlingException', 429],
  ['modelNotReadyException', 429],
  ['serviceQuotaExceededException', 429],
  ['internalServerException', 500],
  ['serviceUnavailableException', 503],
]);

const NOTHING: readonly HubEvent[] = [];

/** Throws `UnreadableAnswerError`. @param tree by `parseExact` */
export function readAnswer(tree: JsonRecord): HubAnswer {
  const content = asRecord(asRecord(tree.output)?.message)?.content;
  if (!Array.isArray(content)) throw new UnreadableAnswerError('the answer has no content', { otherForm: true });
  return {
    id: null,
    model: null,
    blocks: content.flatMap((block) => readBlock(asRecord(block) ?? {})),
    finish: finishOf(tree),
    usage: usageOf(tree.usage),
  };
}

function readBlock(block: JsonRecord): Block[] {
  const text = asString(block.text);
  if (text !== null) return [{ head: { type: 'text' }, text, attached: [] }];
  const tool = asRecord(block.toolUse);
  if (tool !== null) return [{ head: callHead(tool), text: JSON.stringify(asRecord(tool.input) ?? {}), attached: [] }];
  const reasoning = asRecord(block.reasoningContent);
  if (reasoning !== null) return readReasoning(reasoning);
  const cited = asRecord(block.citationsContent);
  if (cited !== null) {
    const texts = asArray(cited.content).map((piece) => asString(asRecord(piece)?.text) ?? '');
    return [{ head: { type: 'text' }, text: texts.join(''), attached: asArray(cited.citations).map(citation) }];
  }
  return [{ head: foreignHead(block), text: '', attached: [] }];
}

function readReasoning(reasoning: JsonRecord): Block[] {
  const { text, signature } = asRecord(reasoning.reasoningText) ?? {};
  const thought = asString(text) ?? '';
  const attached = proofs({ signature, redactedContent: reasoning.redactedContent });
  if (thought === '' && attached.length === 0) return [];
  return [{ head: reasoningHead(thought !== ''), text: thought, attached }];
}

/** A block that has begun and not ended. */
interface OpenBlock {
  readonly block: number;
  readonly type: BlockHead['type'];
  isWritten: boolean;
}

export class ConverseReader implements StreamReader {
  #begun = false;
  #sawOthers = false;
  #blocks = 0;
  /** By the provider's index. */
  readonly #open = new Map<unknown, OpenBlock>();
  #isStopped = false;
  #isCounted = false;

  get isOtherForm(): boolean {
    return this.#sawOthers && !this.#begun;
  }

  push({ data }: SseEvent): readonly HubEvent[] {
    const event = asRecord(parseExact(data ?? ''));
    if (event === null) throw new UnreadableAnswerError('an event of the stream is not a JSON object');
    if (this.#isStopped && this.#isCounted) return NOTHING;
    const error = exceptionIn(event);
    if (error !== null) throw new UnreadableAnswerError('the provider reported an error', { error });
    const [type = '', value] = Object.entries(event)[0] ?? [];
    const events = this.#read(type, asRecord(value) ?? {});
    if (events === null) {
      this.#sawOthers = true;
      return NOTHING;
    }
    if (this.#begun) return events;
    this.#begun = true;
    // Not every model sends messageStart.
    return [{ type: 'start', id: null, model: null }, ...events];
  }

  /** A frame is whole or it is not there. */
  terminates(): boolean {
    return false;
  }

  /** Null for an event that this dialect does not have. */
  #read(type: string, payload: JsonRecord): readonly HubEvent[] | null {
    switch (type) {
      case 'messageStart':
        return NOTHING;
      case 'contentBlockStart':
        return this.#blockStart(payload.contentBlockIndex, asRecord(payload.start) ?? {});
      case 'contentBlockDelta':
        return this.#blockDelta(payload.contentBlockIndex, asRecord(payload.delta) ?? {});
      case 'contentBlockStop':
        return this.#blockStop(payload.contentBlockIndex);
      case 'messageStop':
        return this.#messageStop(payload);
      case 'metadata':
        return this.#metadata(payload);
      default:
        return null;
    }
  }

  #blockStart(index: unknown, start: JsonRecord): readonly HubEvent[] {
    const tool = asRecord(start.toolUse);
    if (tool !== null) return this.#begin(index, callHead(tool)).events;
    // An empty start says nothing: what the block is stands in its first piece.
    return Object.keys(start).length === 0 ? NOTHING : this.#begin(index, foreignHead(start)).events;
  }

  #blockDelta(index: unknown, delta: JsonRecord): readonly HubEvent[] {
    const text = asString(delta.text);
    if (text !== null) return this.#piece(index, { type: 'text' }, text);
    const tool = asRecord(delta.toolUse);
    if (tool !== null) return this.#toolPiece(index, asString(tool.input) ?? '');
    const reasoning = asRecord(delta.reasoningContent);
    if (reasoning !== null) return this.#reasoningPiece(index, asString(reasoning.text) ?? '', proofs(reasoning));
    if (delta.citation !== undefined) return this.#piece(index, { type: 'text' }, '', [citation(delta.citation)]);
    return this.#foreignPiece(index, delta);
  }

  /** Input without the start that names the tool belongs to nothing. */
  #toolPiece(index: unknown, text: string): readonly HubEvent[] {
    const open = this.#open.get(index);
    if (open?.type !== 'call' || text === '') return NOTHING;
    open.isWritten = true;
    return [{ type: 'delta', block: open.block, text }];
  }

  #reasoningPiece(index: unknown, text: string, attached: readonly Attachment[]): readonly HubEvent[] {
    if (text === '' && attached.length === 0) return NOTHING;
    return this.#piece(index, reasoningHead(text !== ''), text, attached);
  }

  /** A piece of a block that is not known is kept as a block of its own, since nobody here can join them. */
  #foreignPiece(index: unknown, delta: JsonRecord): readonly HubEvent[] {
    if (Object.keys(delta).length === 0) return NOTHING;
    const closed = this.#blockStop(index);
    return [...closed, ...this.#begin(index, foreignHead(delta)).events];
  }

  /** @param head what the block is, if it has not begun; a block of another kind at this index has ended */
  #piece(index: unknown, head: BlockHead, text: string, attached: readonly Attachment[] = []): readonly HubEvent[] {
    const open = this.#open.get(index);
    const isSame = open?.type === head.type;
    const begun = isSame ? { block: open.block, events: [] } : this.#begin(index, head);
    const { block, events } = begun;
    if (text !== '') events.push({ type: 'delta', block, text });
    for (const attachment of attached) events.push({ type: 'attach', block, attachment });
    return events;
  }

  #begin(index: unknown, head: BlockHead): { readonly block: number; readonly events: HubEvent[] } {
    const before = this.#blockStop(index);
    const block = this.#blocks;
    this.#blocks += 1;
    this.#open.set(index, { block, type: head.type, isWritten: false });
    return { block, events: [...before, { type: 'open', block, head }] };
  }

  /** For a call without input the provider streams none, but its JSON is at least `{}`. */
  #blockStop(index: unknown): readonly HubEvent[] {
    const open = this.#open.get(index);
    if (open === undefined) return NOTHING;
    this.#open.delete(index);
    const { block, type, isWritten } = open;
    const close = { type: 'close', block } as const;
    return type === 'call' && !isWritten ? [{ type: 'delta', block, text: '{}' }, close] : [close];
  }

  #messageStop(payload: JsonRecord): readonly HubEvent[] {
    const finish = finishOf(payload);
    if (finish === null || this.#isStopped) return NOTHING;
    this.#isStopped = true;
    return [...this.#closeAll(), { type: 'finish', finish }, ...this.#end()];
  }

  #metadata({ usage }: JsonRecord): readonly HubEvent[] {
    const counted = usageOf(usage);
    this.#isCounted = true;
    return [...(counted === null ? [] : [{ type: 'usage', usage: counted } as const]), ...this.#end()];
  }

  #end(): readonly HubEvent[] {
    return this.#isStopped && this.#isCounted ? [...this.#closeAll(), { type: 'end' }] : NOTHING;
  }

  #closeAll(): readonly HubEvent[] {
    return [...this.#open.keys()].flatMap((index) => this.#blockStop(index));
  }
}

function callHead({ toolUseId, name, type }: JsonRecord): BlockHead {
  const by = type === 'server_tool_use' ? 'provider' : 'client';
  return { type: 'call', callId: asString(toolUseId) ?? '', name: asString(name) ?? '', by };
}

function reasoningHead(isShown: boolean): BlockHead {
  return { type: 'reasoning', form: isShown ? 'raw' : 'hidden' };
}

function foreignHead(block: JsonRecord): BlockHead {
  return { type: 'foreign', of: CONVERSE, name: Object.keys(block)[0] ?? '', value: block, refusal: null };
}

/** The signature of a thought, or the thought as only its provider can read it. */
function proofs({ signature, redactedContent }: JsonRecord): Attachment[] {
  const proof = asString(signature) ?? '';
  const redacted = asString(redactedContent) ?? '';
  return [
    ...(proof === '' ? [] : [{ type: 'signature', of: CONVERSE, data: proof } as const]),
    ...(redacted === '' ? [] : [{ type: 'redacted', of: CONVERSE, data: redacted } as const]),
  ];
}

function citation(value: unknown): Attachment {
  return { type: 'citation', of: CONVERSE, data: JSON.stringify(value) ?? 'null' };
}

/** Why an answer ended; null if it does not say. Claude's stop sequence stands in what only its model adds. */
function finishOf({ stopReason, additionalModelResponseFields }: JsonRecord): Finish | null {
  const raw = asString(stopReason);
  if (raw === null) return null;
  const added = asRecord(additionalModelResponseFields);
  const stopSequence = asString(added?.stop_sequence) ?? asString(asRecord(added?.delta)?.stop_sequence);
  return { reason: reasons.get(raw) ?? 'other', raw, stopSequence };
}

/** `inputTokens` excludes what is read from or written to the cache, as Anthropic's count does. */
function usageOf(value: unknown): HubAnswer['usage'] {
  const usage = asRecord(value);
  if (usage === null) return null;
  const cacheRead = asCount(usage.cacheReadInputTokens);
  const cacheWrite = asCount(usage.cacheWriteInputTokens);
  return {
    input: asCount(usage.inputTokens) + cacheRead + cacheWrite,
    output: asCount(usage.outputTokens),
    cacheRead,
    cacheWrite,
    reasoning: 0,
  };
}

/** The error that an event is; null if it is none. */
function exceptionIn(event: JsonRecord): UpstreamError | null {
  for (const [type, value] of Object.entries(event)) {
    if (!type.endsWith('Exception')) continue;
    const { message, originalMessage } = asRecord(value) ?? {};
    const text = asString(message) ?? asString(originalMessage) ?? 'the provider reported an error';
    return bare(statusOfException.get(type) ?? null, text, type);
  }
  return null;
}
