/**
 * What a client or a provider can repeat costs as much for each as for the first. Time is that of this thread's CPU, so that
 * other processes do not count, and the bound is a ratio: all of them in one request against the same number in many.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Codec } from '../../src/dialects/codec.ts';
import { allCodecs } from '../../src/dialects/registry.ts';
import { UnreadableAnswerError } from '../../src/dialects/upstream-error.ts';
import { GatewayError } from '../../src/shared/errors.ts';
import { answerContext, arrivedAt } from '../helpers/codecs.ts';
import { dataOf, typedOf } from '../unit/dialects/events.ts';
import { repeatedInAnswers, repeatedInStreams } from './repeated-in-answers.ts';
import { repeatedInRequests } from './repeated-in-requests.ts';

const TIMES = 16;

/** What is looked up among all others for each costs as much as `TIMES`; a larger heap up to twice as much. */
const MOST_COST = 3;

/** Less is noise, and holds nobody up. */
const LEAST_MICROSECONDS = 20_000;

/** Outside of strings. What has more than half a million is not translated. */
const MOST_BYTES = 200_000;

const context = answerContext();

/** How many parts have so many bytes in all. */
function most(body: (count: number) => unknown): number {
  const bytes = (count: number) => JSON.stringify(body(count)).replaceAll(/"[^"]*"/g, '""').length;
  return Math.floor((MOST_BYTES / (bytes(200) - bytes(100))) * 100);
}

/**
 * What other processes, the caches and a collection of garbage do to a time only adds to it. So the least of several is the
 * nearest to the cost, and what costs more with each part does so every time.
 */
const MOST_ROUNDS = 8;

/** In microseconds of this thread. */
function timeOf(runs: number, act: () => void): number {
  const before = process.threadCpuUsage();
  for (let run = 0; run < runs; run += 1) act();
  const { user, system } = process.threadCpuUsage(before);
  return Math.max(user + system, LEAST_MICROSECONDS);
}

/** @param prepare makes what so many parts are, and gives what is to be measured */
function expectSteady(count: number, prepare: (count: number) => () => void): void {
  const few = prepare(Math.floor(count / TIMES));
  const many = prepare(count);
  let [apart, together] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  // In turn, so that a machine that is slow for a while is so for both.
  for (let round = 0; round < 2 || (round < MOST_ROUNDS && together / apart >= MOST_COST); round += 1) {
    apart = Math.min(apart, timeOf(TIMES, few));
    together = Math.min(together, timeOf(1, many));
  }
  expect(together / apart, `${count} parts: ${together} µs, in ${TIMES} requests ${apart} µs`).to.be.below(MOST_COST);
}

const models: Readonly<Record<string, string>> = {
  'anthropic-messages': 'claude-sonnet-4-5',
  'gemini-generate': 'gemini-3.8-flash',
};

function modelFor({ outbound }: Codec): string {
  return models[outbound.name] ?? 'gpt-4o';
}

/** Whether it could be done. Throws all but what a client is told. */
function isDone(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof GatewayError || error instanceof UnreadableAnswerError) return false;
    throw error;
  }
}

describe('many small parts of a request', () => {
  for (const { what, dialect, body } of repeatedInRequests) {
    for (const codec of allCodecs.filter(({ inbound }) => inbound.name === dialect)) {
      it(`cost no more each than few of them: ${what}, from ${dialect} to ${codec.outbound.name}`, () => {
        const target = { model: modelFor(codec), maxTokens: null };
        expectSteady(most(body), (count) => {
          const bytes = Buffer.from(JSON.stringify(body(count)));
          return () => isDone(() => codec.request(arrivedAt(codec.inbound, bytes), target));
        });
      });
    }
  }
});

describe('many small parts of an answer', () => {
  for (const { what, dialect, body } of repeatedInAnswers) {
    for (const codec of allCodecs.filter(({ outbound }) => outbound.name === dialect)) {
      it(`cost no more each than few of them: ${what}, from ${dialect} to ${codec.inbound.name}`, () => {
        expectSteady(most(body), (count) => {
          const bytes = Buffer.from(JSON.stringify(body(count)));
          return () => isDone(() => codec.answer(bytes, context, null));
        });
      });
    }
  }
});

/** Events in one stream. */
const MOST_EVENTS = 6_000;

describe('many small parts of a stream', () => {
  for (const { what, dialect, events } of repeatedInStreams) {
    for (const codec of allCodecs.filter(({ outbound }) => outbound.name === dialect)) {
      it(`cost no more each than few of them: ${what}, from ${dialect} to ${codec.inbound.name}`, () => {
        expectSteady(MOST_EVENTS, (count) => {
          const all = events(count).map((payload) => (dialect === 'bedrock-converse' ? typedOf : dataOf)(payload));
          return () => {
            const stream = codec.stream(context);
            for (const event of all) stream.push(event);
            stream.end();
          };
        });
      });
    }
  }
});
