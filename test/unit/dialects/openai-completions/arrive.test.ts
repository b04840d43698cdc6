import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiCompletions } from '../../../../src/dialects/openai-completions/index.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { JsonFault } from '../../../../src/wire/json-scan.ts';
import { arrivedAt } from '../../../helpers/codecs.ts';

const read = (fields: object) =>
  arrivedAt(openaiCompletions, Buffer.from(JSON.stringify({ model: 'm', ...fields })), 3);

describe('a request for the completion of a text', () => {
  it('is read by the fields that routing needs', () => {
    expect(read({ prompt: 'a' }).outline).to.deep.equal({
      model: 'm',
      stream: false,
      wantsUsage: false,
      choices: 1,
      hasStopSequences: false,
      sessionKey: null,
      continues: null,
    });
    expect(
      read({ prompt: 'a', stream: true, stream_options: { include_usage: true }, n: 2, stop: ['\n'] }).outline,
    ).to.include({ stream: true, wantsUsage: true, choices: 2, hasStopSequences: true });
  });

  it('wants an answer for each prompt, of which a list of tokens is one', () => {
    const prompts = [undefined, null, 'a', [], ['a'], ['a', 'b'], [1, 2, 3], [[1, 2], [3]], [[1, 2]]];
    expect(prompts.map((prompt) => read({ prompt }).outline.choices)).to.deep.equal([1, 1, 1, 1, 1, 2, 1, 2, 1]);
    expect(read({ prompt: ['a', 'b'], n: 3 }).outline.choices).to.equal(6);
    const spaced = Buffer.from('{"model":"m","prompt":[ \n "a", "b" ]}');
    expect(arrivedAt(openaiCompletions, spaced).outline.choices).to.equal(2);
  });

  it('is changed in its model alone', () => {
    const json = '{"prompt":"model", "model" : "m","x":1.0}';
    const arrived = arrivedAt(openaiCompletions, Buffer.from(json));
    expect(arrived.edited({ model: 'a/b' }).toString()).to.equal('{"prompt":"model", "model" : "a/b","x":1.0}');
    expect(arrived.edited({ model: 'm' })).to.equal(arrived.bytes);
    expect(arrived.parsed().value).to.deep.equal(JSON.parse(json));
  });

  it('is refused without a model, and with one of two meanings', () => {
    expect(() => read({ model: undefined, prompt: 'a' })).to.throw(GatewayError, "'model'");
    expect(() => read({ prompt: 'a', stream: 'yes' })).to.throw(GatewayError, "'stream'");
    expect(() => read({ prompt: 'a', Prompt: 'b' })).to.throw(JsonFault);
  });
});
