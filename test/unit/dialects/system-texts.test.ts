/** What a system or developer message holds beside texts, in front of each target: refused by its place, or named. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { codecOf } from '../../helpers/codecs.ts';
import { sentBy } from './fields.ts';

const text = { type: 'text', text: 'x' };
const image = { type: 'input_image', image_url: 'data:image/png;base64,QUJD' };
const file = { type: 'input_file', file_data: 'data:application/pdf;base64,QUJD' };

describe('a block of a system message that is no text', () => {
  for (const target of ['openai-chat', 'anthropic-messages']) {
    const sent = sentBy(codecOf('openai-responses', target), 'm');
    for (const role of ['developer', 'system']) {
      for (const part of [image, file, { type: 'input_video', video: 'x' }]) {
        it(`is refused by its place, from ${role} at ${target}: ${part.type}`, () => {
          const content = [{ type: 'input_text', text: 'x' }, part];
          const { refused } = sent({
            model: 'm',
            input: [
              { role, content },
              { role: 'user', content: 'hi' },
            ],
          });
          expect(refused).to.match(/^input\[0\]\.content\[1\]/);
        });
      }
    }
  }

  const plain = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };
  const sent = sentBy(codecOf('anthropic-messages', 'openai-chat'), 'm');

  it('is refused by its place where it is Anthropic’s alone, at a target of responses too', () => {
    const toResponses = sentBy(codecOf('anthropic-messages', 'openai-responses'), 'm');
    expect(toResponses({ ...plain, system: [text, { type: 'odd' }] }).refused).to.equal('system[1]');
    const messages = [...plain.messages, { role: 'system', content: [{ type: 'odd' }] }];
    expect(toResponses({ ...plain, messages }).refused).to.equal('messages[1].content[0]');
  });

  it('is refused by its place where it is Anthropic’s alone', () => {
    for (const block of [{ type: 'tool_addition', tools: [] }, { type: 'odd' }]) {
      expect(sent({ ...plain, system: [text, block] }).refused).to.equal('system[1]');
      const messages = [...plain.messages, { role: 'system', content: [block] }];
      expect(sent({ ...plain, messages }).refused).to.equal('messages[1].content[0]');
    }
  });

  it('is named where it may be left out', () => {
    const { body, dropped } = sent({ ...plain, system: [text, { type: 'odd_tool_result' }] });
    expect(JSON.parse(body).messages[0]).to.deep.equal({ role: 'system', content: 'x' });
    expect(dropped).to.deep.equal(['odd_tool_result']);
  });
});

describe('sources of a text in a history of responses', () => {
  it('are named, and nothing is where there are none', () => {
    for (const target of ['openai-chat', 'anthropic-messages']) {
      const sent = sentBy(codecOf('openai-responses', target), 'm');
      const asked = (annotations: readonly object[]) => {
        const said = { role: 'assistant', content: [{ type: 'output_text', text: 'x', annotations, logprobs: [] }] };
        const turn = { role: 'user', content: 'hi' };
        return sent({ model: 'm', input: [turn, said, turn] }).dropped;
      };
      expect(asked([{ type: 'url_citation', url: 'https://example.com' }])).to.deep.equal(['output_text.annotations']);
      expect(asked([])).to.deep.equal([]);
    }
  });
});
