/** A conversation that ends in an answer which the client has begun, in front of each target. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { codecOf } from '../../helpers/codecs.ts';
import { sentBy } from './fields.ts';

const turn = { role: 'user', content: 'hi' };
const begun = (content: string) => ({ model: 'm', max_tokens: 99, messages: [turn, { role: 'assistant', content }] });
const chat = (model: string) => sentBy(codecOf('openai-chat', 'anthropic-messages'), model);

describe('an answer that the client has begun', () => {
  it('is refused by name where the model does not go on with it', () => {
    const models = ['claude-opus-4-6', 'claude-sonnet-4-6', 'us.anthropic.claude-opus-4-7-v1', 'claude-haiku-5'];
    for (const model of models) expect(chat(model)(begun('{')).refused, model).to.equal('messages');
    const input = [turn, { role: 'assistant', content: 'x' }];
    const responses = sentBy(codecOf('openai-responses', 'anthropic-messages'), 'claude-opus-4-6');
    expect(responses({ model: 'm', input }).refused).to.equal('input');
    expect(responses({ model: 'm', input: [...input, turn] }).refused).to.equal(null);
  });

  it('goes to models that go on with it, without the blanks at its end, which they refuse', () => {
    for (const model of ['claude-opus-4-5', 'claude-3-7-sonnet-latest', 'kimi-k3']) {
      const { body, dropped } = chat(model)(begun(' {\n '));
      const last = { role: 'assistant', content: [{ type: 'text', text: ' {' }] };
      expect([JSON.parse(body).messages.at(-1), dropped], model).to.deep.equal([last, []]);
    }
    expect(JSON.parse(chat('claude-opus-4-6')(begun(' ')).body).messages).to.have.length(1);
  });

  it('keeps a model from thinking first', () => {
    const { body, dropped } = chat('claude-sonnet-4-5')({
      ...begun('{'),
      max_tokens: 90_000,
      reasoning_effort: 'high',
    });
    expect(JSON.parse(body)).to.not.have.property('thinking');
    expect(dropped).to.deep.equal(['reasoning_effort']);
  });

  it('goes to targets of responses and is named', () => {
    const messages = sentBy(codecOf('anthropic-messages', 'openai-responses'), 'gpt-5');
    expect(messages(begun('{')).dropped).to.deep.equal(['messages.prefill']);
  });

  it('goes to targets of chat and is named, since few of them go on with it', () => {
    const messages = sentBy(codecOf('anthropic-messages', 'openai-chat'), 'gpt-5');
    const { body, dropped } = messages(begun('{'));
    expect(JSON.parse(body).messages.at(-1)).to.deep.equal({ role: 'assistant', content: '{' });
    expect(dropped).to.deep.equal(['messages.prefill']);
    const responses = sentBy(codecOf('openai-responses', 'openai-chat'), 'gpt-5');
    const input = [turn, { role: 'assistant', content: 'x' }];
    expect(responses({ model: 'm', input }).dropped).to.deep.equal(['input.prefill']);
  });
});
