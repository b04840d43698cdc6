/**
 * The pages in deploy/ name what exists: every command with its options, every key of the configuration, and every
 * heading that a link leads to. What they say in words is not tried here.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Command } from 'commander';
import { describe, it } from 'mocha';
import { root } from '../scripts/rig/checkout.ts';
import { createProgram } from '../src/cli/program.ts';
import { knownKeys } from '../src/config/schema/json-schema.ts';

const folder = path.join(root, 'deploy');
const pages = readdirSync(folder)
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(path.join(folder, name), 'utf8') }));

/** Code in a line, and the lines of blocks of commands. */
function codeOf(text: string): string[] {
  const blocks = Array.from(text.matchAll(/^```bash\n([\s\S]*?)^```/gm), ([, block = '']) => block.split('\n')).flat();
  const inLine = text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g);
  return [...blocks, ...Array.from(inLine, ([, code = '']) => code)];
}

/** What is wrong with a use of the command line: a command or an option that does not exist. */
function faultsOf(line: string): string[] {
  const [, use] = /^headgate ([^#|]*)/.exec(line) ?? [];
  if (use === undefined) return [];
  const words = use.split(/[\s;]+/).filter((word) => word !== '');
  const flags = words.flatMap((word) => /^--[a-z-]+/.exec(word)?.[0] ?? []);
  const command = leadTo(createProgram(), words);
  if (command === null) return [line];
  const options = ['--help', ...command.options.map(({ long }) => long)];
  return flags.filter((flag) => !options.includes(flag)).map((flag) => `${line}: ${flag}`);
}

/** The command that words begin with, through those that have commands of their own. */
function leadTo(program: Command, words: readonly string[]): Command | null {
  const [first, ...rest] = words;
  const found = program.commands.find((command) => command.name() === first);
  if (found === undefined) return null;
  return found.commands.length === 0 ? found : leadTo(found, rest);
}

/** GitHub's anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

describe('the pages for operators', () => {
  for (const { name, text } of pages) {
    it(`name commands and options that exist: ${name}`, () => {
      expect(codeOf(text).flatMap(faultsOf)).to.deep.equal([]);
    });

    it(`name keys of the configuration that exist: ${name}`, () => {
      const named = codeOf(text).filter((code) => /^[a-z_]+(?:\.[a-z_]+)+$/.test(code));
      const own = named.map((code) => code.split('.')).filter(([block = '']) => knownKeys([]).includes(block));
      const unknown = own.filter((keys) => keys.some((key, at) => !knownKeys(keys.slice(0, at)).includes(key)));
      expect(unknown.map((keys) => keys.join('.'))).to.deep.equal([]);
    });

    it(`link to headings that exist: ${name}`, () => {
      const links = Array.from(text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g));
      const dangling = links.filter(([, file = '', anchor = '']) => {
        const target = readFileSync(path.join(folder, file === '' ? name : file), 'utf8');
        return !Array.from(target.matchAll(/^#+ (.+)$/gm), ([, heading = '']) => anchorOf(heading)).includes(anchor);
      });
      expect(dangling.map(([link]) => link)).to.deep.equal([]);
    });
  }

  it('are read by a reader that finds what does not exist', () => {
    expect(faultsOf('headgate chekc')).to.have.length(1);
    expect(faultsOf('headgate circuit rest openai')).to.have.length(1);
    expect(faultsOf('headgate errors --folow')).to.have.length(1);
    expect(faultsOf('headgate spend --by day,model --since 7d')).to.deep.equal([]);
  });
});
