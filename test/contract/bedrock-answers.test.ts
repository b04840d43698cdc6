/**
 * Answers of Bedrock, recorded and of the fake one. Through the gateway, over sockets and in real frames, the official clients
 * of every dialect read what Amazon's own client reads; and they fail where it fails.
 */
import { expect } from 'chai';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { clientOf } from '../../scripts/fidelity/cells.ts';
import type { Face, Meaning } from '../../scripts/fidelity/meaning.ts';
import type { Reply } from '../../scripts/fidelity/providers/provider.ts';
import { wanted } from '../../scripts/fidelity/wanted.ts';
import { eventFrame } from '../../src/mock/dialects/aws-frames.ts';
import type { FaultInput } from '../../src/mock/faults.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import { parseExact } from '../../src/wire/exact-json.ts';
import { type FidelityPlane, fidelityConfig, startFidelityPlane } from '../fidelity/fidelity-plane.ts';
import { bedrockClient, converse, converseStream, type ReadByAws } from '../helpers/bedrock-client.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { linesOf, streams, wholeAnswers } from './recordings.ts';

const faces: readonly Face[] = ['openai-chat', 'anthropic-messages', 'openai-responses'];

const inFrames = { mediaType: 'application/vnd.amazon.eventstream', length: null, end: 'whole' } as const;

/** A recorded line holds an event under the name of its type. */
function framesIn(line: string): Buffer[] {
  return Object.entries(parseExact(line) as object).map(([type, payload]) => eventFrame(type, payload));
}

/** In the words of Amazon's client; the ids of calls are compared as they are, inputs as trees. */
function inItsWords({ text, reasoning, calls, usage }: Meaning) {
  const { input, output } = usage;
  return { text, thought: reasoning, calls: calls.map(asTree), tokens: { input, output } };
}

function asTree({ id, name, input }: { readonly id: string; readonly name: string; readonly input: string }) {
  return { id, name, input: JSON.parse(input || '{}') };
}

/** Why an answer ended, as clients of other dialects are told. */
const finishes: Readonly<Record<string, Meaning['finish']>> = {
  end_turn: 'stop',
  tool_use: 'calls',
  max_tokens: 'length',
  guardrail_intervened: 'refused',
  content_filtered: 'refused',
};

function expectSame(read: Meaning, { stopReason, ...said }: ReadByAws): void {
  expect(inItsWords(read)).to.deep.equal({ ...said, calls: said.calls.map(asTree) });
  const finish = finishes[stopReason ?? ''];
  if (finish !== undefined) expect(read.finish).to.equal(finish);
}

describe('a recorded answer of Bedrock', () => {
  let running: FidelityPlane;
  before(async () => {
    running = await startFidelityPlane();
  });
  after(() => running.close());

  const aws = () => bedrockClient(`http://127.0.0.1:${running.provider.port}`);
  const asked = (cell: number) => ({
    modelId: 'any',
    messages: [{ role: 'user' as const, content: [{ text: `cell ${cell};` }] }],
  });

  for (const face of faces) {
    for (const recording of streams('bedrock')) {
      it(`streams to a client of ${face} what it streams to Amazon’s: ${recording.name}`, async () => {
        const pieces = linesOf(recording).flatMap(framesIn);
        const cell = running.provider.expect([{ ...inFrames, pieces }]);
        const said = await converseStream(aws(), asked(cell.number));
        const read = clientOf(face, running.url).stream('bedrock-converse', wanted(cell.number, {}), { text: '' });
        expectSame(await read, said);
      });
    }

    for (const recording of wholeAnswers('bedrock')) {
      it(`says to a client of ${face} what it says to Amazon’s: ${recording.name}`, async () => {
        const bytes = Buffer.from(recording.text);
        const reply: Reply = { mediaType: 'application/json', length: bytes.length, pieces: [bytes], end: 'whole' };
        const cell = running.provider.expect([reply]);
        const said = await converse(aws(), asked(cell.number));
        const { read } = await clientOf(face, running.url).plain('bedrock-converse', wanted(cell.number, {}));
        expectSame(read, said);
      });
    }
  }
});

/** Whether a client reads the whole stream all the same. */
const faults: readonly { readonly fault: FaultInput; readonly isWhole: boolean }[] = [
  { fault: { kind: 'split' }, isWhole: true },
  { fault: { kind: 'empty' }, isWhole: true },
  { fault: { kind: 'finish-then-no-end' }, isWhole: true },
  { fault: { kind: 'status', status: 400 }, isWhole: false },
  { fault: { kind: 'status', status: 424 }, isWhole: false },
  { fault: { kind: 'status', status: 429 }, isWhole: false },
  { fault: { kind: 'status', status: 503 }, isWhole: false },
  { fault: { kind: 'reset' }, isWhole: false },
  { fault: { kind: 'cut', afterChunks: 2 }, isWhole: false },
  { fault: { kind: 'cut', afterChunks: 2, inside: true }, isWhole: false },
  { fault: { kind: 'cut', afterChunks: 2, inside: true, how: 'rst' }, isWhole: false },
  { fault: { kind: 'end-early', afterChunks: 2, inside: true }, isWhole: false },
  { fault: { kind: 'bad-chunk', afterChunks: 0 }, isWhole: false },
  { fault: { kind: 'bad-chunk', afterChunks: 2 }, isWhole: false },
  { fault: { kind: 'error-in-stream', afterChunks: 0 }, isWhole: false },
  { fault: { kind: 'error-in-stream', afterChunks: 2 }, isWhole: false },
];

describe('the fake Bedrock', () => {
  let mock: RunningMock;
  let plane: RunningPlane;
  beforeEach(async () => {
    mock = await startMock({ dialect: 'bedrock', port: 0 });
    plane = await startPlane(fidelityConfig(mock.port));
  });
  afterEach(async () => {
    await plane.close();
    await mock.close();
  });

  const prompt = { modelId: 'any', messages: [{ role: 'user' as const, content: [{ text: 'Hello.' }] }] };
  const isWholeTo = (read: Promise<unknown>) =>
    read.then(
      () => true,
      () => false,
    );

  for (const { fault, isWhole } of faults) {
    it(`is ${isWhole ? 'whole' : 'an error'} to clients as to Amazon’s: ${JSON.stringify(fault)}`, async () => {
      mock.control.setFault(fault);
      const aws = bedrockClient(`http://127.0.0.1:${mock.port}`);
      expect(await isWholeTo(converseStream(aws, prompt))).to.equal(isWhole);
      for (const face of faces) {
        const read = clientOf(face, plane.url).stream('bedrock-converse', wanted(1, {}), { text: '' });
        expect(await isWholeTo(read), face).to.equal(isWhole);
      }
    });
  }

  it('that stops within a stream is told as broken, not waited for', async () => {
    mock.control.setFault({ kind: 'stall', afterChunks: 2 });
    const short = fidelityConfig(mock.port, { stallMs: 400 });
    const impatient = await startPlane(short);
    try {
      for (const face of faces) {
        const read = clientOf(face, impatient.url).stream('bedrock-converse', wanted(1, {}), { text: '' });
        expect(await isWholeTo(read), face).to.equal(false);
      }
    } finally {
      await impatient.close();
    }
  });

  it('gets the model in its path, and its key', async () => {
    const seen: string[] = [];
    const other = await startMock({
      dialect: 'bedrock',
      port: 0,
      observe: ({ url, headers }) => seen.push(`${url} ${headers.authorization} ${headers.accept}`),
    });
    const keyed = await startPlane(fidelityConfig(other.port));
    try {
      await clientOf('openai-chat', keyed.url).stream('bedrock-converse', wanted(1, {}), { text: '' });
      await clientOf('openai-chat', keyed.url).plain('bedrock-converse', wanted(1, {}));
    } finally {
      await keyed.close();
      await other.close();
    }
    const model = '/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0';
    expect(seen).to.deep.equal([
      `${model}/converse-stream Bearer key-of-anthropic application/vnd.amazon.eventstream`,
      `${model}/converse Bearer key-of-anthropic application/json`,
    ]);
  });
});
