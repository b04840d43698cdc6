import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { clientDialectOf } from '../../../../src/dialects/registry.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { AmbiguousKeyError } from '../../../../src/wire/request-scan.ts';
import { arrivedAt } from '../../../helpers/codecs.ts';

const read = (dialect: string, json: string, size?: number) =>
  arrivedAt(clientDialectOf(dialect), Buffer.from(json), size);
const renamed = (dialect: string, json: string, model = 'new') => read(dialect, json).edited({ model }).toString();

/** Code, field and message of a refusal. */
function refusal(dialect: string, json: string): unknown[] {
  try {
    read(dialect, json);
    return [];
  } catch (error) {
    if (error instanceof GatewayError) return [error.code, error.param, error.message];
    throw error;
  }
}

const smallest = [
  ['openai-embeddings', '{"input":"a", "model":"m"}'],
  ['openai-moderations', '{"input":["a"], "model":"m"}'],
  ['rerank', '{"query":"a", "documents":["b"], "model":"m"}'],
  ['openai-images', '{"prompt":"a", "model":"m"}'],
  ['openai-image-edits', '{"prompt":"a", "model":"m"}'],
  ['openai-speech', '{"input":"a", "model":"m"}'],
] as const;

describe('a request that is passed on as JSON', () => {
  for (const [dialect, json] of smallest) {
    it(`is read by its model alone, and differs in nothing but that: ${dialect}`, () => {
      for (const size of [1, 7, 1000]) {
        const { outline, bytes } = read(dialect, json, size);
        expect(bytes.toString()).to.equal(json);
        expect(outline).to.deep.equal({
          model: 'm',
          stream: false,
          wantsUsage: false,
          choices: 1,
          hasStopSequences: false,
          sessionKey: null,
          continues: null,
        });
      }
      expect(renamed(dialect, json, 'a/"b"')).to.equal(json.replace('"m"', JSON.stringify('a/"b"')));
    });

    it(`is the same buffer if its model has the same name at the provider: ${dialect}`, () => {
      const arrived = read(dialect, json);
      expect(arrived.edited({ model: 'm' })).to.equal(arrived.bytes);
    });

    it(`is refused without what every provider asks for: ${dialect}`, () => {
      for (const name of Object.keys(JSON.parse(json))) {
        if (name === 'model') continue;
        const { [name]: _, ...rest } = JSON.parse(json);
        expect(refusal(dialect, JSON.stringify(rest))).to.deep.equal([
          'missing_parameter',
          name,
          `Missing required parameter: '${name}'.`,
        ]);
      }
      for (const model of ['1', '""', '[]']) {
        expect(refusal(dialect, json.replace('"m"', model))[0]).to.equal('invalid_value');
      }
      expect(refusal(dialect, '[]')[0]).to.equal('invalid_value');
    });

    it(`is refused if it names its model twice: ${dialect}`, () => {
      for (const name of ['model', 'Model']) {
        expect(() => read(dialect, json.replace('{', `{"${name}":"x",`))).to.throw(AmbiguousKeyError);
      }
    });
  }

  it('keeps every byte beside the model, whatever they are', () => {
    const fields = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4, noNullPrototype: true });
    fc.assert(
      fc.property(
        fields,
        fields,
        fc.string({ minLength: 1 }),
        fc.string({ minLength: 1 }),
        (before, after, old, model) => {
          const known = /^(?:model|input)$/i;
          fc.pre(![before, after].some((part) => Object.keys(part).some((name) => known.test(name))));
          const text = (part: object) => JSON.stringify(part).slice(1, -1);
          const around = (name: string) =>
            `{${[text(before), `"model" :${JSON.stringify(name)}`, '"input":1', text(after)].filter(Boolean).join(' , ')} }`;
          expect(renamed('openai-embeddings', around(old), model)).to.equal(around(model));
        },
      ),
    );
  });

  it('needs a model, unless its API has one for requests without', () => {
    for (const [dialect, json] of smallest) {
      if (dialect === 'openai-moderations') continue;
      const [code, param] = refusal(dialect, json.replace(', "model":"m"', ''));
      expect([code, param]).to.deep.equal(['missing_parameter', 'model']);
    }
    for (const json of ['{"input":"a" }', '{"model":null,"input":"a"}']) {
      const { outline } = read('openai-moderations', json);
      expect(outline).to.include({ model: 'omni-moderation-latest', isModelImplied: true });
    }
  });

  it('names the model of its target where the client left it out', () => {
    expect(renamed('openai-moderations', '{"input":"a" }')).to.equal('{"input":"a","model":"new" }');
    expect(renamed('openai-moderations', '{"model":null,"input":"a"}')).to.equal('{"model":"new","input":"a"}');
  });

  it('may want a stream, or several answers, of images', () => {
    const json = '{"model":"m","prompt":"a","input":"a","stream":true,"n":3}';
    expect(read('openai-images', json).outline).to.include({ stream: true, choices: 3 });
    expect(read('openai-embeddings', json).outline).to.include({ stream: false, choices: 1 });
    expect(refusal('openai-images', '{"model":"m","prompt":"a","stream":1}')[1]).to.equal('stream');
  });

  it('asks for speech as events in a field of its own', () => {
    const streams = (fields: string) => read('openai-speech', `{"model":"m","input":"a"${fields}}`).outline.stream;
    expect([',"stream_format":"sse"', ',"stream_format":"audio"', ',"stream":true', ''].map(streams)).to.deep.equal([
      true,
      false,
      false,
      false,
    ]);
  });
});
