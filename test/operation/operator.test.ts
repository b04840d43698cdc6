/** What the operator of a whole gateway can see of its configuration, its reloads and rolls, and can try. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { freePort } from '../../scripts/processes/free-port.ts';
import { commandScript } from '../../scripts/rig/checkout.ts';
import { startGateway } from '../../scripts/rig/gateway.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const provider = new OneProvider();
const token = 'canary-of-the-admin-0123456789';
const key = 'canary-of-a-client-0123456789';

/** With an admin token and a client's key. */
const locked = () => {
  const { admin, server, ...rest } = provider.config as { admin: object; server: object };
  return { ...rest, admin: { ...admin, token }, server: { ...server, keys: [key] } };
};

describe('an operator', () => {
  provider.use();

  it('sees why the last reload was refused, until one succeeds', async () => {
    const gateway = await startGateway(provider.config);
    expect((await gateway.status()).config.lastReload).to.equal(null);
    gateway.writeConfig({ ...provider.config, nonsense: true });
    gateway.signal('SIGHUP');
    const refused = await eventually('it is refused', async () => (await gateway.status()).config.lastReload);
    expect(refused).to.include({ by: 'SIGHUP', successful: false });
    expect(refused.problems).to.have.length(1);
    expect(refused.problems[0]).to.match(/^.+:\d+:\d+ nonsense: should be one of /);
    gateway.writeConfig({ ...provider.config, log: { level: 'debug' } });
    const headers = { 'x-headgate-asker': 'page' };
    await fetch(`${gateway.adminUrl}/api/reload`, { method: 'POST', headers });
    const { lastReload } = (await gateway.status()).config;
    expect(lastReload).to.deep.include({ by: 'the status page (127.0.0.1)', successful: true, problems: [] });
    expect(lastReload?.changes).to.deep.equal(['log.level: info → debug']);
    const shown = (await (await fetch(`${gateway.adminUrl}/api/config`)).json()) as {
      version: number;
      source: string;
      lastReload: unknown;
      values: { path: string; value: string; from: string }[];
    };
    expect(shown).to.deep.include({ version: 2, lastReload });
    const level = shown.values.find(({ path }) => path === 'log.level');
    expect(level?.value).to.equal('debug');
    expect(level?.from).to.match(new RegExp(`^${shown.source}:\\d+:\\d+$`));
  });

  it('is told that a command is for another gateway than the one that has the admin port', async () => {
    const gateway = await startGateway(provider.config);
    const other = path.join(gateway.folder, 'other.yaml');
    const ports = { server: { port: await freePort() }, admin: { port: gateway.adminPort } };
    writeFileSync(other, JSON.stringify({ ...provider.config, ...ports }));
    for (const command of [['reload'], ['restart'], ['circuit', 'reset', 'openai']]) {
      const { status, stderr } = spawnSync(process.execPath, [commandScript(false), ...command, '--config', other], {
        encoding: 'utf8',
      });
      expect(status, command.join(' ')).to.equal(1);
      expect(stderr).to.contain(`is for port ${ports.server.port}. Nothing has changed`);
    }
    expect((await gateway.status()).config.version).to.equal(1);
  });

  it('sees how far a roll has come', async () => {
    const gateway = await startGateway(provider.config);
    expect((await gateway.status()).roll).to.equal(null);
    const rolled = fetch(`${gateway.adminUrl}/api/restart`, { method: 'POST' });
    const seen = await eventually('it has begun', async () => (await gateway.status()).roll);
    expect(seen).to.include({ of: 2, problem: null });
    expect((await rolled).status).to.equal(200);
    expect((await gateway.status()).roll).to.include({ replaced: 2, of: 2, problem: null });
  });

  it('tries a request with the admin token alone, sees no secret, and stops the provider by leaving', async () => {
    const gateway = await startGateway(locked());
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = (stream: boolean) => {
      const request = { model: 'gpt-4', stream, messages: [{ role: 'user', content: 'canary of a prompt' }] };
      return JSON.stringify({ path: '/v1/chat/completions', body: request });
    };
    const url = `${gateway.adminUrl}/api/try`;
    expect((await fetch(url, { method: 'POST', body: body(false) })).status).to.equal(401);
    const foreign = { ...headers, origin: 'http://elsewhere.example' };
    expect((await fetch(url, { method: 'POST', headers: foreign, body: body(false) })).status).to.equal(403);
    expect((await fetch(url, { method: 'POST', headers, body: body(false) })).status).to.equal(200);
    const shown = await (await fetch(`${gateway.adminUrl}/api/config`, { headers })).text();
    expect(shown).to.contain('•••').and.not.to.contain('canary');

    provider.control.setFault({ kind: 'stall', afterChunks: 1 });
    const leaving = new AbortController();
    const tried = await fetch(url, { method: 'POST', headers, body: body(true), signal: leaving.signal });
    expect((await tried.body?.getReader().read())?.done).to.equal(false);
    leaving.abort();
    await eventually('the provider is left', async () => {
      const answer = await fetch(`http://127.0.0.1:${provider.port}/_mock/stats`);
      const { aborted, inFlight } = (await answer.json()) as { aborted: number; inFlight: number };
      return aborted === 1 && inFlight === 0;
    });
    expect(gateway.output).not.to.contain('canary of a prompt').and.not.to.contain(key);
  });
});
