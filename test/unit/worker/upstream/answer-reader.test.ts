/** Whatever a provider answers, its end is reported once, and nothing is thrown at what reads the connection. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { allCodecs } from '../../../../src/dialects/registry.ts';
import { AnswerReader } from '../../../../src/worker/upstream/answer-reader.ts';
import { ByteMeter, HeldBytes } from '../../../../src/worker/upstream/byte-meter.ts';
import { PhaseTimers } from '../../../../src/worker/upstream/phase-timers.ts';
import { json, jsonOf, payload, record } from '../../../helpers/any-payloads.ts';
import { answerContext } from '../../../helpers/codecs.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { limits } from './live-stream-rig.ts';

type Codec = (typeof allCodecs)[number];

const context = answerContext({ model: 'm', includeUsage: true });

/** How an answer of these bytes ends; all its ends if there are several. */
function endsOf(codec: Codec, stream: boolean, mediaType: string, body: string, broken: Error | null = null): string[] {
  const ends: string[] = [];
  const meter = new ByteMeter(Number.POSITIVE_INFINITY);
  const reader = new AnswerReader({
    codec,
    framing: 'sse',
    context,
    requestBytes: 0,
    hasStopSequences: false,
    timeouts: limits,
    timers: new PhaseTimers(new ManualClock()),
    meter,
    held: new HeldBytes(meter),
    stream,
    mediaType,
    source: { pause: () => undefined, resume: () => undefined, abort: () => undefined },
    alive: () => undefined,
    answered: () => ends.push('answered'),
    committed: (live) => live.attach({ write: () => true, close: ({ kind }) => ends.push(kind) }),
    failed: ({ fault }) => ends.push(fault.kind),
    empty: () => ends.push('empty'),
  });
  reader.data(Buffer.from(body));
  reader.ended(broken);
  return ends;
}

const event = (value: unknown) => `data: ${jsonOf(value)}\n\n`;

/** Answers with what gets them as far as their parts. */
const answer = fc
  .tuple(record, json, fc.constantFrom('choices', 'content', 'output', 'data', 'input_tokens', 'odd'))
  .chain(([fields, part, list]) => fc.constantFrom({ ...fields, [list]: [part] }, { ...fields, [list]: part }, fields));

const forms = allCodecs.flatMap((codec) => [true, false].map((stream) => ({ codec, stream })));

describe('the reader of an answer', () => {
  for (const { codec, stream } of forms) {
    const { inbound, outbound } = codec;
    const asked = stream ? 'a stream' : 'a plain answer';
    it(`reports one end, of any JSON, where ${inbound.name} before ${outbound.name} asked for ${asked}`, () => {
      fc.assert(
        fc.property(answer, fc.array(payload, { maxLength: 4 }), fc.boolean(), (whole, payloads, isBroken) => {
          const broken = isBroken ? new Error('reset') : null;
          for (const text of [
            jsonOf(whole),
            payloads.map(event).join(''),
            `${payloads.map(event).join('')}data: [DONE]`,
          ]) {
            for (const type of ['application/json', 'text/event-stream']) {
              expect(endsOf(codec, stream, type, text, broken), text).to.have.lengthOf(1);
            }
          }
        }),
        { numRuns: 50 },
      );
    });
  }

  it('never makes a stream of a count of tokens', () => {
    const codec = allCodecs.find(({ inbound }) => inbound.name === 'anthropic-count-tokens');
    if (codec === undefined) throw new Error('is not there');
    expect(endsOf(codec, false, 'application/json', '{"input_tokens":3}')).to.deep.equal(['answered']);
    expect(endsOf(codec, false, 'text/event-stream', event({ input_tokens: 3 }))).to.deep.equal(['wrong-form']);
  });

  it('has an answer that cannot be made into what was asked for fail as any other that cannot be read', () => {
    const [chat] = allCodecs;
    if (chat === undefined) throw new Error('is not there');
    const broken = (): never => {
      throw new TypeError('a fault of our own');
    };
    const codec = {
      ...chat,
      inbound: { ...chat.inbound, split: broken, collect: () => ({ push: broken, body: broken }) },
    };
    const choice = { index: 0, finish_reason: 'stop' };
    const whole = jsonOf({ choices: [{ ...choice, message: { content: 'Hi' } }] });
    const piece = event({ choices: [{ ...choice, delta: { content: 'Hi' } }] });
    expect(endsOf(codec, true, 'application/json', whole)).to.deep.equal(['unreadable']);
    expect(endsOf(codec, false, 'text/event-stream', piece)).to.deep.equal(['unreadable']);
  });
});
