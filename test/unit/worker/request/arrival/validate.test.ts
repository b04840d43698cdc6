import { expect } from 'chai';
import { readChatRequest } from '../../../../../src/worker/request/arrival/validate.ts';

const image = 'iVBORw0K'.repeat(20_000);
const written = (text: string, model = 'gpt-4') =>
  Buffer.from(`{"model":"${model}","stream":true,"messages":[{"role":"user","content":"${text}"}]}`);

describe('a request with one very long string', () => {
  it('is read without that string, and as a whole on demand', () => {
    const { outline, whole } = readChatRequest(written(`é${image}`));
    expect(outline).to.deep.equal({ model: 'gpt-4', stream: true, messages: [{ role: 'user', content: '' }] });
    expect(whole().messages).to.deep.equal([{ role: 'user', content: `é${image}` }]);
    expect(readChatRequest(written(image)).whole().messages).to.deep.equal([{ role: 'user', content: image }]);
  });

  it('is refused when it is read as a whole, if the string is not valid JSON', () => {
    const { outline, whole } = readChatRequest(written(`${image}\\x`));
    expect(outline.model).to.equal('gpt-4');
    expect(whole).to.throw('not valid JSON');
  });

  it('is refused immediately if the text around the string is not valid', () => {
    expect(() => readChatRequest(Buffer.from(`{"model":"gpt-4","messages":["${image}",]}`))).to.throw('not valid JSON');
    expect(() => readChatRequest(written(image, ''))).to.throw('model');
  });
});

describe('a small request', () => {
  it('is read once, as a whole', () => {
    const { outline, whole } = readChatRequest(written('é'));
    expect(whole()).to.equal(outline);
    expect(whole().messages).to.deep.equal([{ role: 'user', content: 'é' }]);
  });
});
