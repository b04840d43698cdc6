/**
 * Every token is accounted for: as its provider reported it, or estimated from what the provider has sent, for every dialect
 * before every other and for every end. The fake provider takes four bytes for a token, so what it produced is known.
 */
import { once } from 'node:events';
import http from 'node:http';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { FaultInput } from '../../src/mock/faults.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import type { Config } from '../../src/shared/config.ts';
import type { TokenCounts } from '../../src/shared/events.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig, testModel } from '../helpers/test-config.ts';
import { jsonHeaders } from './plane-fixture.ts';

/** The provider counts 500 tokens of input, and 1,000 of output in ten pieces. */
const prompt = 'word '.repeat(400);
const INPUT = 500;
const OUTPUT = 1_000;
const shape = { contentBytes: 4 * OUTPUT, chunks: 10 };

const messages = [{ role: 'user', content: prompt }];

const clients: Readonly<Record<string, { readonly path: string; readonly body: object }>> = {
  'openai-chat': { path: '/v1/chat/completions', body: { messages } },
  'openai-responses': { path: '/v1/responses', body: { input: prompt } },
  'anthropic-messages': { path: '/v1/messages', body: { messages, max_tokens: 100_000 } },
  'openai-completions': { path: '/v1/completions', body: { prompt } },
};

const chats = ['openai-chat', 'openai-responses', 'anthropic-messages'];
const pairs = [
  ...chats.flatMap((inbound) => chats.map((outbound) => [inbound, outbound] as const)),
  ['openai-completions', 'openai-completions'] as const,
];

/** One model with one target, which speaks this dialect and is asked once. */
function configFor(port: number, dialect: string): Config {
  const name = dialect === 'anthropic-messages' ? 'anthropic' : 'openai';
  const base = testConfig({
    ...{ openai: port, anthropic: port, dialects: { [name]: [dialect] } },
    ...{ retry: { attempts: 1 }, timeouts: { stallMs: 400 } },
  });
  const targets = base.models['gpt-4']?.targets.filter(({ provider }) => provider === name) ?? [];
  return { ...base, models: { 'gpt-4': testModel('gpt-4', targets) } };
}

describe('the tokens of an answer', () => {
  let mock: RunningMock;
  let gateway: RunningPlane;
  let closing: (() => Promise<unknown>)[] = [];

  async function begin(outbound: string): Promise<void> {
    mock = await startMock({ dialect: outbound === 'anthropic-messages' ? 'anthropic' : 'openai', port: 0 });
    mock.control.setShape(shape);
    gateway = await startPlane(configFor(mock.port, outbound));
    closing = [() => gateway.close(), () => mock.close()];
  }

  afterEach(async () => {
    for (const close of closing) await close();
  });

  /** Sends a request; the client may leave when it has had enough. */
  function send(inbound: string, stream: boolean): http.ClientRequest {
    const { path = '', body = {} } = clients[inbound] ?? {};
    const client = http.request(gateway.url + path, { method: 'POST', headers: jsonHeaders, agent: false });
    client.on('error', () => undefined);
    client.end(JSON.stringify({ model: 'gpt-4', stream, ...body }));
    return client;
  }

  /** Reads an answer to its end, however it ends. */
  async function ask(inbound: string, stream: boolean, fault: FaultInput | null = null): Promise<void> {
    if (fault !== null) mock.control.setFault({ ...fault, times: 1 });
    const client = send(inbound, stream);
    await new Promise<void>((resolve) => {
      client.on('response', (answer) => {
        answer.on('error', () => undefined);
        answer.on('close', resolve).resume();
      });
      client.on('close', resolve);
    });
    await ended();
  }

  const ended = () => eventually('nothing is in flight', () => gateway.plane.inFlight() === 0);

  /** What the events since the last call say, in all. One attempt has one event at most. */
  async function counted(attempts = 1): Promise<TokenCounts> {
    await eventually('the attempts have ended', () => gateway.count({ type: 'attempt-ended' }) >= attempts);
    const all = gateway.events.splice(0);
    const counts = all.flatMap((event) => (event.type === 'tokens' ? [event.counts] : []));
    expect(all.filter(({ type }) => type === 'attempt-ended')).to.have.length(attempts);
    expect(counts.length).to.be.at.most(attempts);
    return counts[0] ?? {};
  }

  /** The gateway sees what tokens cost in bytes. */
  async function teach(inbound: string): Promise<void> {
    for (let round = 0; round < 12; round += 1) await ask(inbound, round % 2 === 0);
    await counted(12);
  }

  const near = (count: number | undefined, expected: number) =>
    expect(count ?? 0).to.be.closeTo(expected, expected * 0.1 + 2);

  for (const [inbound, outbound] of pairs) {
    describe(`of ${outbound} for a client of ${inbound}`, () => {
      /** Anthropic counts the input before it answers, and one token of the output. */
      const isToldFirst = outbound === 'anthropic-messages';

      beforeEach(() => begin(outbound));

      /** The input is counted or estimated, and so much of the output is. */
      function expectCut(counts: TokenCounts, output: number): void {
        if (isToldFirst)
          expect(counts).to.include({ input: INPUT, output: 1 }).and.not.have.property('estimated_input');
        else {
          expect(counts).to.not.have.any.keys('input', 'output');
          near(counts.estimated_input, INPUT);
        }
        near(counts.estimated, output);
      }

      it('are those that were reported, whole and streamed', async () => {
        await ask(inbound, false);
        expect(await counted()).to.deep.equal({ input: INPUT, output: OUTPUT });
        await ask(inbound, true);
        expect(await counted()).to.deep.equal({ input: INPUT, output: OUTPUT });
        await ask(inbound, true, { kind: 'split' });
        expect(await counted()).to.deep.equal({ input: INPUT, output: OUTPUT });
        // A stream that nobody asked for has counts only where they need no wish.
        await ask(inbound, false, { kind: 'other-form' });
        const { output = 0, estimated = 0 } = await counted();
        expect(output + estimated).to.equal(OUTPUT);
      });

      it('are those that were produced, where a stream is cut, stalls, breaks or ends in an error', async () => {
        await teach(inbound);
        const faults: readonly FaultInput[] = [
          { kind: 'cut', afterChunks: 6 },
          { kind: 'cut', afterChunks: 6, how: 'rst' },
          { kind: 'end-early', afterChunks: 6 },
          { kind: 'stall', afterChunks: 6 },
          { kind: 'error-in-stream', afterChunks: 6 },
        ];
        for (const fault of faults) {
          await ask(inbound, true, fault);
          expectCut(await counted(), 0.6 * OUTPUT);
        }
      });

      it('are those that were produced until its client left', async () => {
        await teach(inbound);
        mock.control.setFault({ kind: 'stall', afterChunks: 3, times: 1, commentMs: 50 });
        const client = send(inbound, true);
        const [answer] = await once(client, 'response');
        let bytes = 0;
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          // All pieces are here, in whatever events.
          if (bytes > 0.3 * 4 * OUTPUT) client.destroy();
        });
        answer.on('error', () => undefined);
        await ended();
        const counts = await counted();
        expect((counts.estimated ?? 0) + (counts.output ?? 0)).to.be.within(0.15 * OUTPUT, 0.33 * OUTPUT);
        if (isToldFirst) expect(counts.input).to.equal(INPUT);
        else near(counts.estimated_input, INPUT);
      });

      it('are the input where its client left before any of it came, if the provider had the request', async () => {
        await teach(inbound);
        for (const stream of [true, false]) {
          mock.control.setFault({ kind: 'hang', times: 1 });
          const client = send(inbound, stream);
          await eventually('the provider is asked', () => mock.control.stats().inFlight === 1);
          client.destroy();
          await ended();
          const { estimated_input: input, ...rest } = await counted();
          near(input, INPUT);
          expect(rest).to.deep.equal({});
        }
      });

      it('are told from as much of a plain answer as came', async () => {
        await teach(inbound);
        await ask(inbound, false, { kind: 'cut', afterChunks: 5 });
        const counts = await counted();
        expect(counts).to.not.have.any.keys('input', 'output');
        near(counts.estimated_input, INPUT);
        expect(counts.estimated ?? 0).to.be.within(0.3 * OUTPUT, 0.6 * OUTPUT);
      });

      it('are those that were reported of an empty answer', async () => {
        for (const stream of [false, true]) {
          await ask(inbound, stream, { kind: 'empty' });
          expect(await counted())
            .to.include({ input: INPUT })
            .and.not.have.any.keys('estimated', 'estimated_input');
        }
      });

      it('are none where nothing was produced', async () => {
        for (const kind of ['status', 'reset', 'html'] as const) {
          mock.control.setFault({ kind });
          for (const stream of [false, true]) {
            await ask(inbound, stream);
            expect(await counted()).to.deep.equal({});
          }
        }
      });
    });
  }
});
