/**
 * Every block of the README, as a reader pastes it: commands run in a shell beside a real gateway, programs run as they stand,
 * configurations load, queries parse. A block that nothing here runs is an error, so that a new one cannot be forgotten.
 */
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { lineWith } from '../../scripts/processes/line-with.ts';
import { temporaryFolder } from '../../scripts/processes/temporary-folder.ts';
import { commandScript } from '../../scripts/rig/checkout.ts';
import { firstScreen } from '../../src/cli/first-screen.ts';
import { demoConfigInput } from '../../src/config/demo.ts';
import { loadConfig } from '../../src/config/load.ts';
import { startMock } from '../../src/mock/server.ts';
import { Workplace } from '../helpers/command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');

interface Block {
  readonly language: string;
  readonly text: string;
}

const blocks: readonly Block[] = Array.from(
  readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm),
  ([, language = '', text = '']) => {
    return { language, text };
  },
);
const tried = new Set<Block>();

/** The only block of a language with this text in it, which counts as tried. */
function block(language: string, part: string): string {
  const found = blocks.filter((each) => each.language === language && each.text.includes(part));
  expect(found, `${language}: ${part}`).to.have.length(1);
  for (const each of found) tried.add(each);
  return found[0]?.text ?? '';
}

const run = promisify(execFile);

describe('the blocks of the README', () => {
  const place = new Workplace();
  let ports: { readonly port: number; readonly adminPort: number; readonly openaiPort: number };

  before(async () => {
    const child = place.start(['serve', '--demo', '--port', '0', '--admin-port', '0', '--workers', '2']);
    const lines = ['"openaiPort"', '"serving"'].map((part) => lineWith(child.stdout, part));
    const [first, second] = (await Promise.all(lines)).map((line) => JSON.parse(line));
    ports = { port: second.port, adminPort: second.adminPort, openaiPort: first.openaiPort };
  });
  after(() => place.leave());

  const atPorts = (text: string) =>
    text.replaceAll(':8080', `:${ports.port}`).replaceAll(':8001', `:${ports.openaiPort}`);

  /** In a shell in which `headgate` is the command, for the gateway at that admin port. */
  async function shell(script: string, adminPort: number, folder: string): Promise<string> {
    const command = `"${process.execPath}" "${commandScript(false)}"`;
    const asking = 'explain|circuit|reload|status|errors';
    const headgate = `headgate() { case $1 in ${asking}) ${command} "$@" --admin-port ${adminPort};; *) ${command} "$@";; esac; }`;
    const { stdout } = await run('bash', ['-e', '-c', `${headgate}\n${atPorts(script)}`], {
      cwd: folder,
      env: { PATH: process.env.PATH },
    });
    return stdout;
  }

  it('send requests, count them, and break and mend a provider', async () => {
    const answer = await shell(
      block('bash', 'chat/completions -H'.concat(' \'content-type: application/json\' \\\n  -d \'{"model":"gpt-4"')),
      ports.adminPort,
      place.folder,
    );
    expect(JSON.parse(answer)).to.have.nested.property('choices[0].message.role', 'assistant');
    expect(await shell(block('bash', '{1..5}'), ports.adminPort, place.folder)).to.match(
      /status="success",model="gpt-4"\} 6$/m,
    );
    expect(await shell(block('bash', '{1..8}'), ports.adminPort, place.folder)).to.include(
      'llm_circuit_state{provider="openai"} 1',
    );
    const mended = await shell(block('bash', 'headgate circuit reset'), ports.adminPort, place.folder);
    expect(mended)
      .to.include('left out: the circuit of openai/gpt-4 is open')
      .and.to.match(/closed/);
  });

  it('stream an answer through the SDK of Node', async () => {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', atPorts(block('js', 'OpenAI'))], {
      cwd: root,
    });
    expect(stdout).to.include('Hello');
  });

  it('are Python that compiles: real clients in Python have a test of their own', () => {
    const text = block('python', 'OpenAI');
    execFileSync('python3', ['-c', 'import sys, ast; ast.parse(sys.stdin.read())'], { input: text });
    expect(text).to.include('base_url="http://127.0.0.1:8080/v1"');
  });

  it('check and reload a configuration', async () => {
    const mock = await startMock({ dialect: 'openai', port: 0 });
    const providers = `providers: { one: { type: openai, base_url: "http://127.0.0.1:${mock.port}/v1" } }`;
    const models = 'models: { m: { targets: [{ provider: one, model: gpt-4 }] } }';
    const configured = new Workplace({
      'headgate.yaml': `server: { port: 0 }\nadmin: { port: 0 }\n${providers}\n${models}\n`,
    });
    try {
      const child = configured.start(['serve', '--workers', '1']);
      const { adminPort } = JSON.parse(await lineWith(child.stdout, '"serving"'));
      const said = await shell(block('bash', 'headgate check --live'), adminPort, configured.folder);
      expect(said)
        .to.include('one/gpt-4: answers')
        .and.to.match(/provider one +127\.0\.0\.1:\d+ answers/);
    } finally {
      await configured.leave();
      await mock.close();
    }
  });

  it('configure a gateway and Prometheus, and ask what Prometheus understands', () => {
    const { folder, remove } = temporaryFolder('readme-blocks');
    try {
      const file = path.join(folder, 'headgate.yaml');
      writeFileSync(file, block('yaml', 'providers:'));
      writeFileSync(path.join(folder, 'anthropic.key'), 'sk-ant-test\n');
      const environment = { OPENAI_API_KEY: 'sk-test' };
      expect(Object.keys(loadConfig({ source: { kind: 'file', path: file }, environment }).models)).to.have.length(2);
      const scrape = path.join(folder, 'prometheus.yml');
      writeFileSync(scrape, block('yaml', 'scrape_configs:'));
      execFileSync('promtool', ['check', 'config', scrape], { stdio: 'pipe' });
      const queries = block('promql', 'llm_requests_total')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'));
      const rules = queries.map((query, index) => ({ record: `readme:query${index}`, expr: query }));
      writeFileSync(path.join(folder, 'rules.yml'), JSON.stringify({ groups: [{ name: 'readme', rules }] }));
      execFileSync('promtool', ['check', 'rules', path.join(folder, 'rules.yml')], { stdio: 'pipe' });
      expect(queries).to.have.length(5);
    } finally {
      remove();
    }
  });

  it('show what is printed at the start', () => {
    const shown = block('', 'configured by demo').trimEnd().split('\n');
    const input = demoConfigInput({ openaiPort: 8001, anthropicPort: 8002 });
    const config = { ...loadConfig({ source: { kind: 'object', name: 'demo', input } }), workers: 2 };
    const demo = { openaiPort: 8001, anthropicPort: 8002 };
    const printed = firstScreen({ version: '0.1.0', source: 'demo', config, port: 8080, adminPort: 9464, demo });
    expect(printed.slice(0, shown.length)).to.deep.equal(shown);
  });

  it('are all tried', () => {
    // Those that install and test the checkout are what runs this test; the output of the outage has a test of its own.
    const elsewhere = ['npm ci && npm start', 'npm ci && npm test', 'x-headgate-attempts: openai=500'];
    const left = blocks.filter((each) => !tried.has(each) && !elsewhere.some((part) => each.text.includes(part)));
    expect(left).to.deep.equal([]);
  });
});
