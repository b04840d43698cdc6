import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  edited,
  insertField,
  removeFields,
  renameField,
  replaceField,
  setString,
} from '../../../src/wire/json-edit.ts';
import { inOneBuffer } from '../../../src/wire/pieced-bytes.ts';
import { scanChat } from '../../helpers/scan-chat.ts';

const splice = (json: string, value = 'new') => spliced(Buffer.from(json), value).toString();

function spliced(bytes: Buffer, value: string): Buffer {
  const range = scanChat(bytes).value('model');
  return range === null ? bytes : inOneBuffer(edited(bytes, [setString(range, value)]));
}

describe('replacing the name of the model', () => {
  it('replaces the value and nothing else', () => {
    expect(splice('{ "a" : [1, 2.50] ,\n "model"\t:  "old" , "b":"\\u00e9é" }')).to.equal(
      '{ "a" : [1, 2.50] ,\n "model"\t:  "new" , "b":"\\u00e9é" }',
    );
  });

  it('returns the same buffer if the value is the same already', () => {
    const bytes = Buffer.from('{"model":"same","n":1}');
    expect(spliced(bytes, 'same')).to.equal(bytes);
  });

  it('ignores the key if it is nested, a value or part of a text', () => {
    const json = '{"x":{"model":"a"},"y":[{"model":"b"}],"z":"model","t":"\\"model\\":\\"c\\"","model":"old"}';
    expect(splice(json)).to.equal(json.replace('"old"', '"new"'));
  });

  it('finds a key that is written with escapes', () => {
    expect(splice('{"mod\\u0065l":"old"}')).to.equal('{"mod\\u0065l":"new"}');
  });

  it('handles quotes and backslashes at the end of strings', () => {
    const x = 'x'.repeat(63);
    for (const text of ['\\', '"', '\\"', '"\\', `${x}${x}\\`, `${x}"`, `${x}\\"`, '{"model":"no']) {
      const json = JSON.stringify({ a: text, model: 'old' });
      expect(JSON.parse(splice(json)).model).to.equal('new');
    }
  });

  it('writes the new value as JSON', () => {
    expect(splice('{"model":"old"}', 'a"b\\c')).to.equal('{"model":"a\\"b\\\\c"}');
  });

  it('gives the same result as parsing and replacing, for any object in any layout', () => {
    const layout = fc.constantFrom(0, 1, '\t');
    const object = fc.dictionary(
      fc.string().map((key) => `x${key}`),
      fc.jsonValue(),
      { maxKeys: 6 },
    );
    fc.assert(
      fc.property(object, object, fc.string(), fc.string(), layout, (before, after, old, name, space) => {
        const body = { ...before, model: old, ...after, ...('model' in after ? { model: old } : {}) };
        const json = splice(JSON.stringify(body, null, space), name);
        expect(JSON.parse(json)).to.deep.equal(JSON.parse(JSON.stringify({ ...body, model: name })));
      }),
      { numRuns: 500 },
    );
  });

  it('skips megabytes of base64', () => {
    const json = JSON.stringify({ messages: ['A'.repeat(20_000_000)], model: 'old' });
    expect(splice(json).endsWith('"model":"new"}')).to.equal(true);
  });
});

/** A field of an object's text: its name as it is written, and its value as text. */
interface Field {
  readonly name: string;
  readonly json: string;
}

const blank = fc.string({ unit: fc.constantFrom(' ', '\t', '\r', '\n'), maxLength: 3 });
const character = fc.constantFrom('a', '"', '\\', ',', ':', '{', '}', ' ', 'é', '😀');
const uniqueFields = fc.uniqueArray(
  fc.record({
    name: fc.string({ unit: character, maxLength: 5 }).map((name) => JSON.stringify(name)),
    json: fc.oneof(fc.jsonValue(), fc.string({ unit: character })).map((value) => JSON.stringify(value)),
  }),
  { selector: ({ name }) => name, maxLength: 6 },
);

/** The object's text, with blanks taken in turn, and the place of each value; it stands in an array. */
function layout(fields: readonly Field[], blanks: readonly string[]) {
  let turn = 0;
  const space = () => blanks[turn++ % blanks.length] ?? '';
  let text = `${space()}[{}, ${space()}`;
  const start = Buffer.byteLength(text);
  text += `{${space()}`;
  const values = fields.map(({ name, json }, index) => {
    text += `${index === 0 ? '' : `,${space()}`}${name}${space()}:${space()}`;
    const from = Buffer.byteLength(text);
    text += json;
    const end = Buffer.byteLength(text);
    text += space();
    return { start: from, end };
  });
  text += '}';
  return { bytes: Buffer.from(`${text}${space()}]`), object: { start, end: Buffer.byteLength(text) }, values };
}

/** What JSON.parse makes of an object with these fields. */
const parsedOf = (fields: readonly Field[]) => JSON.parse(`{${fields.map(({ name, json }) => `${name}:${json}`)}}`);

describe('editing the bytes of an object', () => {
  it('adds a field to an empty one and to one with others, whatever blanks there are', () => {
    const added = (json: string) => {
      const bytes = Buffer.from(json);
      return edited(bytes, [insertField(bytes, { start: 0, end: bytes.length }, 'n"', '{"a":1}')]).toString();
    };
    expect(added('{}')).to.equal('{"n\\"":{"a":1}}');
    expect(added('{ \n }')).to.equal('{"n\\"":{"a":1} \n }');
    expect(added('{ "x" : "{" }')).to.equal('{ "x" : "{","n\\"":{"a":1} }');
  });

  it('removes a field with its comma, and neighbours with theirs', () => {
    const fields = ['a', 'b', 'c'].map((name, index) => ({ name: `"${name}"`, json: String(index) }));
    const { bytes, values } = layout(fields, [' ']);
    const without = (...indices: number[]) => {
      const removed = values.filter((_, index) => indices.includes(index));
      return edited(bytes, removeFields(bytes, removed)).toString();
    };
    expect(without(0)).to.equal(' [{},  {  "b" : 1 , "c" : 2 } ]');
    expect(without(1)).to.equal(' [{},  { "a" : 0 ,  "c" : 2 } ]');
    expect(without(2)).to.equal(' [{},  { "a" : 0 , "b" : 1  } ]');
    expect(without(1, 2)).to.equal(' [{},  { "a" : 0  } ]');
    expect(without(0, 1, 2)).to.equal(' [{},  {  } ]');
  });

  it('refuses changes of what another one has changed', () => {
    const bytes = Buffer.from('{"a":1}');
    const twice = [setString({ start: 1, end: 6 }, 'x'), setString({ start: 5, end: 6 }, 'y')];
    expect(() => edited(bytes, twice)).to.throw('another one');
  });

  it('copies nothing if nothing changes', () => {
    const bytes = Buffer.from('{"a":"x","b":"y"}');
    const same = [setString({ start: 5, end: 8 }, 'x'), setString({ start: 13, end: 16 }, 'y')];
    expect(edited(bytes, same)).to.equal(bytes);
    expect(edited(bytes, [])).to.equal(bytes);
  });

  it('is editing its value, for any object in any layout', () => {
    const actions = fc.array(fc.constantFrom('keep', 'set', 'remove'), { minLength: 6, maxLength: 6 });
    const blanks = fc.array(blank, { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(uniqueFields, actions, blanks, fc.boolean(), (fields, wanted, spaces, inserts) => {
        const { bytes, object, values } = layout(fields, spaces);
        const doing = (action: string) => (_: unknown, index: number) => wanted[index] === action;
        const set = values.filter(doing('set')).map((at) => setString(at, 'new "text"'));
        const edits = [...set, ...removeFields(bytes, values.filter(doing('remove')))];
        edits.sort((one, other) => one.at.start - other.at.start);
        const left = fields
          .map(({ name, json }, index) => ({ name, json: wanted[index] === 'set' ? '"new \\"text\\""' : json }))
          .filter((_, index) => wanted[index] !== 'remove');
        // Of no object all fields are removed where one is added.
        const adds = inserts && (left.length > 0 || fields.length === 0);
        if (adds) {
          edits.push(insertField(bytes, object, 'another', '[1, {}]'));
          left.push({ name: '"another"', json: '[1, {}]' });
        }
        const [first, changed] = JSON.parse(edited(bytes, edits).toString());
        expect(first).to.deep.equal({});
        expect(changed).to.deep.equal(parsedOf(left));
        expect(Object.keys(changed)).to.deep.equal(Object.keys(parsedOf(left)));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('another field in the place of one', () => {
  const replaced = (json: string) => {
    const bytes = Buffer.from(json);
    const range = scanChat(bytes).value('model');
    if (range === null) throw new Error('there is no model');
    return inOneBuffer(edited(bytes, [replaceField(bytes, range, 'version', '"v"')])).toString();
  };

  it('has its name and its value, and all else stays as it is', () => {
    expect(replaced('{"a":1, "model" : "m" ,"b":2}')).to.equal('{"a":1, "version":"v" ,"b":2}');
    expect(replaced('{"model":"m"}')).to.equal('{"version":"v"}');
    expect(replaced('{"mod\\u0065l":"m","b":"model"}')).to.equal('{"version":"v","b":"model"}');
  });
});

describe('renaming a field', () => {
  const renamed = (json: string) => {
    const bytes = Buffer.from(json);
    const range = scanChat(bytes).value('model');
    return range === null ? json : inOneBuffer(edited(bytes, [renameField(bytes, range, 'other')])).toString();
  };

  it('changes the name and nothing else', () => {
    expect(renamed('{ "a":1 ,\n "model"\t:  "old" , "b":2}')).to.equal('{ "a":1 ,\n "other"\t:  "old" , "b":2}');
    expect(renamed('{"\\u006dodel":"x"}')).to.equal('{"other":"x"}');
  });

  it('keeps every value, for any fields beside it', () => {
    const others = fc.dictionary(
      // Not like the name of a field by which requests are routed: those may stand once, and in their own case.
      fc.string().map((name) => `x-${name}`),
      fc.string(),
    );
    fc.assert(
      fc.property(others, others, (before, after) => {
        const text = JSON.stringify({ ...before, model: 'm', ...after });
        expect(JSON.parse(renamed(text))).to.deep.equal(
          JSON.parse(JSON.stringify({ ...before, other: 'm', ...after })),
        );
      }),
    );
  });
});
