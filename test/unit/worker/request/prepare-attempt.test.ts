import type { IncomingHttpHeaders } from 'node:http';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiChat } from '../../../../src/dialects/openai-chat/index.ts';
import { openaiResponses } from '../../../../src/dialects/openai-responses/index.ts';
import { clientDialectOf } from '../../../../src/dialects/registry.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import type { ActiveRequest } from '../../../../src/worker/request/active-request.ts';
import { canServe } from '../../../../src/worker/request/codec-to.ts';
import { prepareAttempt } from '../../../../src/worker/request/prepare-attempt.ts';
import { arrivedAt } from '../../../helpers/codecs.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { testConfig, testKey } from '../../../helpers/test-config.ts';

const config = testConfig({ openai: 1, anthropic: 2 });
const [openai, anthropic] = config.models['gpt-4']?.targets ?? [];

interface Wishes {
  readonly fields?: object;
  readonly headers?: IncomingHttpHeaders;
  readonly apiKey?: string;
  readonly type?: string;
  readonly dialects?: readonly string[];
}

/** What a target gets of a request for a chat completion. */
function prepared(target = openai, { fields = {}, headers = {}, apiKey, ...changed }: Wishes = {}) {
  const provider = config.providers[target?.provider ?? ''];
  if (target === undefined || provider === undefined) throw new Error('the fixture lacks its provider');
  const json = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'hi' }], ...fields });
  const arrived = arrivedAt(openaiChat, Buffer.from(json));
  const request = {
    dialect: openaiChat,
    stream: arrived.outline.stream,
    id: 'request-1',
    incoming: { headers },
    endpoint: { store: null },
    binding: null,
    below: '',
    plane: { clock: new ManualClock(), refusesUsage: () => false },
  };
  const made = prepareAttempt(request as unknown as ActiveRequest, arrived, {
    provider: { ...provider, ...changed },
    key: testKey(apiKey ?? provider.keys[0]?.key ?? ''),
    target,
  });
  const list = made.outgoing.headers;
  const sent = Object.fromEntries(list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1]]] : [])));
  return { ...made, arrived, sent };
}

/** The same of a request for a response. */
function preparedResponse(changed: Pick<Wishes, 'dialects'> = {}) {
  const provider = config.providers[openai?.provider ?? ''];
  if (openai === undefined || provider === undefined) throw new Error('the fixture lacks its provider');
  const arrived = arrivedAt(openaiResponses, Buffer.from('{"model":"gpt-4","input":"hi","instructions":"i"}'));
  const request = {
    dialect: openaiResponses,
    stream: false,
    id: 'request-1',
    incoming: { headers: {} },
    endpoint: { store: null },
    binding: null,
    below: '',
    plane: { clock: new ManualClock(), refusesUsage: () => false },
  };
  const made = prepareAttempt(request as unknown as ActiveRequest, arrived, {
    provider: { ...provider, ...changed },
    key: testKey('any'),
    target: openai,
  });
  return { ...made, arrived };
}

const common = {
  'accept-encoding': 'identity',
  'user-agent': 'headgate',
  'x-request-id': 'request-1',
  'content-type': 'application/json',
};

describe('an attempt at a provider that speaks as the client does', () => {
  it('has the path, the headers and the key of that provider, and the bytes of the client', () => {
    const { codec, framing, outgoing, arrived, sent, droppedParams } = prepared();
    expect([codec.outbound.name, framing, outgoing.path]).to.deep.equal(['openai-chat', 'sse', '/chat/completions']);
    expect(sent).to.deep.equal({ ...common, accept: 'application/json', authorization: 'Bearer key-of-openai' });
    expect(outgoing.body).to.equal(arrived.bytes);
    expect(droppedParams).to.deep.equal([]);
  });

  it('asks for a stream if the client does, and sends no empty key', () => {
    const { sent } = prepared(openai, { fields: { stream: true }, apiKey: '' });
    expect(sent.accept).to.equal('text/event-stream');
    expect(sent).to.not.have.property('authorization');
  });
});

describe('an attempt at a provider that speaks another dialect', () => {
  it('has the path, the headers and the key of that provider, and a body in its dialect', () => {
    const { codec, outgoing, sent, droppedParams } = prepared(anthropic, { fields: { stream: true, seed: 7 } });
    expect([codec.outbound.name, outgoing.path]).to.deep.equal(['anthropic-messages', '/v1/messages']);
    expect(sent).to.deep.equal({
      ...common,
      accept: 'text/event-stream',
      'anthropic-version': '2023-06-01',
      'x-api-key': 'key-of-anthropic',
    });
    expect(JSON.parse(outgoing.body.toString())).to.include({ model: 'claude-sonnet-4-5', stream: true });
    expect(droppedParams).to.deep.equal(['seed']);
  });

  it('is refused if that dialect cannot express what the client wants', () => {
    expect(() => prepared(anthropic, { fields: { n: 2 } }))
      .to.throw(GatewayError)
      .with.property('param', 'n');
  });
});

describe('an attempt for a request for a response', () => {
  it('has the bytes of the client where the provider speaks so', () => {
    const { codec, outgoing, arrived, asked } = preparedResponse({
      dialects: ['openai-chat', 'openai-responses'],
    });
    expect([codec.outbound.name, outgoing.path, asked]).to.deep.equal(['openai-responses', '/responses', null]);
    expect(outgoing.body).to.equal(arrived.bytes);
  });

  it('is a chat where another server is asked, and knows what its answer must repeat', () => {
    const { codec, outgoing, asked } = preparedResponse();
    expect([codec.outbound.name, outgoing.path]).to.deep.equal(['openai-chat', '/chat/completions']);
    expect(asked).to.deep.equal({ instructions: 'i' });
  });
});

describe('what an attempt takes over from the headers of the client', () => {
  it('is what traces it and what makes it happen once, and never its key', () => {
    const headers = { traceparent: '00-1', 'idempotency-key': 'a', authorization: 'Bearer client', cookie: 'b=c' };
    const { sent } = prepared(anthropic, { headers });
    expect(sent).to.include({ traceparent: '00-1', 'idempotency-key': 'a', 'x-api-key': 'key-of-anthropic' });
    expect(sent).to.not.have.any.keys('authorization', 'cookie');
  });

  it('is nothing that is for its own connection', () => {
    const { sent } = prepared(openai, { headers: { connection: 'close, Traceparent', traceparent: '00-1' } });
    expect(sent).to.not.have.property('traceparent');
  });
});

describe('a provider', () => {
  it('can serve what it speaks, and what can be put before that', () => {
    const embeddings = clientDialectOf('openai-embeddings');
    const { openai: one, anthropic: other } = config.providers;
    if (one === undefined || other === undefined) throw new Error('the fixture lacks its providers');
    expect([one, other].map((provider) => canServe(provider, 'm', openaiChat))).to.deep.equal([true, true]);
    expect([one, other].map((provider) => canServe(provider, 'm', embeddings))).to.deep.equal([true, false]);
  });
});
