/**
 * Bytes of providers against the splitter of events and what is made of them. The splitter gives the bytes back as they were
 * and agrees with a plain reading of the grammar, whatever the chunks. A codec, of every two dialects, throws nothing but its
 * documented error, writes whole events only, and counts no tokens that could take a total back; what it has written in the
 * client's dialect is whole to a reader of that dialect exactly if it says so.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isEmpty } from '../../src/dialects/answer-facts.ts';
import type { Codec } from '../../src/dialects/codec.ts';
import type { Usage } from '../../src/dialects/hub.ts';
import { allCodecs } from '../../src/dialects/registry.ts';
import type { StreamEnd, StreamStep } from '../../src/dialects/types.ts';
import { UnreadableAnswerError } from '../../src/dialects/upstream-error.ts';
import { type SseEvent, SseSplitter } from '../../src/wire/sse.ts';
import { answerBodies, streams } from './event-streams.ts';
import { type FuzzTarget, inProcess, shown } from './fuzz-target.ts';
import { chunksOf, sizes } from './mutations.ts';

const context = { model: 'm', createdAt: 0, requestId: 'r', choices: 1 };

export const events: FuzzTarget = {
  name: 'events',
  about: 'bytes of providers in any chunks: the splitter of events and what clients get of them',
  inputs: 2_000,
  open: () =>
    inProcess(async (seed, inputs) => {
      const settings = { seed, numRuns: Math.ceil(inputs / (allCodecs.length + 1)), endOnFailure: true };
      for (const codec of allCodecs) {
        const check = (bytes: Buffer, chunkSizes: readonly number[], includeUsage: boolean) =>
          checkStream(codec, bytes, chunkSizes, includeUsage);
        fc.assert(fc.property(streams(codec.outbound.name), sizes, fc.boolean(), check), settings);
      }
      fc.assert(fc.property(answerBodies, fc.integer({ min: 200, max: 599 }), checkAnswer), settings);
    }),
};

interface Fields {
  readonly event: string;
  readonly data: string | null;
}

function checkStream(codec: Codec, bytes: Buffer, chunkSizes: readonly number[], includeUsage: boolean): void {
  const input = `${codec.inbound.name} before ${codec.outbound.name}, ${shown(bytes)} in chunks of ${JSON.stringify(chunkSizes)}`;
  const split = eventsOf(chunksOf(bytes, chunkSizes));
  const raw = Buffer.concat(split.map((event) => event.raw));
  assert.ok(raw.equals(bytes), `the bytes of all events are those that came: ${input}`);
  assert.deepEqual(fieldsOf(split), readPlainly(bytes.toString()), `the events are those of the grammar: ${input}`);
  const [inChunks, inOnePiece] = [split, eventsOf([bytes])].map((list) => translated(codec, list, includeUsage, input));
  assert.deepEqual(inChunks, inOnePiece, `the answer is the same in any chunks: ${input}`);
}

function eventsOf(chunks: readonly Buffer[]): SseEvent[] {
  const splitter = new SseSplitter();
  const split = chunks.flatMap((chunk) => {
    const events = splitter.push(chunk);
    const open = splitter.unended();
    assert.ok(open === null || open.raw.length === splitter.pendingBytes, 'what is pending is shown whole');
    return events;
  });
  const last = splitter.flush();
  assert.equal(splitter.flush(), null, 'nothing is left after the last event');
  return last === null ? split : [...split, last];
}

/** Events without any field are comments and blank lines: where they end depends on the chunks. */
function fieldsOf(list: readonly SseEvent[]): Fields[] {
  return list.flatMap(({ event, data }) => (event === '' && data === null ? [] : [{ event, data }]));
}

/** The grammar of the standard, line by line over the whole text. An unfinished event counts too. */
function readPlainly(text: string): Fields[] {
  const found: Fields[] = [];
  let [event, data]: [string, string[]] = ['', []];
  for (const line of [...text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/), '']) {
    if (line !== '') {
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === 'data') data.push(value);
      if (field === 'event') event = value;
      continue;
    }
    if (event !== '' || data.length > 0) found.push({ event, data: data.length > 0 ? data.join('\n') : null });
    [event, data] = ['', []];
  }
  return found;
}

/** What the client gets, and how the answer ended; the error where it is unreadable. */
function translated(codec: Codec, list: readonly SseEvent[], includeUsage: boolean, input: string): object {
  const stream = codec.stream({ ...context, includeUsage });
  const sent: Buffer[] = [];
  let unreadable: string | null = null;
  let hasError = false;
  try {
    for (const event of list) {
      stream.terminates?.(event);
      const step = stream.push(event);
      checkStep(step, input);
      hasError ||= step.kind === 'error';
      checkUsage(stream.facts.usage, input);
      if (step.kind !== 'comment') sent.push(step.bytes);
    }
  } catch (error) {
    if (!(error instanceof UnreadableAnswerError)) throw error;
    unreadable = error.message;
  }
  const end = stream.end();
  assert.equal(typeof end.complete, 'boolean', input);
  checkWhole(end.bytes, input);
  assert.ok(end.complete || end.bytes.length === 0, `what is not complete has no terminal: ${input}`);
  const bytes = Buffer.concat([...sent, end.bytes]);
  if (codec.inbound !== codec.outbound && unreadable === null && !hasError) checkReader(codec, bytes, end, input);
  const text = bytes.toString();
  const { whole, facts } = stream;
  // A byte order mark begins a stream, and so it is gone from the text.
  return {
    events: readPlainly(text),
    unreadable,
    complete: end.complete,
    whole,
    facts,
    isEmpty: isEmpty(facts, false),
  };
}

/** What a client gets in another dialect than its target's is whole, and of its dialect, or is not whole. */
function checkReader({ inbound }: Codec, bytes: Buffer, { complete }: StreamEnd, input: string): void {
  const stream = inbound.watch({ ...context, includeUsage: true });
  const kinds = eventsOf([bytes]).map((event) => stream.push(event).kind);
  assert.ok(!kinds.includes('error'), `no error is made of what is none: ${input}`);
  assert.equal(kinds.includes('terminal'), complete, `it ends with its terminal exactly if it is complete: ${input}`);
  // Nothing is owed but to an answer that is cut after its finish.
  if (complete) assert.deepEqual(stream.end(), { complete, bytes: Buffer.alloc(0), otherForm: false }, input);
}

function checkStep(step: StreamStep, input: string): void {
  assert.equal(step.kind === 'error', step.error !== undefined, `an error has its reason: ${input}`);
  checkWhole(step.bytes, input);
}

/** Bytes for a client end with a blank line, so that nothing after them becomes a part of their last event. */
function checkWhole(bytes: Buffer, input: string): void {
  if (bytes.length > 0) assert.match(bytes.toString('latin1'), /(?:\n\r?\n|\n\r|\r\r)$/, `whole events only: ${input}`);
}

function checkUsage(usage: Usage | null, input: string): void {
  for (const count of Object.values(usage ?? {})) {
    assert.ok(Number.isFinite(count) && count >= 0, `no count of tokens is negative or endless: ${input}`);
  }
}

function checkAnswer(body: Buffer, status: number): void {
  for (const codec of allCodecs) {
    const { message } = codec.outbound.readError(status, body);
    assert.equal(typeof message, 'string', `an error has a message: ${shown(body)}`);
    try {
      const { body: sent, facts } = codec.answer(body, { ...context, includeUsage: false }, null, 'application/json');
      // What is in a file is nobody's answer.
      if (codec.inbound.name === 'openai-file-contents') {
        assert.ok(sent.equals(body), `the same bytes: ${shown(body)}`);
        continue;
      }
      const tree: unknown = JSON.parse(sent.toString());
      const isAny = codec.inbound.anyMediaType === true;
      assert.ok(isAny || typeof tree === 'object', `an answer is an object: ${shown(body)}`);
      checkUsage(facts.usage, shown(body));
    } catch (error) {
      if (!(error instanceof UnreadableAnswerError)) throw error;
    }
  }
}
