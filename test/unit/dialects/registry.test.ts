import { expect } from 'chai';
import { describe, it } from 'mocha';
import { allCodecs, clientDialectOf, codecFor, dialectOf, returnedHeaders } from '../../../src/dialects/registry.ts';
import { modelEndpoints, storeEndpoints } from '../../../src/shared/endpoints.ts';

/** In which clients can ask. */
const spoken = new Set([...modelEndpoints, ...storeEndpoints].map(({ dialect }) => dialect));

describe('the dialects', () => {
  it('are found by their names, and none is found by another', () => {
    for (const name of ['openai-chat', 'anthropic-messages', 'openai-responses'])
      expect(dialectOf(name).name).to.equal(name);
    expect(() => dialectOf('esperanto')).to.throw('there is no dialect esperanto');
  });

  it('that endpoints are asked in are those of clients, each with a codec before itself', () => {
    for (const name of spoken) {
      const dialect = clientDialectOf(name);
      expect(codecFor(dialect, dialect)).to.include({ inbound: dialect, outbound: dialect });
    }
  });

  it('have one codec for a pair, the same each time', () => {
    const [chat, messages] = [clientDialectOf('openai-chat'), dialectOf('anthropic-messages')];
    expect(codecFor(chat, messages)).to.include({ inbound: chat, outbound: messages });
    expect(codecFor(chat, messages)).to.equal(codecFor(chat, messages));
    for (const codec of allCodecs) expect(codecFor(codec.inbound, codec.outbound)).to.equal(codec);
    const pairs = allCodecs.map(({ inbound, outbound }) => `${inbound.name} ${outbound.name}`);
    expect(pairs).to.have.members([
      ...[...spoken].map((dialect) => `${dialect} ${dialect}`),
      ...['openai-chat anthropic-messages', 'openai-chat openai-responses'],
      ...['anthropic-messages openai-chat', 'anthropic-messages openai-responses'],
      ...['openai-responses openai-chat', 'openai-responses anthropic-messages'],
      ...['openai-chat bedrock-converse', 'anthropic-messages bedrock-converse', 'openai-responses bedrock-converse'],
    ]);
  });

  it('let headers back to clients, whichever of them a provider speaks', () => {
    expect(returnedHeaders).to.include.members(['openai-processing-ms', 'x-ratelimit-', 'anthropic-ratelimit-']);
  });
});
