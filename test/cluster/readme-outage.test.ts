/**
 * The outage that the README shows, as a reader runs it: its own commands in a shell, at a demo that has just started.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { lineWith } from '../../scripts/processes/line-with.ts';
import { Workplace } from '../helpers/command.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const blocks = Array.from(readme.matchAll(/^```(?:bash)?\n([\s\S]*?)^```$/gm), ([, text = '']) => text);

/** The only block with all of these. */
function blockWith(...parts: readonly string[]): string {
  const found = blocks.filter((text) => parts.every((part) => text.includes(part)));
  expect(found, parts.join()).to.have.length(1);
  return found.join('');
}

/** Of each answer, the targets in their order; times differ in each run. */
function attemptsIn(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith('x-headgate-attempts: '));
  return lines.map((line) => line.replaceAll(/\(\d+ms\)/g, ''));
}

/** The last request that fails may be retried before the circuit is known to be open, or after. */
function withoutRetry(line: string, index: number): string {
  return index === LAST_FAILURE ? line.replace('openai=500, openai=500', 'openai=500') : line;
}

const LAST_FAILURE = 5;

describe('the outage in the README', () => {
  const place = new Workplace();
  after(() => place.leave());

  it('goes as it is shown', async () => {
    const child = place.start(['serve', '--demo', '--port', '0', '--admin-port', '0', '--workers', '2']);
    const lines = ['"openaiPort"', '"serving"'].map((part) => lineWith(child.stdout, part));
    const [{ openaiPort }, { port }] = (await Promise.all(lines)).map((line) => JSON.parse(line));
    const first = blockWith('curl http://127.0.0.1:8080/v1/chat/completions', '"Hello"');
    const five = blockWith('{1..5}', '/v1/chat/completions');
    const outage = blockWith('{1..8}', '/_mock/fault');
    const script = [first, five, outage]
      .join('\n')
      .replaceAll(':8080', `:${port}`)
      .replaceAll(':8001', `:${openaiPort}`);
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { env: { PATH: process.env.PATH } });
    const shown = blockWith('x-headgate-attempts: anthropic=200');
    expect(attemptsIn(shown)).to.have.length(8);
    expect(attemptsIn(stdout).map(withoutRetry)).to.deep.equal(attemptsIn(shown));
    const metrics = shown.split('\n').filter((line) => /^llm_(?:failover|circuit)/.test(line));
    expect(metrics).to.have.length(2);
    expect(stdout.split('\n')).to.include.members(metrics);
  });
});
