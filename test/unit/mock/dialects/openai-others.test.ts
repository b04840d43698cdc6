/** The fake's APIs beside chats, as OpenAI's official client reads them. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import OpenAI from 'openai';
import { embeddingOf } from '../../../../src/mock/dialects/openai-embeddings.ts';
import { useMock } from '../running-mock.ts';

describe('the other APIs of the fake OpenAI provider', () => {
  const mock = useMock('openai');
  const client = () => new OpenAI({ baseURL: `${mock.url}/v1`, apiKey: 'any', maxRetries: 0 });

  it('complete a prompt, whole and streamed', async () => {
    const ask = { model: 'gpt-4', prompt: 'Once' };
    const whole = await client().completions.create(ask);
    expect(whole.choices[0]).to.include({
      text: 'You said: "Once". This is the fake openai provider, answering as gpt-4.',
      finish_reason: 'stop',
    });
    const chunks = [];
    for await (const chunk of await client().completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    })) {
      chunks.push(chunk);
    }
    expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).to.equal(whole.choices[0]?.text);
    expect(chunks.at(-1)?.usage).to.deep.equal(whole.usage);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).to.equal('stop');
  });

  it('embed one text or many, in numbers and in base64', async () => {
    const [one] = (await client().embeddings.create({ model: 'small', input: 'x', encoding_format: 'float' })).data;
    expect(one?.embedding).to.deep.equal(embeddingOf('small', 'x'));
    // The client asks for base64 by itself.
    const many = await client().embeddings.create({ model: 'small', input: ['x', 'y'], dimensions: 3 });
    expect(many.data.map(({ index, embedding }) => [index, [...embedding]])).to.deep.equal([
      [0, embeddingOf('small', 'x', 3)],
      [1, embeddingOf('small', 'y', 3)],
    ]);
    expect(many.usage.total_tokens).to.be.greaterThan(0);
  });

  it('moderate each text', async () => {
    const { model, results } = await client().moderations.create({ input: ['x', 'y'] });
    expect([model, results.map(({ flagged }) => flagged)]).to.deep.equal(['omni-moderation-latest', [false, false]]);
  });

  it('refuse what the real provider refuses', async () => {
    const calls = [
      client().completions.create({ model: 'gpt-4' } as never),
      client().embeddings.create({ model: 'small', input: '' }),
      client().embeddings.create({ model: 'small', input: 'x', dimensions: 0 }),
      client().moderations.create({} as never),
    ];
    for (const call of calls) {
      expect(await call.catch((error: unknown) => error)).to.be.instanceOf(OpenAI.BadRequestError);
    }
  });
});
