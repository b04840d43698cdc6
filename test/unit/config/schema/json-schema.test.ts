import { expect } from 'chai';
import { describe, it } from 'mocha';
import { defaults } from '../../../../src/config/schema/defaults.ts';
import { configJsonSchema, knownKeys } from '../../../../src/config/schema/json-schema.ts';

type Schema = Record<string, unknown>;

/** Every schema within a schema, with its path. */
function* schemas(schema: Schema, path = ''): Generator<[string, Schema]> {
  yield [path, schema];
  const { properties = {}, items, additionalProperties, anyOf = [] } = schema;
  for (const [key, child] of Object.entries(properties as Schema)) yield* schemas(child as Schema, `${path}.${key}`);
  for (const child of [items, additionalProperties, ...(anyOf as unknown[])]) {
    if (typeof child === 'object' && child !== null) yield* schemas(child as Schema, `${path}.*`);
  }
}

describe('configJsonSchema', () => {
  const all = [...schemas(configJsonSchema())];

  it('is draft-7', () => {
    expect(configJsonSchema().$schema).to.equal('http://json-schema.org/draft-07/schema#');
  });

  it('allows no unknown key at any level', () => {
    const mappings = all.filter(([, schema]) => schema.properties !== undefined);
    expect(mappings.length).to.be.greaterThan(12);
    for (const [path, schema] of mappings) expect(schema.additionalProperties, path).to.equal(false);
  });

  it('describes every key', () => {
    for (const [path, schema] of all) {
      for (const [key, child] of Object.entries((schema.properties ?? {}) as Record<string, Schema>)) {
        const nested = child.properties !== undefined || ['retry', 'circuit', 'timeouts'].includes(key);
        if (!nested) expect(child.description, `${path}.${key}`).to.be.a('string');
      }
    }
  });

  it('shows the defaults', () => {
    const found = new Map(all.map(([path, schema]) => [path, schema.default]));
    expect(found.get('.server.port')).to.equal(defaults.server.port);
    expect(found.get('.retry.base_delay')).to.equal('500ms');
    expect(found.get('.watchdog')).to.equal('30s');
  });

  it('allows references in the place of numbers and words', () => {
    const at = (wanted: string) => all.find(([path]) => path === wanted)?.[1].anyOf;
    const reference = { type: 'string', pattern: '\\$\\{[^}]+\\}' };
    for (const path of ['.server.port', '.server.open', '.log.level', '.watchdog', '.workers']) {
      expect(at(path), path).to.deep.include(reference);
    }
  });
});

describe('knownKeys', () => {
  it('returns the keys at a path', () => {
    expect(knownKeys([])).to.include.members(['server', 'providers']);
    expect(knownKeys(['log'])).to.deep.equal(['level', 'requests']);
    expect(knownKeys(['models', 'any', 'targets', 3])).to.deep.equal([
      'provider',
      'model',
      'max_tokens',
      'weight',
      'price',
      'timeouts',
    ]);
    expect(knownKeys(['providers'])).to.deep.equal([]);
    expect(knownKeys(['nowhere', 'constructor'])).to.deep.equal([]);
  });
});
