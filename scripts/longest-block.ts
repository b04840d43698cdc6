/**
 * What one chat request of 20 MB holds a thread for, step by step, in ms by the clock: `npm run longest-block`. Each step
 * is a turn of the event loop or a part of one; of those of arrival and of sending, which take many turns, the longest
 * counts. Beside the least of several rounds stand the median and the most, in which other programs and the collector
 * have had their part. What a whole worker shows of it, `npm run costs -- --only "20 MB"` measures.
 */
import { clientDialectOf, codecFor, dialectOf } from '../src/dialects/registry.ts';
import type { ArrivingRequest, TargetDialect } from '../src/dialects/types.ts';
import { asRecord } from '../src/shared/json.ts';
import { ByteHold } from '../src/wire/byte-hold.ts';
import type { Bytes } from '../src/wire/pieced-bytes.ts';

const chatDialect = clientDialectOf('openai-chat');

const BODY_BYTES = 20 * 2 ** 20;
const ROUNDS = 12;

/** As the server reads from a socket; after two of them, others have their turn. */
const CHUNK_BYTES = 64 * 1024;

/** A chat request whose parts have 20 MB together. */
function chat(parts: readonly object[]): Buffer {
  return Buffer.from(JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: parts }] }));
}

function withImages(images: number): Buffer {
  const url = `data:image/png;base64,${'iVBORw0KGgo'.repeat(Math.floor(BODY_BYTES / images / 11))}`;
  return chat(Array.from({ length: images }, () => ({ type: 'image_url', image_url: { url } })));
}

function withTexts(texts: number): Buffer {
  const text = 'some words of a prompt '.repeat(Math.floor(BODY_BYTES / texts / 23));
  return chat(Array.from({ length: texts }, () => ({ type: 'text', text })));
}

const bodies = {
  '20 MB in one image': withImages(1),
  '20 MB in 10 images': withImages(10),
  '20 MB in 10,000 texts': withTexts(10_000),
};

type Steps = Map<string, number[]>;

function timed<T>(steps: Steps, name: string, step: () => T): T {
  const startedAt = performance.now();
  const made = step();
  const all = steps.get(name) ?? [];
  steps.set(name, [...all, performance.now() - startedAt]);
  return made;
}

/** One request as it comes. */
function arrive(steps: Steps, body: Buffer): { arriving: ArrivingRequest; bytes: Buffer } {
  const arriving = chatDialect.arrive({});
  const hold = new ByteHold();
  const turns: Steps = new Map();
  for (let from = 0; from < body.length; from += CHUNK_BYTES) {
    const chunk = body.subarray(from, from + CHUNK_BYTES);
    timed(turns, 'scan', () => arriving.push(chunk));
    timed(turns, 'hold', () => hold.push(chunk, body.length));
  }
  arriving.end();
  keepLongest(steps, turns);
  return { arriving, bytes: hold.bytes };
}

/** Reads what is sent as the socket does, a piece when the one before is gone. */
function send(steps: Steps, body: Bytes): void {
  if (Buffer.isBuffer(body)) return;
  const turns: Steps = new Map();
  const pieces = body[Symbol.iterator]();
  while (timed(turns, 'pieces to send', () => pieces.next()).done !== true);
  keepLongest(steps, turns);
}

function keepLongest(steps: Steps, turns: Steps): void {
  for (const [name, took] of turns) steps.set(name, [...(steps.get(name) ?? []), Math.max(...took)]);
}

function round(steps: Steps, body: Buffer): void {
  const { arriving, bytes } = arrive(steps, body);
  const arrived = timed(steps, 'outline', () => arriving.read(bytes));
  const request = (outbound: TargetDialect, model: string) =>
    codecFor(chatDialect, outbound)?.request(arrived, { model, maxTokens: 100 }).body ?? bytes;
  timed(steps, 'passed through', () => request(chatDialect, 'gpt-4'));
  timed(steps, 'renamed', () => request(chatDialect, 'gpt-4o'));
  const sent = timed(steps, 'translated', () => request(dialectOf('anthropic-messages'), 'claude'));
  const { value, encode } = timed(steps, '– parsed', () => arrived.parsed());
  timed(steps, '– encoded', () => encode(asRecord(value) ?? {}));
  send(steps, sent);
}

for (const [name, body] of Object.entries(bodies)) {
  const steps: Steps = new Map();
  for (let count = 0; count < ROUNDS; count += 1) round(steps, body);
  console.log(`${name.padEnd(24)}   least   median     most, ms`);
  for (const [step, took] of steps) {
    const sorted = took.toSorted((one, other) => one - other);
    const cells = [sorted[0], sorted[ROUNDS / 2], sorted[ROUNDS - 1]];
    console.log(`  ${step.padEnd(20)} ${cells.map((ms) => (ms ?? Number.NaN).toFixed(2).padStart(8)).join(' ')}`);
  }
}
