/** Colour on a real terminal, as the environment asks for it: the rules of https://no-color.org and of TERM. */
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { paintFor } from '../../../src/cli/colour.ts';

const source = new URL('../../../src/cli/colour.ts', import.meta.url).href;
const asked = `const { paintFor, takesCodes } = await import(${JSON.stringify(source)});
process.stdout.write(JSON.stringify([paintFor(process.stdout.isTTY === true)("bad", "x"), takesCodes()]));`;

/** What a process says on a terminal of its own: a text that is bad, and whether codes are sent. */
function onTerminal(environment: Readonly<Record<string, string>>): unknown {
  const command = `"${process.execPath}" --no-warnings --input-type=module -e '${asked}'`;
  const said = execFileSync('script', ['-qec', command, '/dev/null'], {
    env: { PATH: process.env.PATH, SHELL: '/bin/sh', ...environment },
    encoding: 'utf8',
  });
  return JSON.parse(said.trim());
}

const red = '\u001b[31mx\u001b[39m';

describe('colour on a terminal', () => {
  for (const [environment, text, codes] of [
    [{ TERM: 'xterm' }, red, true],
    [{ TERM: 'xterm', NO_COLOR: '1' }, 'x', true],
    [{ TERM: 'xterm', NO_COLOR: '0', FORCE_COLOR: '1' }, 'x', true],
    [{ TERM: 'dumb' }, 'x', false],
    [{ TERM: 'dumb', FORCE_COLOR: '1' }, red, false],
    [{}, 'x', true],
  ] as const) {
    it(`is ${text === red ? 'there' : 'left out'} with ${JSON.stringify(environment)}`, () => {
      expect(onTerminal(environment)).to.deep.equal([text, codes]);
    });
  }

  it('is left out where the output is no terminal', () => expect(paintFor(false)('bad', 'x')).to.equal('x'));
});
