/** Faults as people read them: each with its line in the source, and no secret in it. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { hiddenPaths, secretPaths } from '../../../../src/config/schema/secret-paths.ts';
import type { ConfigError } from '../../../../src/config/source/faults.ts';
import { errorOf, smallest } from '../../../helpers/config-text.ts';
import { withSecret } from '../../../helpers/config-with-secret.ts';

/** What is printed for a text, without the lines of the faults themselves. */
function excerpts(text: string): string[] {
  return linesOf(errorOf(text)).filter((line) => /^ +\d* +\|/.test(line));
}

function linesOf(error: ConfigError | null): string[] {
  return error === null ? [] : error.explanation.split('\n');
}

const provider = (block: string) => `
providers:
  local: { type: openai, base_url: "http://127.0.0.1:8001/v1" }
  one:
${block}
models:
  gpt-4: { targets: [{ provider: local, model: gpt-4 }] }
`;

describe('a fault', () => {
  it('is followed by its line, with a caret under its column', () => {
    expect(linesOf(errorOf(`server: { port: 808000 }\n${smallest}`))).to.deep.equal([
      'headgate.yaml:1:17 server.port: should be a port from 0 to 65535, got 808000',
      '  1 | server: { port: 808000 }',
      '    |                 ^',
    ]);
    expect(excerpts(smallest.replace('type: openai', 'type: opnai'))).to.deep.equal([
      '  3 |   local: { type: opnai, base_url: "http://127.0.0.1:8001/v1" }',
      '    |                  ^',
    ]);
  });

  it('keeps the message that logs and programs have, which is one line', () => {
    const error = errorOf(`server: { port: 808000 }\n${smallest}`);
    expect(error?.message.split('\n')).to.have.length(1);
  });

  it('is pointed at behind tabs, wide characters and marks', () => {
    for (const [name, width] of [
      ['名前', 4],
      ['é', 1],
      ['e\u0301', 1],
      ['👩‍👩‍👧', 2],
      ['\u200b', 0],
    ] as const) {
      const rest = 'providers: { p: { type: vllm } }, models: { m: { targets: [{ provider: p, model: m }] } } }';
      const [line = '', caret] = excerpts(`{ state_dir: "${name}", workers: -1, ${rest}`);
      expect(line).to.match(new RegExp(`^ {2}1 \\| \\{ state_dir: "${name}", workers: -1, providers`));
      expect(caret, name).to.equal(`    | ${' '.repeat('{ state_dir: "", workers: '.length + width)}^`);
    }
    const [line, caret] = excerpts(`server: {\tport:\t808000 }\n${smallest}`);
    expect([line, caret]).to.deep.equal(['  1 | server: {  port:  808000 }', `    | ${' '.repeat(18)}^`]);
  });

  it('shows nothing that moves the cursor or turns the text', () => {
    const shown = excerpts(`log: { level: "a\u202e\\u001b" }\n${smallest}`);
    expect(shown[0]).to.equal('  1 | log: { level: "a·\\u001b" }');
  });

  it('has a part of a long line only, with its column in it', () => {
    const many = Array.from({ length: 300 }, (_, index) => `m${index}`).join(', ');
    const [line = '', caret = ''] = excerpts(
      `server: { cors: [${many}, "https://ok.example", WRONG] }\n${smallest}`,
    ).slice(-2);
    expect(line.length).to.be.below(120);
    expect(line).to.match(/\| ….*WRONG\] \}$/);
    expect(line.slice(caret.indexOf('^'))).to.match(/^WRONG/);
    const [first = ''] = excerpts(`server: { port: 808000, cors: [${many}] }\n${smallest}`);
    expect(first).to.match(/^ {2}1 \| server: \{ port: 808000, cors: .*…$/);
  });

  it('has no line where it comes from a flag, or where the file is too large to be one', () => {
    const overrides = [{ flag: '--port', path: ['server', 'port'], value: 'x' }];
    expect(linesOf(errorOf(smallest, { overrides }))).to.have.length(1);
    expect(linesOf(errorOf(' '.repeat(2 ** 20 + 1)))).to.have.length(1);
  });
});

describe('the line of a fault', () => {
  it('masks a secret beside the fault, and what stands under a key that is not known', () => {
    expect(
      excerpts(provider('    { type: opnai, api_key: canary, api_kee: canary, headers: { x-a: canary } }'))[0],
    ).to.equal('  5 |     { type: opnai, api_key: •••, api_kee: •••, headers: { x-a: ••• } }');
    expect(excerpts(provider('    type: openai\n    api_kye: "canary"'))).to.include('  6 |     api_kye: •••');
  });

  it('shows what is no secret under a key that is not known: a short number, a duration, a switch', () => {
    const line = 'server: { prot: 8080, tiem: 30s, onn: true, nix: null, pni: 123456, kee: on3 }';
    expect(excerpts(`${line}\n${smallest}`)[0]).to.equal(
      '  1 | server: { prot: 8080, tiem: 30s, onn: true, nix: null, pni: •••, kee: ••• }',
    );
    expect(excerpts(provider('    { type: opnai, api_key: 8080, headers: { x-a: 8080 } }'))[0]).not.to.include('8080');
  });

  it('shows a reference as it is written, but not its default', () => {
    expect(excerpts(provider(`    { type: opnai, api_key: "\${KEY}", nonsense: "\${OTHER:-canary}" }`))[0]).to.equal(
      `  5 |     { type: opnai, api_key: "\${KEY}", nonsense: ••• }`,
    );
  });

  it('masks what stands in the place of a mapping or a list', () => {
    for (const [key, wrong] of [
      ...['api_keys', 'headers', 'tls', 'timeouts'].flatMap((name) => [
        [name, 'canary'] as const,
        [name, '[canary]'] as const,
      ]),
      ['api_keys', '{ canary: 1 }'] as const,
    ]) {
      const shown = excerpts(provider(`    { type: opnai, base_url: "http://h", ${key}: ${wrong} }`));
      expect(shown.join('\n'), `${key}: ${wrong}`).to.contain('opnai').and.not.to.contain('canary');
    }
    expect(excerpts(`server: canary\n${smallest}`)[0]).to.equal('  1 | server: •••');
  });

  it('masks an address with credentials, comments, anchors and aliases', () => {
    const line = `    { type: openai, base_url: "http://u:canary@h/v1", api_key: &canary x } # canary`;
    expect(excerpts(provider(line))[0]).to.match(/^ {2}5 \| {5}\{ type: openai, base_url: •••, api_key: (?:••• )?•••/);
    expect(excerpts(provider(line)).join('\n')).not.to.contain('canary');
  });

  it('of a text that is no YAML shows the first key alone, if it is a known one', () => {
    expect(excerpts(provider('    type: openai\n    api_key: "canary\n'))).to.satisfy(
      (lines: string[]) => lines.length === 2 && !lines.join('').includes('canary'),
    );
    expect(excerpts(provider('    type: a: canary'))).to.deep.equal(['  5 |     type: •••', '    |           ^']);
    expect(excerpts(provider('\tcanary: 1'))[0]).to.not.contain('canary');
  });

  for (const path of [...secretPaths, ...hiddenPaths]) {
    it(`never shows the secret ${path.join('.')}, whatever stands there`, () => {
      for (const wrong of ['canary canary', 4_711_471_147, { canary: 'canary' }, ['canary']]) {
        const { input } = withSecret(path, wrong);
        const shown = excerpts(JSON.stringify({ nonsense: 1, ...input }).replaceAll('},', '},\n')).join('\n');
        const withoutHeader = shown.replaceAll(/"headers": ?\{"canary"/g, '');
        expect(shown, 'it has some lines').not.to.equal('');
        expect(withoutHeader).not.to.match(/canary|4711/);
      }
    });
  }

  it('never shows a secret after one character has been added or left out', () => {
    const text = `server:
  port: 808000
  keys:
    - canary
admin:
  token: canary
providers:
  local:
    type: openai
    base_url: http://127.0.0.1:8001/v1
    api_key: canary
    proxy: http://user:canary@h:1
    headers:
      x-one: canary
  two:
    type: openai
    base_url: http://u:canary@127.0.0.1:8001/v1
    api_keys:
      - name: a
        key: canary
models:
  gpt-4:
    targets:
      - provider: local
        model: gpt-4
`;
    const added = fc.constantFrom(
      '',
      ':',
      ' ',
      '\n',
      '#',
      '-',
      '"',
      "'",
      '{',
      '[',
      ']',
      '}',
      ',',
      '&',
      '*',
      '|',
      '\t',
      'x',
    );
    fc.assert(
      fc.property(fc.nat(text.length), added, fc.boolean(), (at, character, leavesOut) => {
        const broken = text.slice(0, at) + character + text.slice(at + (leavesOut ? 1 : 0));
        expect(excerpts(broken).join('\n')).not.to.contain('canary');
      }),
      { numRuns: 400 },
    );
  });
});
