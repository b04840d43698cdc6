import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openaiChat } from '../../../../src/dialects/openai-chat/index.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { JsonFault } from '../../../../src/wire/json-scan.ts';
import { AmbiguousKeyError } from '../../../../src/wire/request-scan.ts';
import { arrivedAt } from '../../../helpers/codecs.ts';
import { scanChat } from '../../../helpers/scan-chat.ts';

const image = 'iVBORw0K'.repeat(20_000);
const read = (json: string, size?: number) => arrivedAt(openaiChat, Buffer.from(json), size);
const written = (text: string, model = 'gpt-4') =>
  `{"model":"${model}","stream":true,"messages":[{"role":"user","content":"${text}"}]}`;
const plain = {
  model: 'm',
  stream: false,
  wantsUsage: false,
  choices: 1,
  hasStopSequences: false,
  sessionKey: null,
  continues: null,
};

/** The message of a refusal. */
function refusal(json: string): string {
  try {
    read(json);
    return 'none';
  } catch (error) {
    if (error instanceof GatewayError) return error.message;
    throw error;
  }
}

describe('a request for a chat completion', () => {
  it('is read by the fields that routing needs, and as a whole on demand', () => {
    for (const text of ['é', `é${image}`, image]) {
      for (const size of [7, 100_000_000]) {
        const request = read(written(text), size);
        expect(request.outline).to.deep.equal({ ...plain, model: 'gpt-4', stream: true });
        const { value, encode } = request.parsed();
        expect(encode(Object(value)).toString()).to.equal(written(text));
      }
    }
  });

  it('has the values of its fields, wherever they are and however they are written', () => {
    const { outline } = read(
      '{"x":{"model":"no"},"stop":[],"n":2.0,"messages":[{"content":[{"role":1}],"r\\u006fle":"user"}],\n"m\\u006fdel" : "a\\"b","stream_options":{"include_usage":true},"stream":null}',
    );
    expect(outline).to.deep.equal({ ...plain, model: 'a"b', choices: 2, wantsUsage: true });
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
    const kind = (bytes: Buffer) => {
      try {
        arrivedAt(openaiChat, bytes);
        return null;
      } catch (error) {
        return error instanceof JsonFault ? error.kind : error;
      }
    };
    expect(kind(Buffer.from(written(`${image}\\x`)))).to.equal('syntax');
    expect(
      kind(
        Buffer.from(
          written(`${image}
`),
        ),
      ),
    ).to.equal('syntax');
    expect(kind(Buffer.from(`{"model":"gpt-4","messages":["${image}",]}`))).to.equal('syntax');
    const bytes = Buffer.from(written(`${image}?`));
    bytes[bytes.length - 6] = 0xff;
    expect(kind(bytes)).to.equal('utf8');
  });

  it('may have values of any length, which are not read', () => {
    const long = 'x'.repeat(20_000);
    expect(read(written('a', long)).outline.model).to.match(/^.x+$/);
    const others = `"stop":["${long}"],"stream_options":{"a":"${long}"},"n":${'1'.repeat(20_000)}`;
    const { outline } = read(`{${others},"model":"m","messages":[{"role":"user"}]}`);
    expect(outline).to.deep.equal({ ...plain, choices: Number.POSITIVE_INFINITY, hasStopSequences: true });
  });
});

describe('what of a request is for routing alone', () => {
  const outlineWith = (fields: string) => read(`{"model":"m","messages":[{"role":"user"}],${fields}}`).outline;

  it('is whether it wants a stream, and token counts at its end', () => {
    expect(outlineWith('"stream":true').stream).to.equal(true);
    expect(outlineWith('"stream":null').stream).to.equal(false);
    for (const options of ['null', '{}', '{"include_usage":1}', '[]', '"yes"']) {
      expect(outlineWith(`"stream_options":${options}`).wantsUsage).to.equal(false);
    }
    expect(outlineWith('"stream_options":{"include_usage":true}').wantsUsage).to.equal(true);
  });

  it('is how many answers it wants, 1 for a number that is none', () => {
    for (const n of ['1', '0', '-3', 'null', '"2"', '[2]']) expect(outlineWith(`"n":${n}`).choices).to.equal(1);
    expect(outlineWith('"n":3').choices).to.equal(3);
  });

  it('is whether it names stop sequences', () => {
    for (const stop of ['null', '[]', '{}', '7'])
      expect(outlineWith(`"stop":${stop}`).hasStopSequences).to.equal(false);
    for (const stop of ['"END"', '["a","b"]', '""']) {
      expect(outlineWith(`"stop":${stop}`).hasStopSequences).to.equal(true);
    }
  });
});

describe('a chat completion for a provider that speaks the same', () => {
  const json = '{ "model": "gpt-4", "messages": [{"role":"user"}], "seed": 12345678901234567890, "x": 1.0 }';

  it('has the bytes of the client if the model has the same name', () => {
    const request = read(json);
    expect(request.edited({ model: 'gpt-4' })).to.equal(request.bytes);
  });

  it('replaces only the name of the model, and keeps numbers and spaces as they were', () => {
    const made = read(json).edited({ model: 'gpt-4-"turbo"' });
    expect(made.toString()).to.equal(json.replace('"gpt-4"', '"gpt-4-\\"turbo\\""'));
  });

  it('has the headers of JSON, and asks for a stream where the client does', () => {
    const { sent } = openaiChat.headers;
    expect(sent(false)).to.deep.equal({ 'content-type': 'application/json', accept: 'application/json' });
    expect(sent(true).accept).to.equal('text/event-stream');
  });
});

describe('a request that is to be translated', () => {
  it('is refused if its tree would have too many branches, and is not where it is large by its texts', () => {
    const many = `{"model":"m","messages":[{"role":"user"}],"x":[${'1,'.repeat(300_000)}1]}`;
    expect(() => read(many).parsed())
      .to.throw(GatewayError, 'too many to be translated')
      .with.property('status', 400);
    expect(read(written(image.repeat(8))).parsed().value).to.have.property('model', 'gpt-4');
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
    });
  }

  it('is none in a nested object, in a text or under a longer name', () => {
    const rest =
      '"x":{"model":1,"model":2,"Model":3},"y":["model","model"],"Models":1,"mode":2,"modex":1,"@":1,"\\u00e9":1';
    expect(read(`${base},${rest}}`).outline.model).to.equal('m');
  });
});
