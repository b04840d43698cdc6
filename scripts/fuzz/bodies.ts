/**
 * Bodies of requests against the scan that reads them as they come. It must take exactly what `JSON.parse` takes, but for
 * half surrogate pairs, whatever the chunks; agree with a second parser that keeps names which occur twice; and give each
 * field that routing reads one meaning, for readers that fold case and for those that take the first or the last of two
 * names. Between every two dialects a request goes on as what it was, or as one that its target's dialect takes.
 */
import assert from 'node:assert/strict';
import { isAscii, isUtf8 } from 'node:buffer';
import { type AnyNode, type ObjectNode, parse } from '@humanwhocodes/momoa';
import fc from 'fast-check';
import type { Codec } from '../../src/dialects/codec.ts';
import { type ChatScan, chatShape } from '../../src/dialects/openai-chat/arrive.ts';
import { allCodecs } from '../../src/dialects/registry.ts';
import type { ArrivedRequest, Dialect } from '../../src/dialects/types.ts';
import { GatewayError } from '../../src/shared/errors.ts';
import { asRecord } from '../../src/shared/json.ts';
import { JsonFault } from '../../src/wire/json-scan.ts';
import { inOneBuffer } from '../../src/wire/pieced-bytes.ts';
import { RequestScanner } from '../../src/wire/request-scan.ts';
import { bodies as texts } from './body-texts.ts';
import { type FuzzTarget, inProcess, shown } from './fuzz-target.ts';
import { hasLoneSurrogate } from './lone-surrogates.ts';
import { chunksOf, sizes } from './mutations.ts';

const routingKeys = [
  ...(['model', 'messages', 'stream', 'stream_options', 'n', 'stop', 'temperature'] as const),
  ...(['max_tokens', 'max_completion_tokens'] as const),
];

/** What any reader takes for one of these names, by Unicode's own rules of folding. */
const likeRouting = routingKeys.map((key) => new RegExp(`^${key}$`, 'iu'));

const target = { model: 'other "one"', maxTokens: null };

export const bodies: FuzzTarget = {
  name: 'bodies',
  about: 'JSON bodies in any chunks: the scan of requests against two other parsers',
  inputs: 2_000,
  open: () =>
    inProcess(async (seed, inputs) => {
      fc.assert(fc.property(texts, sizes, check), { seed, numRuns: inputs, endOnFailure: true });
    }),
};

function check(bytes: Buffer, chunkSizes: readonly number[]): void {
  const scanned = scan(bytes, chunkSizes);
  const input = `${shown(bytes)} in chunks of ${JSON.stringify(chunkSizes)}`;
  if (scanned instanceof JsonFault && (scanned.kind === 'depth' || scanned.kind === 'shape')) {
    assert.ok(bytes.length > 512, `a limit is too narrow: ${input}`);
    return;
  }
  const text = isUtf8(bytes) ? bytes.toString() : null;
  const tree = text === null ? undefined : parsed(text);
  const isRefused = scanned instanceof JsonFault && scanned.kind !== 'key';
  if (tree === undefined || text === null) {
    // A name that is refused may come before the fault.
    assert.ok(scanned instanceof JsonFault, `the scan takes what JSON.parse refuses: ${input}`);
    checkSecond(text, input);
    return;
  }
  if (hasLoneSurrogate(text)) {
    assert.ok(scanned instanceof JsonFault, `the scan takes half a surrogate pair: ${input}`);
    return;
  }
  assert.ok(!isRefused, `the scan refuses what JSON.parse takes: ${input}`);
  const second = secondReading(text);
  assert.ok(second !== null, `the second parser refuses what JSON.parse takes: ${input}`);
  const isAmbiguous = second.type === 'Object' && !namesOneEach(second);
  assert.equal(scanned instanceof JsonFault, isAmbiguous, `refused for a name exactly if one is ambiguous: ${input}`);
  if (scanned instanceof JsonFault) return;
  checkRanges(bytes, scanned, tree, second, input);
  checkRequests(bytes, chunkSizes, asRecord(tree), input);
}

/** The scan at its end, or its fault. Throws whatever else it throws. */
function scan(bytes: Buffer, chunkSizes: readonly number[]): ChatScan | JsonFault {
  const scanner = new RequestScanner(chatShape);
  try {
    for (const chunk of chunksOf(bytes, chunkSizes)) scanner.push(chunk);
    scanner.end();
    return scanner;
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON.
    return undefined;
  }
}

/** The text as a tree that keeps every name, with the place of each value; null if it is no JSON. */
function secondReading(text: string): AnyNode | null {
  try {
    return parse(text, { mode: 'json', ranges: true }).body;
  } catch {
    // Not JSON.
    return null;
  }
}

/** What JSON.parse refuses, the second parser refuses too; but it takes control characters in strings. */
function checkSecond(text: string | null, input: string): void {
  if (text === null || [...text].some((character) => character < ' ')) return;
  assert.equal(secondReading(text), null, `the second parser takes what JSON.parse refuses: ${input}`);
}

/** Whether each routing field stands there once at most, and as it is written. */
function namesOneEach({ members }: ObjectNode): boolean {
  const names = members.map(({ name }) => (name.type === 'String' ? name.value : name.name));
  return likeRouting.every((like, index) => {
    const found = names.filter((name) => like.test(name));
    return found.length === 0 || (found.length === 1 && found[0] === routingKeys[index]);
  });
}

/** What the scan says of places is what the trees say. */
function checkRanges(bytes: Buffer, scanned: ChatScan, tree: unknown, second: AnyNode, input: string): void {
  const { start, end } = scanned.root;
  assert.equal(bytes.toString('utf8', start, end), bytes.toString().trim(), `the root's place: ${input}`);
  const record = asRecord(tree);
  assert.equal(scanned.isObject, record !== null, `whether it is an object: ${input}`);
  for (const key of routingKeys) {
    const range = scanned.value(key);
    const isThere = record !== null && Object.hasOwn(record, key);
    assert.equal(range !== null, isThere, `whether ${key} is there: ${input}`);
    if (range === null) continue;
    const value = parsed(bytes.toString('utf8', range.start, range.end));
    assert.equal(JSON.stringify(value), JSON.stringify(record?.[key]), `the value of ${key}: ${input}`);
    if (!isAscii(bytes) || second.type !== 'Object') continue;
    const member = second.members.find(({ name }) => name.type === 'String' && name.value === key);
    assert.deepEqual([range.start, range.end], member?.value.range, `the place of ${key}: ${input}`);
  }
  checkSessionKey(bytes, scanned, record?.prompt_cache_key, input);
  checkMessages(scanned, record?.messages, input);
}

/** It may occur many times; the last one counts, as in the tree. */
function checkSessionKey(bytes: Buffer, scanned: ChatScan, expected: unknown, input: string): void {
  const range = scanned.value('prompt_cache_key');
  const value = range === null ? undefined : parsed(bytes.toString('utf8', range.start, range.end));
  assert.equal(JSON.stringify(value), JSON.stringify(expected), `the session key: ${input}`);
}

function checkMessages(scanned: ChatScan, messages: unknown, input: string): void {
  const list: readonly unknown[] = Array.isArray(messages) ? messages : [];
  assert.equal(scanned.records, list.length, `the number of messages: ${input}`);
  const wrong = list.findIndex((message) => typeof asRecord(message)?.role !== 'string');
  const path = asRecord(list[wrong]) === null ? `messages[${wrong}]` : `messages[${wrong}].role`;
  assert.equal(scanned.recordFault?.path ?? null, wrong < 0 ? null : path, `the first wrong message: ${input}`);
}

/** What becomes of the body for a provider is the same request under another name of the model, or a 400. */
function checkRequests(bytes: Buffer, chunkSizes: readonly number[], tree: object | null, input: string): void {
  for (const codec of allCodecs) {
    const where = `from ${codec.inbound.name} to ${codec.outbound.name}: ${input}`;
    try {
      const arrived = arrivedIn(codec.inbound, chunksOf(bytes, chunkSizes));
      if (arrived !== null) checkRequest(codec, arrived, tree, where);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      assert.equal(error.status, 400, `${error.message}, ${where}`);
    }
  }
}

function checkRequest(codec: Codec, arrived: ArrivedRequest, tree: object | null, where: string): void {
  const { inbound, outbound } = codec;
  const { body, droppedParams } = codec.request(arrived, target);
  const made = inOneBuffer(body);
  // What names no model is sent as it came, or not at all.
  if (arrived.outline.model === '') {
    assert.ok(made.length === 0 || made.equals(arrived.bytes), `the same bytes, ${where}`);
    return;
  }
  const value = JSON.parse(made.toString());
  // No client speaks these: the address names the model.
  const isNamed = outbound.name !== 'bedrock-converse' && outbound.name !== 'gemini-generate';
  assert.equal(value.model, isNamed ? target.model : undefined, `the model, ${where}`);
  for (const name of droppedParams) assert.match(name, /^[\w.-]{1,64}$/, `a name in a header, ${where}`);
  if (inbound === outbound) {
    assert.equal(JSON.stringify(value), JSON.stringify({ ...tree, model: target.model }), `all else, ${where}`);
    return;
  }
  const dialect = allCodecs.find((other) => other.inbound === outbound)?.inbound;
  if (dialect === undefined) return;
  const again = arrivedIn(dialect, [made])?.outline;
  assert.ok(again !== undefined, `what was made is a request of its dialect, ${where}`);
  assert.equal(again.stream, arrived.outline.stream, `whether it streams, ${where}`);
}

/** Null if the dialect finds a name ambiguous that the chat does not look at. Throws `GatewayError`. */
function arrivedIn(dialect: Dialect, chunks: readonly Buffer[]): ArrivedRequest | null {
  const arriving = dialect.arrive({});
  try {
    for (const chunk of chunks) arriving.push(chunk);
    arriving.end();
  } catch (error) {
    if (error instanceof JsonFault && error.kind === 'key') return null;
    throw error;
  }
  return arriving.read(Buffer.concat(chunks));
}
