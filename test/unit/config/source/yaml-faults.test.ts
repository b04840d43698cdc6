/** A text that is no YAML is told of where the mistake begins, in words for who writes a configuration. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { ConfigError } from '../../../../src/config/source/faults.ts';
import { readYaml } from '../../../../src/config/source/read-yaml.ts';

function explained(...lines: readonly string[]): string[] {
  try {
    readYaml(`${lines.join('\n')}\n`, 'f.yaml');
  } catch (error) {
    return (error as ConfigError).explanation.split('\n');
  }
  return [];
}

describe('a text that is no YAML', () => {
  for (const quote of ['"', "'"]) {
    it(`has its fault where a quote opens that is never closed: ${quote}`, () => {
      const lines = ['server:', `  host: ${quote}127.0.0.1`, '  port: 8080', 'providers:', '  a: { type: openai }', ''];
      expect(explained(...lines)).to.deep.equal([
        'f.yaml:2:9: should be closed by another quote, got none',
        '  2 |   host: •••',
        '    |         ^',
      ]);
    });
  }

  it('says which two list items differ in their indentation', () => {
    const message = (...items: readonly string[]) => explained('models:', '  fast:', '    targets:', ...items)[0];
    const other = (line: number) => `should be indented like the list item in line ${line}, got another indentation`;
    expect(message('      - { model: a }', '     - { model: b }')).to.equal(`f.yaml:5:6: ${other(4)}`);
    expect(message('     - { model: a }', '      - { model: b }')).to.equal(`f.yaml:5:7: ${other(4)}`);
    expect(message('      - model: a', '        max_tokens: 1', '  - model: b')).to.equal(`f.yaml:6:3: ${other(4)}`);
  });

  it('says after which word a colon is missing, and shows it', () => {
    expect(explained('models:', '  solo', '  other: { targets: [] }')).to.deep.equal([
      'f.yaml:2:3: should be "key: value", got no colon after solo',
      '  2 |   solo',
      '    |   ^',
    ]);
    expect(explained('server:', '  port 8080', '  host: a').slice(0, 2)).to.deep.equal([
      'f.yaml:2:3: should be "key: value", got no colon after port',
      '  2 |   port 8080',
    ]);
  });

  it('shows no word that may be a secret', () => {
    for (const secret of ['Canary-4711', 'canary4711', 'port canary-canary', 'canarycanarycanarycanary', 'canary']) {
      const [fault = '', ...lines] = explained('server:', `  ${secret}`, '  host: a');
      expect(fault).to.match(
        /^f\.yaml:2:3: should be "key: value", got no colon after (?:the first word of this line|port)$/,
      );
      expect(lines.join()).not.to.match(/canary/i);
    }
  });
});
