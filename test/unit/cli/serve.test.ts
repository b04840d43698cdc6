import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { freePort } from '../../../scripts/processes/free-port.ts';
import { lineWith } from '../../../scripts/processes/line-with.ts';
import { Workplace } from '../../helpers/command.ts';
import { smallest } from '../../helpers/config-text.ts';

describe('headgate serve --demo', () => {
  const place = new Workplace();
  let dataPort = 0;
  let log = '';
  let admin: readonly string[] = [];

  before(async () => {
    const child = place.start(['serve', '--demo', '--port', '0', '--admin-port', '0', '--workers', '1']);
    child.stdout.on('data', (chunk) => {
      log += chunk;
    });
    const serving = JSON.parse(await lineWith(child.stdout, '"serving"'));
    dataPort = serving.port;
    admin = ['--admin-port', String(serving.adminPort)];
  });
  after(() => place.leave());

  it('answers a request without any key', async () => {
    const response = await fetch(`http://127.0.0.1:${dataPort}/v1/chat/completions`, {
      method: 'POST',
      // Otherwise the gateway waits at its end for the open connection.
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    expect(response.status).to.equal(200);
    expect(response.headers.get('x-headgate-demo')).to.equal('1');
  });

  it('warns of nothing', () => {
    expect(log).to.contain('"level":30').and.not.contain('"level":40');
  });

  it('shows its status as text and as JSON', async () => {
    const [text, json] = await Promise.all([
      place.run(['status', ...admin]),
      place.run(['status', '--json', ...admin]),
    ]);
    expect(text.stdout)
      .to.match(/^Well\.\n\nheadgate \d.*\n\nworker +pid +state/)
      .and.to.match(/^anthropic +closed +0$/m);
    expect(JSON.parse(json.stdout).workers).to.have.length(1);
  });

  it('explains a model', async () => {
    const { stdout, code } = await place.run(['explain', 'gpt-4', ...admin]);
    expect(stdout).to.match(/^a request for gpt-4 now takes:\n {2}1\. {2}openai\/gpt-4 /);
    expect(code).to.equal(0);
  });

  it('reloads', async () => {
    const { stdout, code } = await place.run(['reload', ...admin]);
    expect(stdout).to.match(/^reloaded: version \d+ of the configuration is now in use\n {2}nothing has changed\n$/);
    expect(code).to.equal(0);
  });

  it('resets the circuit of a known provider and refuses an unknown one', async () => {
    const [known, unknown] = await Promise.all([
      place.run(['circuit', 'reset', 'openai', ...admin]),
      place.run(['circuit', 'reset', 'nobody', ...admin]),
    ]);
    expect(known).to.include({
      code: 0,
      stdout: 'the circuit of openai is closed, and its cooldowns have ended\n',
    });
    expect(unknown).to.include({
      code: 1,
      stderr: 'headgate: no provider is named "nobody"; there are openai, anthropic\n',
    });
  });

  it('replaces its workers', async () => {
    expect(await place.run(['restart', ...admin])).to.include({ code: 0, stdout: 'all workers have been replaced\n' });
  });

  it('answers as JSON where that is asked for', async () => {
    const json = async (...command: string[]) => JSON.parse((await place.run([...command, '--json', ...admin])).stdout);
    expect(await json('reload'))
      .to.have.property('version')
      .that.is.a('number');
    expect(await json('circuit', 'reset', 'openai')).to.deep.equal({ reset: 'openai' });
    expect(await json('restart')).to.deep.equal({ replaced: 'workers' });
  });

  it('ends with 69 if its ports are taken', async () => {
    const [data, control] = await Promise.all([
      place.run(['serve', '--demo', '--port', String(dataPort), '--admin-port', '0']),
      place.run(['serve', '--demo', '--port', '0', ...admin]),
    ]);
    expect(data.stderr).to.match(/^headgate: another headgate serves on 127\.0\.0\.1:\d+: .*\n$/);
    expect(control.stderr).to.match(/^headgate: 127\.0\.0\.1:\d+ is taken by another program: .*\n$/);
    expect([data.code, control.code]).to.deep.equal([69, 69]);
  });
});

describe('headgate serve with a file', () => {
  const port = 'server: { port: 0 }\nadmin: { port: 0 }\nworkers: 1';
  const place = new Workplace({ 'headgate.yaml': port + smallest });
  after(() => place.leave());

  it('reads the file again on reload, and reload prints its faults', async () => {
    const child = place.start(['serve']);
    const { adminPort } = JSON.parse(await lineWith(child.stdout, '"serving"'));
    const admin = ['--admin-port', String(adminPort)];
    place.write('headgate.yaml', port + smallest.replace('provider: local', 'provider: locl'));
    expect(await place.run(['reload', ...admin])).to.deep.equal({
      code: 78,
      stdout: '',
      stderr:
        'headgate: refused, and nothing has changed:\nheadgate.yaml:7:34 models.gpt-4.targets[0].provider: should be one of the providers "local", got "locl"; did you mean "local"?\n  7 |   gpt-4: { targets: [{ provider: locl, model: gpt-4 }] }\n    |                                  ^\n',
    });
    const verdict = async () => JSON.parse((await place.run(['status', '--json', ...admin])).stdout).verdict.findings;
    expect((await verdict()).map(({ alert }: { alert: string }) => alert)).to.deep.equal(['HeadgateConfigRefused']);
    place.write('headgate.yaml', port.replace('workers: 1', 'workers: 2') + smallest);
    const refused = await place.run(['reload', ...admin]);
    expect(refused.stderr)
      .to.include('needs a restart (`headgate restart --all`, or ')
      .and.include('): workers changed');
    place.write('headgate.yaml', port + smallest.replaceAll('gpt-4', 'gpt-5'));
    expect(await place.run(['reload', ...admin])).to.include({ code: 0 });
    expect(await verdict()).to.deep.equal([]);
    expect((await place.run(['explain', 'gpt-5', ...admin])).stdout).to.include('1.  local/gpt-5');
  });
});

describe('headgate serve with a file in which something may not be meant', () => {
  const ports = 'server: { port: 0 }\nadmin: { port: 0 }\nworkers: 2\n';
  const text = `${ports}${smallest.replace('/v1"', '"')}`;
  const place = new Workplace({ 'headgate.yaml': text });
  after(() => place.leave());

  it('logs each warning with its place, once for each configuration that it loads', async () => {
    const child = place.start(['serve']);
    let log = '';
    child.stdout.on('data', (chunk) => {
      log += chunk;
    });
    const warnings = () => log.split('\n').filter((line) => line.includes('"level":40'));
    const { adminPort } = JSON.parse(await lineWith(child.stdout, '"serving"'));
    expect(warnings()).to.have.lengthOf(1);
    expect(JSON.parse(warnings()[0] ?? '').msg).to.match(
      /^headgate\.yaml:6:\d+ providers\.local\.base_url has no path/,
    );
    place.write('headgate.yaml', text.replaceAll('gpt-4', 'gpt-5'));
    const reloaded = lineWith(child.stdout, 'headgate.yaml:6:');
    expect(await place.run(['reload', '--admin-port', String(adminPort)])).to.include({ code: 0 });
    await reloaded;
    expect(warnings()).to.have.lengthOf(2);
  });
});

describe('headgate serve without a file', () => {
  const place = new Workplace({}, { OPENAI_API_KEY: 'short' });
  after(() => place.leave());

  it('warns of nothing in the environment', async () => {
    const child = place.start(['serve', '--port', '0', '--admin-port', '0', '--workers', '1']);
    let log = '';
    child.stdout.on('data', (chunk) => {
      log += chunk;
    });
    await lineWith(child.stdout, '"serving"');
    expect(log).not.to.contain('"level":40');
  });
});

describe('headgate restart --all', () => {
  const text = `server: { port: 0 }\nadmin: { port: 0 }\nworkers: 1${smallest}`;
  const place = new Workplace({ 'headgate.yaml': text });
  after(() => place.leave());

  it('ends nothing if the next primary could not load the configuration', async () => {
    const child = place.start(['serve']);
    const { adminPort } = JSON.parse(await lineWith(child.stdout, '"serving"'));
    const command = ['restart', '--all', '--admin-port', String(adminPort)];
    place.write('headgate.yaml', text.replace('provider: local', 'provider: locl'));
    const invalid = await place.run(command);
    expect(invalid.stderr).to.match(
      /^headgate: refused, and nothing has changed:\nheadgate\.yaml:7:34 models\.gpt-4\./,
    );
    rmSync(join(place.folder, 'headgate.yaml'));
    const missing = await place.run(command);
    expect(missing.stderr).to.match(/^headgate: refused, and nothing has changed:\nheadgate\.yaml: /);
    expect([invalid, missing].map(({ code, stdout }) => [code, stdout])).to.deep.equal([
      [78, ''],
      [78, ''],
    ]);
    const { stdout } = await place.run(['status', '--json', '--admin-port', String(adminPort)]);
    expect(JSON.parse(stdout).primary.pid).to.equal(child.pid);
  });
});

describe('headgate serve with an admin token', () => {
  const text = `server: { port: 0 }\nadmin: { port: 0, token: "\${HEADGATE_ADMIN_TOKEN:-}" }\nworkers: 1${smallest}`;
  const place = new Workplace({ 'headgate.yaml': text }, { HEADGATE_ADMIN_TOKEN: 'right' });
  const without = new Workplace({ 'headgate.yaml': text });
  const other = new Workplace({ 'headgate.yaml': text }, { HEADGATE_ADMIN_TOKEN: 'wrong' });
  after(() => Promise.all([place.leave(), without.leave(), other.leave()]));

  it('answers commands with the token, and others get an error that names the variable', async () => {
    const child = place.start(['serve']);
    const { adminPort } = JSON.parse(await lineWith(child.stdout, '"serving"'));
    const given = ['status', '--admin-port', String(adminPort)];
    const [right, none, wrong] = await Promise.all([place.run(given), without.run(given), other.run(given)]);
    expect(right.code).to.equal(0);
    expect(none.stderr)
      .to.include('requires an admin token, and headgate.yaml gives none: ')
      .and.include('ADMIN_TOKEN');
    expect(wrong.stderr).to.include('requires another admin token than headgate.yaml gives: ');
    expect([none.code, wrong.code]).to.deep.equal([1, 1]);
  });
});

describe('a command without a running gateway', () => {
  const place = new Workplace();
  after(() => place.leave());

  it('prints the reason in one line', async () => {
    // The command also asks the data port, and another gateway of this machine may have the default one.
    place.write('headgate.yaml', `server: { port: ${await freePort()} }\n${smallest}`);
    const port = await freePort();
    const { code, stderr } = await place.run(['status', '--admin-port', String(port)]);
    expect(stderr).to.equal(`headgate: nothing answers at http://127.0.0.1:${port}: is headgate running?\n`);
    expect(code).to.equal(1);
  });
});

describe('a command in a folder without a configuration', () => {
  const place = new Workplace();
  after(() => place.leave());

  it('says that it only guesses the port', async () => {
    // Another gateway of this machine may have the port of the demo; then nothing is to be said.
    const taken = await fetch('http://127.0.0.1:9464/livez').then(
      () => true,
      () => false,
    );
    const { stderr } = await place.run(['status']);
    const guessed = `(no headgate.yaml in ${place.folder}, so the demo's port; use --config or --admin-port)`;
    expect(stderr.includes(`nothing answers at http://127.0.0.1:9464 ${guessed}`)).to.equal(!taken);
  });
});

describe('the fake provider', () => {
  const place = new Workplace();
  after(() => place.leave());

  it('answers until a signal stops it', async () => {
    const child = place.start(['mock', '--port', '0', '--dialect', 'anthropic']);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const line = await lineWith(child.stdout, 'fake anthropic on http://127.0.0.1:');
    const stats = await fetch(`${line.slice(line.indexOf('http'))}/_mock/stats`);
    expect(stats.status).to.equal(200);
    const port = line.slice(line.lastIndexOf(':') + 1);
    const second = await place.run(['mock', '--port', port]);
    expect(second.stderr).to.match(/^headgate: 127\.0\.0\.1:\d+ is taken by .*: stop it, or choose another --port\n$/);
    expect(second.code).to.equal(69);
    child.kill('SIGTERM');
    expect(await ended).to.equal(0);
  });
});

describe('headgate serve without a configuration', () => {
  const place = new Workplace({}, { AWS_BEARER_TOKEN_BEDROCK: 'canary' });
  after(() => place.leave());

  it('tells in its log which variable a provider lacks, when it starts the demo', async () => {
    const child = place.start(['serve', '--port', '0', '--admin-port', '0', '--workers', '1']);
    const [note] = await Promise.all(['left out', '"serving"'].map((part) => lineWith(child.stdout, part)));
    const { level, msg } = JSON.parse(note ?? '');
    expect({ level, msg }).to.deep.equal({
      level: 40,
      msg: 'bedrock is left out: AWS_BEARER_TOKEN_BEDROCK is set, but AWS_REGION is not',
    });
  });
});

describe('headgate serve with a configuration in which something cannot work', () => {
  const idle = '  idle: { type: openai, base_url: "http://127.0.0.1:9/v1" }\nmodels:';
  const place = new Workplace({ 'headgate.yaml': smallest.replace('models:', idle) });
  after(() => place.leave());

  it('says in its log what check would warn of, with the place', async () => {
    const child = place.start(['serve', '--port', '0', '--admin-port', '0', '--workers', '1']);
    const [warning] = await Promise.all(
      ['is used by no model', '"serving"'].map((part) => lineWith(child.stdout, part)),
    );
    const { level, msg } = JSON.parse(warning ?? '');
    expect(level).to.equal(40);
    expect(msg).to.match(/^headgate\.yaml:4:\d+ providers\.idle is used by no model/);
  });
});
