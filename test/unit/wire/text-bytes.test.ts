import { expect } from 'chai';
import { describe, it } from 'mocha';
import { piecesOf } from '../../../src/wire/pieced-bytes.ts';
import { textBytes } from '../../../src/wire/text-bytes.ts';

const base64 = (length: number) => 'QUJD'.repeat(length / 4);
const body = (value: object) => Buffer.from(JSON.stringify(value));

describe('the text of a body', () => {
  it('is all of it where there is no base64', () => {
    const plain = body({ messages: [{ role: 'user', content: `data: ${'a word '.repeat(900)}` }] });
    expect(textBytes(plain)).to.equal(plain.length);
    const long = body({ data: 'x y'.repeat(900) });
    expect(textBytes(long)).to.equal(long.length);
  });

  for (const [where, value] of Object.entries({
    'an address': { url: `data:image/png;base64,${base64(40_000)}` },
    "Anthropic's source": { source: { type: 'base64', media_type: 'image/png', data: base64(40_000) } },
    "OpenAI's audio": { input_audio: { format: 'wav', data: base64(40_000) } },
  })) {
    it(`is what surrounds the base64 of ${where}`, () => {
      const bytes = body({ content: [value, { text: 'What is it?' }, value] });
      expect(textBytes(bytes)).to.equal(bytes.length - 80_000);
    });
  }

  it('is so in a large body that lies in pieces', () => {
    const image = Buffer.from(base64(2_000_000));
    const before = Buffer.from('{"url":"data:image/png;base64,');
    const behind = Buffer.from(`","text":"${'a word '.repeat(50_000)}"}`);
    expect(textBytes(piecesOf([before, image, behind]))).to.equal(before.length + behind.length);
  });

  it('is what comes before base64 that was cut off', () => {
    const bytes = Buffer.from(`{"data":"${base64(4_000)}`);
    expect(textBytes(bytes)).to.equal('{"data":"'.length);
  });
});
