/** What commands print: safe for a terminal, and in JSON exact. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { plainLine, sayJson, sayJsonLine, sayLines } from '../../../src/cli/say.ts';
import { fitted } from '../../../src/cli/table.ts';

/** Colours, a title, a C1 introducer, directions, and what begins a line. */
const hostile = 'a\u001b[31m\u001b]0;t\u0007\u009b2J\u202eb\u2066c\u2028d\ne\rf';

/** What is printed. */
function printed(say: (output: { write(text: string): unknown }) => void): string {
  const texts: string[] = [];
  say({ write: (text) => texts.push(text) });
  return texts.join('');
}

describe('what commands print', () => {
  it('moves no cursor and begins no line of its own', () => {
    const text = printed((output) => sayLines([`model ${hostile}`, 'ok'], output));
    expect(text).to.equal('model a·[31m·]0;t··2J·b·c·d·e·f\nok\n');
    expect(fitted(hostile, 40)).to.equal(plainLine(hostile).padEnd(40));
  });

  it('leaves other writings as they are', () => {
    expect(plainLine('→ Modèle 模型 🦜 «x» עברית')).to.equal('→ Modèle 模型 🦜 «x» עברית');
  });

  it('is the same text in JSON, with nothing that moves a cursor', () => {
    for (const say of [sayJson, sayJsonLine]) {
      const text = printed((output) => say({ id: hostile }, output));
      expect(JSON.parse(text)).to.deep.equal({ id: hostile });
      expect(text.replaceAll('\n', '')).to.match(/^[\x20-\x7e]+$/);
    }
    expect(printed((output) => sayJsonLine({ id: 'a' }, output))).to.equal('{"id":"a"}\n');
  });

  it('goes out by one way, but for what is no text for people', () => {
    const others: Readonly<Record<string, string>> = {
      'closed-output.ts': 'that nothing can be printed',
      'completion.ts': 'a script',
      'import.ts': 'a file',
      'main.ts': 'before anything is loaded',
      'say.ts': 'the way',
      'serve.ts': "the gateway's own output",
      'top/top.ts': 'a screen of lines that are plain',
    };
    const folder = new URL('../../../src/cli/', import.meta.url);
    const writing = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
      return (
        name.endsWith('.ts') &&
        /\b(?:stdout|stderr|output|screen)\.write\(/.test(readFileSync(new URL(name, folder), 'utf8'))
      );
    });
    expect(writing.sort()).to.deep.equal(Object.keys(others).sort());
  });
});
