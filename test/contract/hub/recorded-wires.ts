/**
 * What recordings of Gemini and Bedrock say, found without the readers under test: the content of a stream, and the
 * stream as the whole answer that the provider would have sent.
 */
import { readAnswer as readConverse } from '../../../src/dialects/bedrock-converse/read-answer.ts';
import { ConverseReader } from '../../../src/dialects/bedrock-converse/read-stream.ts';
import type { Finish, HubAnswer, Usage } from '../../../src/dialects/hub.ts';
import type { StreamReader } from '../../../src/dialects/types.ts';
import { eventFrame } from '../../../src/mock/dialects/aws-frames.ts';
import type { JsonRecord } from '../../../src/shared/json.ts';
import { parseExact } from '../../../src/wire/exact-json.ts';
import { splitterFor } from '../../../src/wire/framing.ts';
import { type SseEvent, SseSplitter, sseData } from '../../../src/wire/sse.ts';
import { GenerateReader, readAnswer as readGenerate } from './gemini-generate.ts';

/** What a client must be able to read of an answer. */
export interface Content {
  readonly text: string;
  readonly thought: string;
  /** In order; redacted thoughts are among them. */
  readonly signatures: readonly string[];
  /** `id` is null where the provider gave none. */
  readonly calls: readonly { readonly id: string | null; readonly name: string; readonly input: string }[];
  readonly finish: string | null;
  readonly input: number;
  readonly output: number;
}

/** A dialect's readers, and what is known of its recordings. */
export interface Wire {
  readonly name: string;
  /** The folder of recordings. */
  readonly folder: string;
  reader(): StreamReader;
  /** The payloads as the events that a reader gets. */
  events(lines: readonly string[]): SseEvent[];
  readAnswer(tree: JsonRecord): HubAnswer;
  contentOf(lines: readonly string[]): Content;
  merged(lines: readonly string[]): JsonRecord;
}

interface Part {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  functionCall?: { id?: string; name: string; args?: object };
}

interface Chunk {
  candidates?: { content?: { parts?: Part[] }; finishReason?: string }[];
  promptFeedback?: { blockReason: string };
  usageMetadata?: Record<string, number>;
}

interface Reasoning {
  text?: string;
  signature?: string;
  redactedContent?: string;
}

interface Tool {
  toolUseId: string;
  name: string;
  type?: string;
}

interface ConverseEvent {
  contentBlockStart?: { contentBlockIndex: number; start: { toolUse?: Tool } };
  contentBlockDelta?: {
    contentBlockIndex: number;
    delta: { text?: string; toolUse?: { input: string }; reasoningContent?: Reasoning; citation?: object };
  };
  messageStop?: { stopReason: string };
  metadata?: { usage: Record<string, number> };
}

function parsed<Payload>(lines: readonly string[]): Payload[] {
  return lines.map((line) => parseExact(line) as Payload);
}

const gemini: Wire = {
  name: 'generateContent',
  folder: 'gemini',
  reader: () => new GenerateReader(),
  events: eventsOf,
  readAnswer: readGenerate,
  contentOf(lines) {
    const chunks = parsed<Chunk>(lines);
    const parts = partsOf(chunks);
    const usage = mergedUsage(chunks);
    const textOf = (isThought: boolean) => parts.filter(({ thought = false }) => thought === isThought);
    const finishes = chunks.flatMap(({ candidates }) => candidates?.[0]?.finishReason ?? []);
    const blocked = chunks.flatMap(({ promptFeedback }) => promptFeedback?.blockReason ?? []);
    return {
      text: joined(textOf(false)),
      thought: joined(textOf(true)),
      signatures: parts.flatMap(({ thoughtSignature }) => thoughtSignature ?? []),
      calls: parts.flatMap(({ functionCall: call }) =>
        call === undefined ? [] : [{ id: call.id ?? null, name: call.name, input: JSON.stringify(call.args ?? {}) }],
      ),
      finish: finishes.at(-1) ?? blocked[0] ?? null,
      input: (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0),
      output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
    };
  },
  merged(lines) {
    const chunks = parsed<Chunk>(lines);
    const parts: Part[] = [];
    for (const part of partsOf(chunks)) {
      const last = parts.at(-1);
      const isSame = last?.text !== undefined && last.thoughtSignature === undefined && last.thought === part.thought;
      if (last === undefined || !isSame || part.functionCall !== undefined) parts.push({ ...part });
      else Object.assign(last, part, { text: last.text + (part.text ?? '') });
    }
    const candidates = chunks.flatMap((chunk) => chunk.candidates ?? []);
    const candidate = Object.assign({}, ...candidates, { content: { role: 'model', parts } });
    const whole = Object.assign({}, ...chunks, { usageMetadata: mergedUsage(chunks) });
    return candidates.length === 0 ? whole : { ...whole, candidates: [candidate] };
  },
};

function partsOf(chunks: readonly Chunk[]): Part[] {
  return chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
}

function joined(pieces: readonly { readonly text?: string }[]): string {
  return pieces.map(({ text }) => text ?? '').join('');
}

function mergedUsage(chunks: readonly Chunk[]): Record<string, number> {
  return Object.assign({}, ...chunks.map(({ usageMetadata }) => usageMetadata));
}

const bedrock: Wire = {
  name: 'converse',
  folder: 'bedrock',
  reader: () => new ConverseReader(),
  events: (lines) => splitterFor('aws-event-stream').push(Buffer.concat(lines.flatMap(framesIn))),
  readAnswer: readConverse,
  contentOf(lines) {
    const events = parsed<ConverseEvent>(lines);
    const deltas = events.flatMap(({ contentBlockDelta }) => contentBlockDelta ?? []);
    const reasoning = deltas.flatMap(({ delta }) => delta.reasoningContent ?? []);
    const usage: Record<string, number> = Object.assign({}, ...events.map(({ metadata }) => metadata?.usage));
    return {
      text: joined(deltas.map(({ delta }) => delta)),
      thought: joined(reasoning),
      signatures: reasoning.flatMap(({ signature, redactedContent }) => signature ?? redactedContent ?? []),
      calls: events.flatMap(({ contentBlockStart: begun }) => {
        const tool = begun?.start.toolUse;
        if (begun === undefined || tool === undefined || tool.type !== undefined) return [];
        return [{ id: tool.toolUseId, name: tool.name, input: inputOf(begun.contentBlockIndex, events) }];
      }),
      finish: events.flatMap(({ messageStop }) => messageStop?.stopReason ?? [])[0] ?? null,
      input: (usage.inputTokens ?? 0) + (usage.cacheReadInputTokens ?? 0) + (usage.cacheWriteInputTokens ?? 0),
      output: usage.outputTokens ?? 0,
    };
  },
  merged(lines) {
    const events = parsed<ConverseEvent>(lines);
    const indexes = new Set(
      events.flatMap(({ contentBlockStart, contentBlockDelta }) => {
        const begun = contentBlockStart ?? contentBlockDelta;
        return begun === undefined ? [] : [begun.contentBlockIndex];
      }),
    );
    const content = [...indexes].map((index) => mergedBlock(index, events));
    const others = events.map(({ messageStop, metadata }) => ({ ...messageStop, ...metadata }));
    return Object.assign({ output: { message: { role: 'assistant', content } } }, ...others);
  },
};

/** A recorded line holds an event under the name of its type. */
function framesIn(line: string): Buffer[] {
  return Object.entries(parseExact(line) as object).map(([type, payload]) => eventFrame(type, payload));
}

function deltasOf(index: number, events: readonly ConverseEvent[]) {
  const deltas = events.flatMap(({ contentBlockDelta }) => contentBlockDelta ?? []);
  return deltas.filter(({ contentBlockIndex }) => contentBlockIndex === index).map(({ delta }) => delta);
}

function inputOf(index: number, events: readonly ConverseEvent[]): string {
  const pieces = deltasOf(index, events).map(({ toolUse }) => toolUse?.input ?? '');
  return pieces.join('') || '{}';
}

function mergedBlock(index: number, events: readonly ConverseEvent[]): object {
  const begun = events.find(({ contentBlockStart }) => contentBlockStart?.contentBlockIndex === index);
  const start = begun?.contentBlockStart?.start;
  if (start?.toolUse !== undefined) {
    return { toolUse: { ...start.toolUse, input: parseExact(inputOf(index, events)) } };
  }
  if (start !== undefined) return start;
  const deltas = deltasOf(index, events);
  const reasoning = deltas.flatMap(({ reasoningContent }) => reasoningContent ?? []);
  const citations = deltas.flatMap(({ citation }) => citation ?? []);
  if (citations.length > 0) return { citationsContent: { content: [{ text: joined(deltas) }], citations } };
  if (reasoning.length === 0) return { text: joined(deltas) };
  const { redactedContent, signature }: Reasoning = Object.assign({}, ...reasoning);
  if (redactedContent !== undefined) return { reasoningContent: { redactedContent } };
  return { reasoningContent: { reasoningText: { text: joined(reasoning), signature } } };
}

export const wires: readonly Wire[] = [gemini, bedrock];

/** The payloads as the events that a reader gets. */
export function eventsOf(lines: readonly string[]): SseEvent[] {
  return new SseSplitter().push(Buffer.concat(lines.map(sseData)));
}

/** What a hub answer says, in the same terms. */
export function contentOf({ blocks, finish, usage }: HubAnswer): Content {
  const textOf = (type: string) => joined(blocks.filter(({ head }) => head.type === type));
  const attached = blocks.flatMap((block) => block.attached).filter(({ type }) => type !== 'citation');
  return {
    text: textOf('text'),
    thought: textOf('reasoning'),
    signatures: attached.map(({ data }) => data),
    calls: blocks.flatMap(({ head, text }) =>
      head.type === 'call' && head.by === 'client' ? [{ id: head.callId, name: head.name, input: text }] : [],
    ),
    finish: rawOf(finish),
    input: countOf(usage).input,
    output: countOf(usage).output,
  };
}

function rawOf(finish: Finish | null): string | null {
  return finish?.raw ?? null;
}

function countOf(usage: Usage | null): Pick<Usage, 'input' | 'output'> {
  return usage ?? { input: 0, output: 0 };
}
