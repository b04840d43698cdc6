import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { ConfigError } from '../../../src/config/source/faults.ts';
import { readYaml } from '../../../src/config/source/read-yaml.ts';
import { faultsOf, linesOf, load, smallest } from '../../helpers/config-text.ts';

const words = [
  ...[
    'version',
    'server',
    'host',
    'port',
    'keys',
    'admin',
    'token',
    'providers',
    'models',
    'targets',
    'type',
    'api_key',
  ],
  ...[
    'openai',
    'gpt-4',
    '75s',
    '32mb',
    `\${NAME}`,
    `\${file:x}`,
    `\${`,
    '0',
    '1',
    '-1',
    '1e999',
    'true',
    'null',
    '~',
    '',
  ],
  ...[
    ': ',
    ':',
    '- ',
    '\n',
    '\n  ',
    '{',
    '}',
    '[',
    ']',
    ', ',
    '&a ',
    '*a',
    '!!x ',
    '"',
    "'",
    '|',
    '>',
    '#',
    '\t',
    '? ',
  ],
];
const yamlish = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => parts.join(''));

/** A key at the top level and a JSON value for it; YAML can read JSON. */
const structure = fc.tuple(
  fc.constantFrom('server', 'admin', 'workers', 'drain', 'retry', 'timeouts', 'providers', 'models', 'extra'),
  fc.jsonValue({ maxDepth: 4 }),
);

describe('any text as a configuration', () => {
  it('is loaded, or refused with a ConfigError', () => {
    fc.assert(
      fc.property(fc.oneof(yamlish, fc.string({ unit: 'binary' })), (text) => {
        for (const fault of faultsOf(text)) expect(fault.message).to.match(/^should be|^should hold/);
      }),
      { numRuns: 200 },
    );
  });

  it('reports faults with line and column for any value of a key', () => {
    fc.assert(
      fc.property(structure, ([key, value]) => {
        for (const line of linesOf(`${JSON.stringify(key)}: ${JSON.stringify(value)}\n${smallest}`)) {
          expect(line).to.match(/^\d+:\d+( |: should)/);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('shows the value of a variable in no fault, for any place of the variable', () => {
    const canary = 'sk-canary-0123456789';
    const good = smallest.replace('/v1"', '/v1", api_key: key');
    const scalars = [...good.matchAll(/(?<=: )"?[^\s,{}[\]"]+"?/g)];
    for (const { index, 0: scalar } of scalars) {
      const text = `${good.slice(0, index)}"\${SECRET}"${good.slice(index + scalar.length)}`;
      for (const environment of [{ SECRET: canary }, { SECRET: `${canary} \n` }]) {
        expect(linesOf(text, { environment }).join('\n')).not.to.include(canary);
      }
    }
    expect(scalars.length).to.be.greaterThan(4);
  });

  it('does not quote the text if it is not valid YAML', () => {
    for (const tail of ['" x', ': y', '\n\t- z', '" : [', '\\q"']) {
      const lines = linesOf(`api_key: "sk-canary${tail}`);
      expect(lines.join('\n')).not.to.include('canary');
    }
  });

  it('refuses texts that would exhaust the memory or the stack', () => {
    const bomb = ['a: &a0 [x, x]', ...Array.from({ length: 40 }, (_, i) => `a${i}: &a${i + 1} [*a${i}, *a${i}]`)].join(
      '\n',
    );
    for (const text of ['['.repeat(2_000), bomb, 'a: &a [*a]', 'x'.repeat(2 ** 20 + 1)]) {
      expect(() => readYaml(text, 'f')).to.throw(ConfigError);
    }
  });

  it('gives the same configuration for the same text', () => {
    expect(load(smallest).models).to.deep.equal(load(smallest).models);
  });
});
