import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { commandScript } from '../../../scripts/rig/checkout.ts';
import { providers } from '../../../src/providers/registry.ts';
import { Workplace } from '../../helpers/command.ts';
import { smallest } from '../../helpers/config-text.ts';

const types = providers.map(({ type }) => type).join(', ');

const bad = smallest.replace('type: openai', 'type: opnai');
const signed = smallest.replace('type: openai', 'type: bedrock, region: eu-central-1');
const closed = `admin: { port: 1 }\n${smallest}`;
const files = { 'closed.yaml': closed, 'good.yaml': smallest, 'bad.yaml': bad, 'signed.yaml': signed };

/** [what, arguments, exit code, all of stderr] */
const failures: readonly [string, readonly string[], number, string | RegExp][] = [
  [
    'a bad configuration',
    ['check', '--config', 'bad.yaml'],
    78,
    [
      `bad.yaml:3:18 providers.local.type: should be one of ${types}, got "opnai"; did you mean "openai"?`,
      '  3 |   local: { type: opnai, base_url: "http://127.0.0.1:8001/v1" }',
      '    |                  ^',
      'headgate: 1 fault in the configuration\n',
    ].join('\n'),
  ],
  [
    'a missing configuration',
    ['serve', '--config', 'no.yaml'],
    78,
    /^no\.yaml: should be a regular file of at most 1 MiB, got none: there is no such file \(looked for \/.+\/no\.yaml\)\n/,
  ],
  [
    'bad values of flags',
    ['serve', '--demo', '--port', '1e3', '--admin-port', '70000', '--workers', 'many', '--host', '0.0.0.0'],
    78,
    [
      '--workers workers: should be auto or a whole number from 1 to 256, got "many"',
      '--port server.port: should be a port from 0 to 65535, got "1e3"',
      '--admin-port admin.port: should be a port from 0 to 65535, got 70000',
      '--host server.host: should be a loopback address while server.keys is empty and server.open is not true, got "0.0.0.0"',
      'headgate: 4 faults in the configuration\n',
    ].join('\n'),
  ],
  [
    'a bad port of the fake provider',
    ['mock', '--port', 'x'],
    78,
    /^--port: should be a port from 0 to 65535, got "x"\n/,
  ],
  [
    'an unknown dialect of the fake provider',
    ['mock', '--dialect', 'x'],
    78,
    /^--dialect: should be one of openai, anthropic, bedrock, gemini, got "x"\n/,
  ],
  ['an unknown command', ['chekc'], 1, /^error: unknown command 'chekc'\n\(Did you mean check\?\)\n/],
  ['an unknown flag', ['check', '--colour'], 1, /^error: unknown option '--colour'\n/],
];

describe('the headgate command', () => {
  let place: Workplace;

  beforeEach(() => {
    place = new Workplace(files);
  });
  afterEach(() => place.leave());

  it('serves where no other is named', async () => {
    const { code, stderr } = await place.run(['--config', 'bad.yaml']);
    expect([code, stderr.split(' ')[0]]).to.deep.equal([78, 'bad.yaml:3:18']);
    expect((await place.run(['--help'])).stdout).to.match(/^Usage: headgate /);
  });

  it('ends quietly when nobody reads its output any more', async () => {
    const command = `"${process.execPath}" "${commandScript(false)}" schema | head -1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command]);
    expect([stdout, stderr]).to.deep.equal(['{\n0\n', '']);
  });

  for (const [what, given, code, stderr] of failures) {
    it(`ends with ${code} for ${what}, without a stack trace`, async () => {
      const outcome = await place.run(given);
      if (typeof stderr === 'string') expect(outcome.stderr).to.equal(stderr);
      else expect(outcome.stderr).to.match(stderr);
      expect(outcome.stderr).not.to.match(/^ {4}at /m);
      expect(outcome.code).to.equal(code);
    });
  }

  /** [what, arguments, exit code, message, problems] */
  const told: readonly [string, readonly string[], number, RegExp, RegExp | null][] = [
    [
      'no gateway',
      ['status', '--json', '--config', 'closed.yaml'],
      1,
      /^nothing answers at .*: is headgate running/,
      null,
    ],
    ['an unknown model', ['price', 'nope', '--json', '--config', 'good.yaml'], 1, /^no model nope is configured/, null],
    [
      'a bad configuration',
      ['models', '--json', 'x', '--config', 'bad.yaml'],
      78,
      /^1 fault in the configuration$/,
      /^bad\.yaml:3:18 providers\.local\.type: should be one of .*; did you mean "openai"\?$/,
    ],
    ['an unknown flag', ['status', '--json', '--colour'], 1, /^error: unknown option '--colour'$/, null],
  ];
  for (const [what, given, code, message, problem] of told) {
    it(`tells programs of ${what} in JSON, with the same exit code`, async () => {
      const outcome = await place.run(given);
      const { error } = JSON.parse(outcome.stdout);
      expect([outcome.code, error.exitCode]).to.deep.equal([code, code]);
      expect(error.message).to.match(message);
      expect(error.problems).to.have.length(problem === null ? 0 : 1);
      if (problem !== null) expect(error.problems[0]).to.match(problem);
      expect(outcome.stderr).to.not.equal('');
    });
  }

  it('prints one document of JSON where a command that has answered fails', async () => {
    const { code, stdout } = await place.run(['check', '--json', '--config', 'bad.yaml']);
    expect([code, JSON.parse(stdout).valid]).to.deep.equal([78, false]);
  });

  it('prints a summary of a good configuration', async () => {
    const { code, stdout } = await place.run(['check', '--config', 'good.yaml']);
    expect(stdout).to.match(/^good\.yaml is valid\n/);
    expect(stdout).to.include(`state      ${place.folder}/.headgate`);
    expect(stdout).to.include('provider   local: openai at http://127.0.0.1:8001/v1, without a key');
    expect(stdout).to.include('model      gpt-4 → local/gpt-4');
    expect(code).to.equal(0);
  });

  it('says in it whose credentials are fetched', async () => {
    const { stdout } = await place.run(['check', '--config', 'signed.yaml']);
    expect(stdout).to.include('local: bedrock at http://127.0.0.1:8001/v1, with credentials that are fetched');
  });

  it('shows in it the levels of balanced targets, and aliases', async () => {
    const [one, two, three] = ['one', 'two', 'three'].map((model) => `{ provider: local, model: ${model} }`);
    const targets = `[${one}, ${two}, [${three}]]`;
    place.write('levels.yaml', `${smallest}\n  fast: { aliases: [quick], balance: load, targets: ${targets} }\n`);
    const { stdout } = await place.run(['check', '--config', 'levels.yaml']);
    expect(stdout).to.include('model      fast, quick → local/one | local/two, local/three (by load)');
  });

  it('warns of a state_dir that cannot be written, with the code', async function () {
    if (process.platform !== 'linux') this.skip();
    place.write('proc.yaml', `state_dir: /proc/headgate\n${smallest}`);
    const { code, stderr } = await place.run(['check', '--config', 'proc.yaml']);
    expect(stderr).to.match(
      /^headgate: warning: proc\.yaml:1:12 state_dir cannot be written by this user \((?:ENOENT|EACCES)\): /,
    );
    expect(code).to.equal(0);
  });

  it("warns of a state_dir that is another user's, whatever else is right", async function () {
    if (process.getuid?.() !== 0) this.skip();
    place.write('foreign.yaml', `state_dir: foreign\n${smallest}`);
    mkdirSync(join(place.folder, 'foreign'));
    chownSync(join(place.folder, 'foreign'), 65534, 65534);
    const { code, stderr } = await place.run(['check', '--config', 'foreign.yaml']);
    expect(stderr).to.match(/^headgate: warning: foreign\.yaml:1:12 \S+\/foreign belongs to another user\. /);
    expect(code).to.equal(0);
  });

  it('uses the singular for one key and one worker', async () => {
    place.write('one.yaml', `server: { keys: [a] }\nworkers: 1\n${smallest}`);
    const { stdout } = await place.run(['check', '--config', 'one.yaml']);
    expect(stdout).to.include('http://127.0.0.1:8080, 1 worker, 1 key\n');
  });

  it('says what the keys of the environment make', async () => {
    const withKey = new Workplace({}, { OPENAI_API_KEY: 'sk-test' });
    const { stdout } = await withKey.run(['check']);
    await withKey.leave();
    expect(stdout).to.match(/^the configuration of API keys in the environment is valid\n/);
  });

  it('prints the JSON Schema', async () => {
    const { code, stdout } = await place.run(['schema']);
    expect(JSON.parse(stdout)).to.include({ type: 'object', additionalProperties: false });
    expect(code).to.equal(0);
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(await place.run(['--version'])).to.deep.equal({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('reports in one line that Node is too old', async () => {
    const older = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } })';
    const { code, stderr } = await place.run(['check'], ['--import', `data:text/javascript,${older}`]);
    expect(stderr).to.match(/^headgate needs Node 24\.21 or newer, and this is 20\.20\.2: .*\n$/);
    expect(code).to.equal(1);
  });

  it('imports nothing before it has checked the version of Node', () => {
    const source = readFileSync(new URL('../../../src/cli/main.ts', import.meta.url), 'utf8');
    expect(source).to.match(/^#!\/usr\/bin\/env node\n/);
    expect(source).not.to.match(/^\s*(?:import|export) [^(]/m);
  });
});
