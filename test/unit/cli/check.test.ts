/** The `check` command as scripts use it: what is on which stream, in which form, with which exit code. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { FaultInput } from '../../../src/mock/faults.ts';
import { type RunningMock, startMock } from '../../../src/mock/server.ts';
import { Workplace } from '../../helpers/command.ts';
import { smallest } from '../../helpers/config-text.ts';

describe('headgate check', () => {
  let place: Workplace;
  let mock: RunningMock;
  beforeEach(async () => {
    mock = await startMock({ dialect: 'openai', port: 0 });
    place = new Workplace({ 'headgate.yaml': smallest.replace('8001', String(mock.port)) });
  });
  afterEach(async () => {
    await place.leave();
    await mock.close();
  });

  it('warns on its error output, and ends with 0', async () => {
    place.write('headgate.yaml', smallest.replace('/v1"', '", api_key: $KEY'));
    const { code, stdout, stderr } = await place.run(['check']);
    expect(code).to.equal(0);
    expect(stdout).to.match(/^headgate\.yaml is valid\n/);
    expect(stderr).to.match(/^headgate: warning: headgate\.yaml:\d+:\d+ providers\.local\.base_url has no path/m);
    expect(stderr).to.match(
      /^headgate: warning: headgate\.yaml:\d+:\d+ providers\.local\.api_key looks like a reference/m,
    );
    // Under each its line and a caret.
    expect(stderr).to.match(/ has no path.*\n {2}3 \| {3}local: \{ .*api_key: ••• \}\n {4}\| +\^\n/);
  });

  it('names the variable that a provider of the environment lacks', async () => {
    const alone = new Workplace({}, { OPENAI_API_KEY: 'k'.repeat(32), AZURE_OPENAI_API_KEY: 'canary' });
    const { code, stdout, stderr } = await alone.run(['check']);
    await alone.leave();
    expect(code).to.equal(0);
    expect(stderr).to.match(
      /^headgate: warning: azure is left out: AZURE_OPENAI_API_KEY is set, but AZURE_OPENAI_ENDPOINT is not\n/,
    );
    expect(stdout).to.match(/^the configuration of API keys in the environment is valid\n/);
  });

  it('prints all of it as JSON', async () => {
    place.write('headgate.yaml', smallest.replace('/v1"', '", api_key: $KEY'));
    const { code, stdout, stderr } = await place.run(['check', '--json']);
    const result = JSON.parse(stdout);
    expect(result).to.include({ valid: true, source: 'headgate.yaml', live: null });
    expect(result.warnings.map(({ path, line }: { path: string; line: number }) => [path, line])).to.deep.equal([
      ['providers.local.base_url', 3],
      ['providers.local.api_key', 3],
    ]);
    expect(result.summary.providers[0]).to.include({ name: 'local', hasProxy: false });
    expect(result.summary.providers[0].keys).to.deep.equal(['default']);
    expect(result.summary.models[0].targets).to.deep.equal([
      { provider: 'local', model: 'gpt-4', level: 0, weight: 1 },
    ]);
    expect(stderr).to.equal('');
    expect(code).to.equal(0);
  });

  it('prints faults as JSON too, and ends with 78', async () => {
    place.write('headgate.yaml', smallest.replace('openai', 'opnai'));
    const { code, stdout, stderr } = await place.run(['check', '--json']);
    const { valid, faults, summary } = JSON.parse(stdout);
    expect({ valid, summary }).to.deep.equal({ valid: false, summary: null });
    expect(faults).to.have.lengthOf(1);
    expect(faults[0]).to.include({ file: 'headgate.yaml', line: 3, path: 'providers.local.type' });
    expect(faults[0].hint).to.equal('did you mean "openai"?');
    expect(stderr).to.match(/1 fault in the configuration\n$/);
    expect(code).to.equal(78);
  });

  it('asks each target with --live', async () => {
    const { code, stdout } = await place.run(['check', '--live']);
    expect(stdout).to.match(/\nlive:\n {2}local\/gpt-4: answers \(\d+ ms\)\n$/);
    expect(code).to.equal(0);
  });

  it('says in one line what fails there, why and what to do, and ends with 1', async () => {
    mock.control.setFault({ kind: 'status', status: 401, body: { error: { message: 'bad key' } } } as FaultInput);
    const { code, stdout, stderr } = await place.run(['check', '--live']);
    const line = `  local/gpt-4 at 127.0.0.1:${mock.port}: fails: 401 bad key; correct the credentials of providers.local\n`;
    expect(stdout.endsWith(line), stdout).to.equal(true);
    expect(stderr).to.equal('headgate: the live check failed for 1 target\n');
    expect(code).to.equal(1);
  });

  it('prints that as JSON', async () => {
    mock.control.setFault({ kind: 'status', status: 429 } as FaultInput);
    const { code, stdout } = await place.run(['check', '--live', '--json']);
    const { live } = JSON.parse(stdout);
    expect(live).to.have.lengthOf(1);
    expect(live[0]).to.include({
      provider: 'local',
      model: 'gpt-4',
      address: `127.0.0.1:${mock.port}`,
      outcome: 'fails',
      cause: 'rate-limit',
      status: 429,
    });
    expect(code).to.equal(1);
  });
});
