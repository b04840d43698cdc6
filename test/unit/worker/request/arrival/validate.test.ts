import { expect } from 'chai';
import { JsonFault } from '../../../../../src/wire/json-scan.ts';
import { AmbiguousKeyError } from '../../../../../src/wire/request-scan.ts';
import { readChatRequest, scanError } from '../../../../../src/worker/request/arrival/validate.ts';
import { scanChat } from '../../../../helpers/scan-chat.ts';

const image = 'iVBORw0K'.repeat(20_000);
const read = (json: string) => readChatRequest(Buffer.from(json), scanChat(Buffer.from(json)));
const written = (text: string, model = 'gpt-4') =>
  `{"model":"${model}","stream":true,"messages":[{"role":"user","content":"${text}"}]}`;

/** The message of a refusal, whether by the scan or by the check. */
function refusal(json: string): string {
  try {
    read(json);
    return 'none';
  } catch (error) {
    const shown = error instanceof JsonFault ? scanError(error) : error;
    return shown instanceof Error ? shown.message : String(shown);
  }
}

describe('a request', () => {
  it('is read by the fields that routing needs, and as a whole on demand', () => {
    for (const text of ['é', `é${image}`, image]) {
      const { outline, modelAt, whole } = read(written(text));
      expect(outline).to.deep.equal({ model: 'gpt-4', stream: true, sessionKey: null });
      expect(written(text).slice(modelAt.start, modelAt.end)).to.equal('"gpt-4"');
      const { tree, encode } = whole();
      expect(JSON.parse(encode(tree).toString()).messages).to.deep.equal([{ role: 'user', content: text }]);
    }
  });

  it('has the values of its fields, wherever they are and however they are written', () => {
    const { outline } = read(
      '{"x":{"model":"no"},"stop":[],"n":2.0,"messages":[{"content":[{"role":1}],"r\\u006fle":"user"}],\n"m\\u006fdel" : "a\\"b","stream_options":{"include_usage":true},"stream":null}',
    );
    expect(outline).to.deep.equal({
      model: 'a"b',
      sessionKey: null,
      stop: [],
      n: 2,
      stream: null,
      stream_options: { include_usage: true },
    });
  });

  it('has the session key that the client names last, if that is a text of at most 1,024 bytes', () => {
    const keyOf = (fields: string) => read(`{"model":"m","messages":[{"role":"user"}]${fields}}`).outline.sessionKey;
    const key = (text: string) => `,"prompt_cache_key":"${text}"`;
    expect(keyOf('')).to.equal(null);
    expect(keyOf(`${key('a')},"prompt_c\\u0061che_key":"b\\n"`)).to.equal('b\n');
    expect(keyOf(`${key('a')},"Prompt_Cache_Key":"b"`)).to.equal('a');
    expect(keyOf(`${key('a')},"prompt_cache_key":null`)).to.equal(null);
    expect(keyOf(',"prompt_cache_key":5')).to.equal(null);
    for (const character of ['x', '\\u0078']) {
      expect(keyOf(key(character.repeat(1024)))).to.equal('x'.repeat(1024));
      expect(keyOf(key(character.repeat(1025)))).to.equal(null);
    }
    expect(keyOf(key('é'.repeat(513)))).to.equal(null);
    expect(keyOf(key('x'.repeat(20_000)))).to.equal(null);
  });

  it('names the field that is wrong, and what stands there', () => {
    const start = '{"model":"m","messages":';
    expect(refusal('[]')).to.equal('The body should be a JSON object, got an empty array.');
    expect(refusal('{"messages":[]}')).to.equal("Missing required parameter: 'model'.");
    expect(refusal('{"model":"","messages":[]}')).to.contain(
      "'model' should be a non-empty string, got an empty string",
    );
    expect(refusal('{"model":["m"]}')).to.contain("'model' should be a non-empty string, got an array");
    expect(refusal('{"model":"m"}')).to.equal("Missing required parameter: 'messages'.");
    expect(refusal(`${start}[]}`)).to.contain("'messages' should be a non-empty array, got an empty array");
    expect(refusal(`${start}{"role":"user"}}`)).to.contain("'messages' should be a non-empty array, got an object");
    expect(refusal(`${start}[{"role":"user"},[1]]}`)).to.contain("'messages[1]' should be an object, got an array");
    expect(refusal(`${start}[{"role":"user"},{"a":1},3]}`)).to.contain(
      "'messages[1].role' should be a string, got nothing",
    );
    expect(refusal(`${start}[{"role":7}]}`)).to.contain("'messages[0].role' should be a string, got 7");
    expect(refusal(`${start}[{"x":{"role":"u"}}]}`)).to.contain("'messages[0].role' should be a string, got nothing");
    expect(refusal(`${start}[{"role":"u"}],"stream":"yes"}`)).to.contain("'stream' should be a boolean, got a string");
    expect(refusal(`${start}[{"role":"u"}],"temperature":2.5}`)).to.contain(
      "'temperature' should be a number from 0 to 2",
    );
  });

  it('is refused for what a long string contains, if that is not JSON or not UTF-8', () => {
    expect(refusal(written(`${image}\\x`))).to.equal('The body is not valid JSON.');
    expect(refusal(written(`${image}\n`))).to.equal('The body is not valid JSON.');
    expect(refusal(`{"model":"gpt-4","messages":["${image}",]}`)).to.equal('The body is not valid JSON.');
    const bytes = Buffer.from(written(`${image}?`));
    bytes[bytes.length - 6] = 0xff;
    expect(() => scanChat(bytes)).to.throw(JsonFault, 'UTF-8');
  });

  it('may have values of any length, which are not read', () => {
    const long = 'x'.repeat(20_000);
    expect(read(written('a', long)).outline.model).to.match(/^.x+$/);
    const others = `"stop":["${long}"],"stream_options":{"a":"${long}"},"n":${'1'.repeat(20_000)}`;
    const { outline } = read(`{${others},"model":"m","messages":[{"role":"user"}]}`);
    expect(outline).to.deep.include({ stop: ['long'], stream_options: {}, n: Number.POSITIVE_INFINITY });
  });
});

describe('a routing field that readers may take for another', () => {
  const base = '{"model":"m","messages":[{"role":"user"}],"stream":false,"stream_options":{},"n":1,"max_tokens":5';

  for (const key of ['model', 'messages', 'stream', 'stream_options', 'n', 'max_tokens']) {
    it(`is refused if ${key} occurs twice, escaped or not`, () => {
      const escaped = `\\u00${key.charCodeAt(0).toString(16)}${key.slice(1)}`;
      for (const again of [key, escaped]) {
        for (const size of [1, 3, 1000]) {
          const json = Buffer.from(`${base},"${again}":null}`);
          expect(() => scanChat(json, size))
            .to.throw(AmbiguousKeyError)
            .with.property('key', key);
        }
      }
    });
  }

  for (const written of [
    'Model',
    'MODEL',
    'M\\u004fdel',
    '\u017ftream',
    '\\u017Ftream',
    'ſTREAM_OPTIONS',
    'max_to\u212aens',
    'N',
  ]) {
    it(`is refused if it is written ${written}`, () => {
      for (const size of [1, 2, 1000]) {
        expect(() => scanChat(Buffer.from(`{"${written}":1}`), size)).to.throw(AmbiguousKeyError);
      }
      expect(refusal(`{"${written}":1}`)).to.contain(`'${written}'`);
    });
  }

  it('is none in a nested object, in a text or under a longer name', () => {
    const rest =
      '"x":{"model":1,"model":2,"Model":3},"y":["model","model"],"Models":1,"mode":2,"modex":1,"@":1,"\\u00e9":1';
    expect(read(`${base},${rest}}`).outline.model).to.equal('m');
  });
});
