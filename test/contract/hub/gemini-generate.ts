/**
 * Reads Gemini's answers (`generateContent`, `streamGenerateContent?alt=sse`) into the neutral form. A chunk of a stream
 * has the form of a whole answer, so both are read by the same code, and a whole answer is a stream of one chunk.
 *
 *   the first chunk               → start
 *   candidates[0].content.parts   → open, delta, attach; close when another kind of part follows
 *   groundingMetadata, …          → attach to the open text, or a foreign block
 *   usageMetadata                 → usage
 *   finishReason, blockReason     → close, finish
 *
 * A stream has no terminal: it ends with its bytes, so no `end` is read. Texts of one kind that follow each other are one
 * text, since nothing says where a stream cuts them; a signature ends the text that it signs. Of several candidates only
 * the first is read: a request that asks for more is refused.
 */
import { createHash } from 'node:crypto';
import type {
  BlockHead,
  Finish,
  FinishReason,
  HubAnswer,
  HubEvent,
  MediaKind,
  Usage,
} from '../../../src/dialects/hub.ts';
import { AnswerInProgress } from '../../../src/dialects/hub-answer.ts';
import { readErrorPayload } from '../../../src/dialects/openai-chat/errors.ts';
import type { StreamReader } from '../../../src/dialects/types.ts';
import { UnreadableAnswerError } from '../../../src/dialects/upstream-error.ts';
import { asArray, asCount, asRecord, asString, type JsonRecord } from '../../../src/shared/json.ts';
import { parseExact } from '../../../src/wire/exact-json.ts';
import type { SseEvent } from '../../../src/wire/sse.ts';

/** The name of this dialect, by which others know whose an extension is. */
const GEMINI = 'gemini-generate';

/** Fields of an answer: an object with none of them is of another form. */
const ownFields = ['candidates', 'promptFeedback', 'usageMetadata'] as const;

/** What a candidate says of its text as a whole, rather than in a part. */
const citationFields = ['citationMetadata', 'groundingMetadata', 'urlContextMetadata'] as const;

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'filtered'],
  ['RECITATION', 'filtered'],
  ['BLOCKLIST', 'filtered'],
  ['PROHIBITED_CONTENT', 'filtered'],
  ['SPII', 'filtered'],
  ['MODEL_ARMOR', 'filtered'],
  ['IMAGE_SAFETY', 'filtered'],
  ['IMAGE_PROHIBITED_CONTENT', 'filtered'],
  ['IMAGE_RECITATION', 'filtered'],
  ['MALFORMED_FUNCTION_CALL', 'error'],
  ['UNEXPECTED_TOOL_CALL', 'error'],
  ['MALFORMED_RESPONSE', 'error'],
]);

/** Throws `UnreadableAnswerError`; it holds the provider's error if the answer is one. @param tree by `parseExact` */
export function readAnswer(tree: JsonRecord): HubAnswer {
  const reader = new GenerateReader();
  const answer = new AnswerInProgress();
  for (const event of reader.take(tree)) answer.take(event);
  if (reader.isOtherForm) throw new UnreadableAnswerError('the answer has no candidates', { otherForm: true });
  return answer.answer;
}

/** The block of text that is open. */
interface OpenText {
  readonly block: number;
  readonly isThought: boolean;
  /** A signed text is whole. */
  isSigned: boolean;
}

export class GenerateReader implements StreamReader {
  #begun = false;
  #sawOthers = false;
  #id: string | null = null;
  #blocks = 0;
  #calls = 0;
  #open: OpenText | null = null;
  #isFinished = false;
  /** Counts so far: some chunks leave out what has not changed. */
  #counted: JsonRecord = {};

  get isOtherForm(): boolean {
    return this.#sawOthers && !this.#begun;
  }

  push({ data }: SseEvent): readonly HubEvent[] {
    const parsed = parseExact(data ?? '');
    // An error may come in an array, as that of a stream which was not asked for as events.
    const payload = asRecord(Array.isArray(parsed) ? parsed[0] : parsed);
    if (payload === null) throw new UnreadableAnswerError('an event of the stream is not a JSON object');
    return this.take(payload);
  }

  terminates(): boolean {
    return false;
  }

  /** The events of one chunk. */
  take(payload: JsonRecord): HubEvent[] {
    const error = readErrorPayload(payload);
    if (error !== null) throw new UnreadableAnswerError('the provider reported an error', { error });
    if (!ownFields.some((name) => payload[name] !== undefined)) {
      this.#sawOthers = true;
      if (!this.#begun && Array.isArray(payload.choices)) {
        throw new UnreadableAnswerError('the stream is of another dialect', { otherForm: true });
      }
      return [];
    }
    const candidate = asArray(payload.candidates).map(asRecord).find(isFirst) ?? {};
    return [
      ...this.#start(payload),
      ...asArray(asRecord(candidate.content)?.parts).flatMap((part) => this.#part(asRecord(part) ?? {})),
      ...citationFields.flatMap((name) => this.#citation(name, asRecord(candidate[name]))),
      ...this.#count(payload.usageMetadata),
      ...this.#finish(asString(candidate.finishReason), asString(asRecord(payload.promptFeedback)?.blockReason)),
    ];
  }

  #start({ responseId, modelVersion }: JsonRecord): HubEvent[] {
    if (this.#begun) return [];
    this.#begun = true;
    this.#id = asString(responseId);
    return [{ type: 'start', id: this.#id, model: asString(modelVersion) }];
  }

  #part(part: JsonRecord): HubEvent[] {
    const { thought, thoughtSignature, ...content } = part;
    const signature = asString(thoughtSignature) ?? '';
    const isThought = thought === true;
    const text = asString(content.text);
    const [name] = Object.keys(content);
    // A signature may stand alone.
    if (text !== null || name === undefined) return this.#text(text ?? '', isThought, signature);
    const call = asRecord(content.functionCall);
    if (call !== null) return this.#call(call, signature);
    const media = asRecord(content.inlineData) ?? asRecord(content.fileData);
    // A thought that is an image is a draft, which nobody should take for the answer.
    if (media !== null && !isThought) return this.#media(media, signature);
    return this.#whole({ type: 'foreign', of: GEMINI, name, value: part, refusal: null }, '', signature);
  }

  #text(text: string, isThought: boolean, signature: string): HubEvent[] {
    if (text === '' && signature === '') return [];
    const events: HubEvent[] = [];
    let open = this.#open;
    if (open === null || open.isThought !== isThought || open.isSigned) {
      events.push(...this.#close());
      open = { block: this.#blocks, isThought, isSigned: false };
      this.#open = open;
      this.#blocks += 1;
      const head = isThought ? ({ type: 'reasoning', form: 'summary' } as const) : ({ type: 'text' } as const);
      events.push({ type: 'open', block: open.block, head });
    }
    const { block } = open;
    if (text !== '') events.push({ type: 'delta', block, text });
    if (signature !== '') {
      open.isSigned = true;
      events.push(signed(block, signature));
    }
    return events;
  }

  #call(call: JsonRecord, signature: string): HubEvent[] {
    const name = asString(call.name) ?? '';
    const input = JSON.stringify(asRecord(call.args) ?? {});
    const callId = asString(call.id) || mintedId(this.#id, this.#calls, name, input, signature);
    this.#calls += 1;
    return this.#whole({ type: 'call', callId, name, by: 'client' }, input, signature);
  }

  #media({ mimeType, data, fileUri, displayName }: JsonRecord, signature: string): HubEvent[] {
    const mediaType = asString(mimeType);
    const base64 = asString(data);
    const from = base64 === null ? 'url' : 'data';
    const head = { type: 'media', kind: kindOf(mediaType), mediaType, name: asString(displayName), from } as const;
    return this.#whole(head, base64 ?? asString(fileUri) ?? '', signature);
  }

  /** A block that comes in one piece. */
  #whole(head: BlockHead, text: string, signature: string): HubEvent[] {
    const events = this.#close();
    const block = this.#blocks;
    this.#blocks += 1;
    events.push({ type: 'open', block, head });
    if (text !== '') events.push({ type: 'delta', block, text });
    if (signature !== '') events.push(signed(block, signature));
    events.push({ type: 'close', block });
    return events;
  }

  /** It speaks of the text by offsets, and comes with the last piece of it. */
  #citation(name: string, value: JsonRecord | null): HubEvent[] {
    if (value === null || Object.keys(value).length === 0) return [];
    if (this.#open === null || this.#open.isThought) {
      return this.#whole({ type: 'foreign', of: GEMINI, name, value, refusal: null }, '', '');
    }
    const data = JSON.stringify({ [name]: value });
    return [{ type: 'attach', block: this.#open.block, attachment: { type: 'citation', of: GEMINI, data } }];
  }

  #close(): HubEvent[] {
    if (this.#open === null) return [];
    const { block } = this.#open;
    this.#open = null;
    return [{ type: 'close', block }];
  }

  #count(value: unknown): HubEvent[] {
    const given = asRecord(value);
    if (given === null) return [];
    this.#counted = { ...this.#counted, ...given };
    return [{ type: 'usage', usage: usageOf(this.#counted) }];
  }

  /** Some models repeat the reason, in a chunk of their last counts. */
  #finish(finishReason: string | null, blockReason: string | null): HubEvent[] {
    const raw = finishReason || blockReason;
    if (!raw || this.#isFinished) return [];
    this.#isFinished = true;
    const reason = finishReason ? this.#reasonOf(finishReason) : 'filtered';
    const finish: Finish = { reason, raw, stopSequence: null };
    return [...this.#close(), { type: 'finish', finish }];
  }

  #reasonOf(raw: string): FinishReason {
    return raw === 'STOP' && this.#calls > 0 ? 'calls' : (reasons.get(raw) ?? 'other');
  }
}

/** An index of 0 may be left out, as is everything that is 0 in protobuf's JSON. */
function isFirst(candidate: JsonRecord | null): candidate is JsonRecord {
  return candidate !== null && (candidate.index ?? 0) === 0;
}

function signed(block: number, data: string): HubEvent {
  return { type: 'attach', block, attachment: { type: 'signature', of: GEMINI, data } };
}

/**
 * The id of a call that came without one: the same whenever the same answer is read, and another for each call of a
 * conversation. Clients send it back, so it fits what every dialect allows (40 characters, letters and digits, - and _).
 */
function mintedId(answerId: string | null, position: number, ...facts: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([answerId, position, ...facts]));
  return `call_${hash.digest('base64url').slice(0, 24)}`;
}

function kindOf(mediaType: string | null): MediaKind {
  const [kind] = mediaType?.split('/') ?? [];
  return kind === 'image' || kind === 'audio' || kind === 'video' ? kind : 'file';
}

/** The prompt's count includes what was cached, but not what tools of the provider added to it. */
function usageOf(counts: JsonRecord): Usage {
  const reasoning = asCount(counts.thoughtsTokenCount);
  return {
    input: asCount(counts.promptTokenCount) + asCount(counts.toolUsePromptTokenCount),
    output: asCount(counts.candidatesTokenCount) + reasoning,
    cacheRead: asCount(counts.cachedContentTokenCount),
    cacheWrite: 0,
    reasoning,
  };
}
