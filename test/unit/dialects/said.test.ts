import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { SaidSoFar, saidInPart } from '../../../src/dialects/said.ts';
import { answerContext, codecOf } from '../../helpers/codecs.ts';

const added = (message: object) => {
  const said = new SaidSoFar();
  said.addMessage({ ...message });
  return said.said;
};

describe('how much an answer has said', () => {
  it('is its text in bytes, whatever else stands around it', () => {
    expect(added({ role: 'assistant', content: 'Grüße' })).to.include({ text: 7, reasoning: 0, uncounted: 7 });
    const call = { index: 0, id: 'call_1', function: { name: 'find', arguments: '{"x":1}' } };
    expect(added({ content: null, tool_calls: [call] })).to.include({ text: 11, reasoning: 0 });
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } };
    expect(added({ content: [{ type: 'text', text: 'ab' }, image], refusal: 'no' })).to.include({ text: 4 });
  });

  it('has a thought once that a server sends under both of its names, or in parts', () => {
    expect(added({ reasoning: 'hmm', reasoning_content: 'hmm', content: 'a' })).to.include({ text: 1, reasoning: 3 });
    const thought = { type: 'thinking', thinking: [{ type: 'text', text: 'well' }] };
    expect(added({ content: [thought, { type: 'text', text: 'ab' }] })).to.include({ text: 2, reasoning: 4 });
  });

  it('is known of a plain answer that was cut off, wherever it was', () => {
    const body = JSON.stringify({
      ...{ id: 'chatcmpl-1', model: 'm' },
      choices: [{ message: { role: 'assistant', reasoning_content: 'So "it" is.', content: 'One\nTwo' } }],
      usage: { prompt_tokens: 1 },
    });
    const whole = saidInPart(Buffer.from(body));
    // The escapes are longer than what they stand for.
    expect(whole).to.include({ text: 8, reasoning: 13 });
    fc.assert(
      fc.property(fc.nat({ max: body.length }), (length) => {
        const part = saidInPart(Buffer.from(body.slice(0, length)));
        expect(part.text).to.be.at.most(whole.text);
        expect(part.reasoning).to.be.at.most(Math.min(whole.reasoning, length));
      }),
    );
  });

  it('is none of an error, or of what is no answer', () => {
    expect(saidInPart(Buffer.from('{"error":{"message":"no room","type":"x"}}'))).to.include({ text: 0, reasoning: 0 });
    expect(saidInPart(Buffer.from('<html><body>content</body></html>'))).to.include({ text: 0, reasoning: 0 });
  });

  it('is the length of a large body, whose texts are not looked at', () => {
    const content = 'word '.repeat(20_000);
    const bytes = Buffer.from(JSON.stringify({ model: 'gpt', choices: [{ message: { content } }] }));
    for (const inbound of ['openai-chat', 'anthropic-messages', 'openai-responses']) {
      const { said } = codecOf(inbound, 'openai-chat').answer(bytes, answerContext(), null);
      expect(said).to.deep.include({ model: 'gpt', text: bytes.length, isRough: true });
    }
  });
});
