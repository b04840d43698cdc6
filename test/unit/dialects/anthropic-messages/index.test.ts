import { expect } from 'chai';
import { describe, it } from 'mocha';
import { anthropicMessages } from '../../../../src/dialects/anthropic-messages/index.ts';
import { SseSplitter } from '../../../../src/wire/sse.ts';

const context = { model: 'm', includeUsage: true, createdAt: 0, requestId: 'r', choices: 1 };

const stream = [
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":3}}}\n\n',
  'event: ping\ndata: {"type": "ping"}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}   }\n\n',
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}\n\n',
];
const stop = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';

function watched(text: string) {
  const answer = anthropicMessages.watch(context);
  const steps = new SseSplitter().push(Buffer.from(text)).map((event) => answer.push(event));
  return { answer, kinds: steps.map(({ kind }) => kind), bytes: Buffer.concat(steps.map(({ bytes }) => bytes)) };
}

describe('the dialect of messages', () => {
  it('knows a client by its own header first, then by a bearer token', () => {
    const { clientKey } = anthropicMessages;
    expect(clientKey({ 'x-api-key': 'a', authorization: 'Bearer b' })).to.equal('a');
    expect(clientKey({ 'x-api-key': '', authorization: 'Bearer b' })).to.equal('b');
    expect(clientKey({ authorization: 'bearer b ' })).to.equal('b');
    expect(clientKey({ authorization: 'Basic b' })).to.equal(null);
    expect(clientKey({})).to.equal(null);
  });

  it('says nothing to a client that waits but that it is there', () => {
    expect(anthropicMessages.keepAlive(undefined).toString()).to.equal('event: ping\ndata: {"type": "ping"}\n\n');
  });
});

describe('a stream of messages that goes back as it is', () => {
  it('keeps its bytes, pings included, and is known step by step', () => {
    const { answer, kinds, bytes } = watched([...stream, stop].join(''));
    expect(bytes.toString()).to.equal([...stream, stop].join(''));
    expect(kinds).to.deep.equal(['metadata', 'metadata', 'metadata', 'content', 'metadata', 'finish', 'terminal']);
    expect(answer.facts).to.deep.equal({
      hasParts: true,
      reason: 'end_turn',
      usage: { input: 3, output: 2, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
    });
  });

  it('gets the terminal that its provider left out, and nothing else', () => {
    const { answer } = watched(stream.join(''));
    const { complete, bytes } = answer.end();
    expect(complete).to.equal(true);
    expect(bytes.toString()).to.equal(stop);
  });

  it('is not whole without its stop reason', () => {
    const { answer } = watched(stream.slice(0, -1).join(''));
    expect(answer.end()).to.deep.include({ complete: false, bytes: Buffer.alloc(0) });
  });

  it('reports an error in it', () => {
    const { kinds, bytes } = watched(
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"x"}}\n\n',
    );
    expect(kinds).to.deep.equal(['error']);
    expect(bytes.length).to.equal(0);
  });
});
