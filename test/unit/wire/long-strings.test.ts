import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { parseWithoutLongStrings } from '../../../src/wire/long-strings.ts';
import { inOneBuffer } from '../../../src/wire/pieced-bytes.ts';
import { scanChat } from '../../helpers/scan-chat.ts';

const long = (text: string) => text.repeat(Math.ceil(2_000 / text.length));

function parsed(value: object, size = Number.MAX_SAFE_INTEGER) {
  const bytes = Buffer.from(JSON.stringify(value));
  const { value: cut, encode } = parseWithoutLongStrings({ bytes, longStrings: scanChat(bytes, size).longStrings });
  return { cut, encode, written: JSON.stringify(cut) };
}

describe('a text without its long strings', () => {
  it('has the head of each, and the whole of all others and of arguments', () => {
    const { cut, written } = parsed({
      url: `data:image/png;base64,${long('iVBOR')}`,
      short: 'x',
      arguments: long('y'),
    });
    const { url, ...rest } = cut as Record<string, string>;
    expect(url).to.match(/^data:image\/png;base64,iVBOR/);
    expect(rest).to.deep.equal({ short: 'x', arguments: long('y') });
    expect(written.length).to.be.below(2_500);
  });

  it('gives each of them back, wherever it was moved, as often as it stands there', () => {
    const { cut, encode } = parsed({ messages: [{ content: long('a€') }, { content: long('\n"') }] });
    const [one, two] = (cut as { messages: { content: string }[] }).messages.map(({ content }) => content);
    const moved = JSON.parse(encode({ system: `${two}\n${one}`, again: [one], data: one?.slice(5) }).toString());
    const whole = { system: `${long('\n"')}\n${long('a€')}`, again: [long('a€')], data: long('a€').slice(5) };
    expect(moved).to.deep.equal(whole);
  });

  it('is written without a copy of them where they are many bytes', () => {
    const image = 'iVBORw0KGgo'.repeat(200_000);
    const { cut, encode } = parsed({ messages: [{ url: image }, { url: image }], n: 1 });
    const written = encode(cut as object);
    if (Buffer.isBuffer(written)) expect.fail('many bytes were copied');
    expect(JSON.parse(inOneBuffer(written).toString())).to.deep.equal({
      messages: [{ url: image }, { url: image }],
      n: 1,
    });
  });

  it('gives them back in a text that holds them as JSON, however often that was written', () => {
    const tree = { path: 'x', content: long('"\\\n€') };
    const { cut, encode } = parsed(tree);
    const once = JSON.stringify(cut);
    const moved = JSON.parse(encode({ once, twice: JSON.stringify({ once }), never: cut }).toString());
    expect(JSON.parse(moved.once)).to.deep.equal(tree);
    expect(JSON.parse(JSON.parse(moved.twice).once)).to.deep.equal(tree);
    expect(moved.never).to.deep.equal(tree);
  });

  it('gives them back where a writer has replaced all but letters, digits and underlines', () => {
    const { cut, encode } = parsed({ id: long('a') });
    const id = (cut as { id: string }).id.replace(/\W/g, '_');
    expect(JSON.parse(encode({ id }).toString())).to.deep.equal({ id: long('a') });
  });

  it('is written as what was parsed, for any text in any pieces', () => {
    const character = fc.constantFrom('a', '"', '\\', '\n', 'é', '😀', '\u0000', ' ', '/');
    const text = fc.string({ unit: character, minLength: 1, maxLength: 150 });
    const value = fc.dictionary(
      fc.constantFrom('a', 'b', 'arguments'),
      fc.oneof(text, text.map(long), fc.array(text.map(long))),
    );
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 3_000 }), (object, size) => {
        const { cut, encode } = parsed(object, size);
        expect(JSON.parse(encode(cut as object).toString())).to.deep.equal(JSON.parse(JSON.stringify(object)));
      }),
      { numRuns: 300 },
    );
  });
});
