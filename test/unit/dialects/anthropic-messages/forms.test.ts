import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { MessageCollector, split } from '../../../../src/dialects/anthropic-messages/forms.ts';
import { writeAnswer } from '../../../../src/dialects/anthropic-messages/write-answer.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';
import { ownAnswers } from './arbitrary-answers.ts';

const context = { model: 'm', includeUsage: true, createdAt: 0, requestId: 'r', choices: 1 };

function collected(bytes: Buffer): unknown {
  const collector = new MessageCollector();
  for (const event of new SseSplitter().push(bytes)) collector.push(event);
  return JSON.parse(collector.body().toString());
}

describe('a message as the events of a stream', () => {
  it('is the same message when they are collected', () => {
    fc.assert(
      fc.property(ownAnswers, (answer) => {
        const body = Buffer.from(JSON.stringify(writeAnswer(answer, context)));
        const { events, terminal } = split(body, context);
        expect(terminal.toString()).to.include('event: message_stop');
        expect(collected(Buffer.concat([events, terminal]))).to.deep.equal(JSON.parse(body.toString()));
      }),
      { numRuns: 300 },
    );
  });

  it('is collected without pings and comments', () => {
    const body = Buffer.from(
      JSON.stringify({ id: 'a', model: 'b', content: [{ type: 'text', text: 'x' }], stop_reason: 'end_turn' }),
    );
    const { events, terminal } = split(body, context);
    const between = Buffer.from(': a comment\n\nevent: ping\ndata: {"type": "ping"}\n\ndata:\n\n');
    expect(collected(Buffer.concat([between, events, between, terminal]))).to.deep.include({
      id: 'a',
      model: 'b',
      content: [{ type: 'text', text: 'x' }],
      stop_reason: 'end_turn',
    });
  });
});
