import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  hasFreeObject,
  isComplete,
  withBoundsInWords,
  withoutOtherFields,
} from '../../../src/dialects/json-schemas.ts';
import { asRecord } from '../../../src/shared/json.ts';

const inner = { type: 'object', properties: { b: { type: 'string' } } };
const closed = { ...inner, additionalProperties: false };

describe('a schema whose objects have no other fields', () => {
  it('says so of each object at any depth that does not say whether it may have them', () => {
    const schema = (of: object) => ({
      type: 'object',
      properties: { a: of, properties: { type: 'array', items: of }, c: { anyOf: [of, { type: 'null' }] } },
      $defs: { d: of },
      required: ['a'],
    });
    expect(withoutOtherFields(schema(inner))).to.deep.equal({ ...schema(closed), additionalProperties: false });
    expect(withoutOtherFields(schema(closed))).to.deep.equal({ ...schema(closed), additionalProperties: false });
    const open = { type: 'object', additionalProperties: { type: 'string' } };
    expect(withoutOtherFields(open)).to.deep.equal(open);
    const nullable = { ...inner, type: ['object', 'null'] };
    expect(withoutOtherFields(nullable)).to.deep.equal({ ...nullable, additionalProperties: false });
    expect(withoutOtherFields({ ...inner, additionalProperties: true })).to.deep.equal(closed);
    expect(withoutOtherFields({ type: 'string', enum: [{ type: 'object' }] })).to.deep.equal({
      type: 'string',
      enum: [{ type: 'object' }],
    });
  });

  it('is the same when it is made so again, for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const made = withoutOtherFields(asRecord(value) ?? {});
        expect(withoutOtherFields(made)).to.deep.equal(made);
      }),
    );
  });
});

describe('a schema with its bounds in words', () => {
  it('says at each depth what it no longer enforces', () => {
    const schema = {
      type: 'object',
      properties: {
        minimum: { type: 'number', minimum: 0, maximum: 5 },
        b: { type: 'array', description: 'some', minItems: 2, items: { type: 'string', minLength: 1, format: 'uri' } },
        c: { oneOf: [{ type: 'string', format: 'phone' }, { type: 'null' }] },
        d: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^a', enum: ['a'] } },
      },
      required: ['minimum'],
    };
    expect(withBoundsInWords(schema)).to.deep.equal({
      schema: {
        ...schema,
        properties: {
          minimum: { type: 'number', description: '{minimum: 0, maximum: 5}' },
          b: {
            type: 'array',
            description: 'some\n\n{minItems: 2}',
            items: { type: 'string', format: 'uri', description: '{minLength: 1}' },
          },
          c: { anyOf: [{ type: 'string', description: '{format: "phone"}' }, { type: 'null' }] },
          d: schema.properties.d,
        },
      },
      loosened: ['minimum', 'maximum', 'minLength', 'minItems', 'format'],
    });
  });

  it('is the same when it is made so again, for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { schema } = withBoundsInWords(asRecord(value) ?? {});
        expect(withBoundsInWords(schema)).to.deep.equal({ schema, loosened: [] });
      }),
    );
  });
});

describe('a free object', () => {
  it('has fields of any name, at any depth', () => {
    const free = [
      { type: 'object' },
      { type: ['object', 'null'] },
      { type: 'object', additionalProperties: true },
      { type: 'object', additionalProperties: { type: 'string' } },
      { ...inner, additionalProperties: {} },
      { type: 'object', patternProperties: { '^a': {} } },
    ];
    for (const schema of free) {
      expect(hasFreeObject(schema), JSON.stringify(schema)).to.equal(true);
      expect(hasFreeObject({ type: 'array', items: { anyOf: [schema, { type: 'null' }] } })).to.equal(true);
      expect(hasFreeObject({ $ref: '#/$defs/a', $defs: { a: schema } })).to.equal(true);
    }
  });

  it('is none whose fields are named, or that is said to be empty', () => {
    const closedOnes = [
      inner,
      closed,
      { type: 'object', properties: {} },
      { type: 'object', additionalProperties: false },
    ];
    for (const schema of [...closedOnes, { type: 'string' }, { enum: [{ type: 'object' }] }, {}]) {
      expect(hasFreeObject(schema), JSON.stringify(schema)).to.equal(false);
    }
  });
});

describe('a complete schema', () => {
  it('has objects with all of their fields, and no others', () => {
    const whole = { ...closed, required: ['b'] };
    expect(isComplete(whole)).to.equal(true);
    expect(isComplete(closed)).to.equal(false);
    expect(isComplete({ ...inner, required: ['b'] })).to.equal(false);
    expect(isComplete({ type: 'array', items: whole })).to.equal(true);
    expect(isComplete({ type: 'array', items: closed })).to.equal(false);
    expect(isComplete({ anyOf: [{ type: 'null' }, closed] })).to.equal(false);
    expect(isComplete({ $ref: '#/$defs/a', $defs: { a: closed } })).to.equal(false);
  });
});
