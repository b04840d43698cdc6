/**
 * The shipped nginx configuration, with a real nginx before a gateway: a stream's chunks arrive one by one, a prompt
 * touches no disk, and a POST is sent once.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { Agent, fetch } from 'undici';
import { freePort } from '../../scripts/processes/free-port.ts';
import { isInstalled, type Program, startOnPort } from '../../scripts/processes/program.ts';
import { type TemporaryFolder, temporaryFolder } from '../../scripts/processes/temporary-folder.ts';
import { root } from '../../scripts/rig/checkout.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import { certificates } from '../helpers/certificates.ts';
import { gatewayConfig } from '../helpers/gateway-config.ts';

const CHUNKS = 8;
const CHUNK_MS = 100;

const installed = isInstalled('nginx');
const withNginx = installed ? describe : describe.skip;

withNginx(`behind the shipped nginx configuration${installed ? '' : ' (nginx is not installed)'}`, function () {
  this.timeout(60_000);
  let temporary: TemporaryFolder;
  let provider: RunningMock;
  let gateway: RunningGateway;
  let nginx: Program;
  let port: number;
  const { ca, local } = certificates();
  const dispatcher = new Agent({ connect: { ca: ca.cert } });

  before(async () => {
    temporary = temporaryFolder('nginx');
    provider = await startMock({ dialect: 'openai', port: 0 });
    gateway = await startGateway({ ...gatewayConfig(provider.port), server: { port: 0, keys: ['key-of-a-client'] } });
    port = await freePort();
    nginx = await startOnPort('nginx', ['-p', temporary.folder, '-c', writeFiles(temporary.folder)], port);
  });

  after(async () => {
    await dispatcher.close();
    await nginx.end();
    await endGateways();
    await provider.close();
    temporary.remove();
  });

  /** The shipped file with addresses of this test, and around it what a distribution's nginx.conf has. */
  function writeFiles(folder: string): string {
    const shipped = readFileSync(path.join(root, 'deploy/nginx.conf'), 'utf8')
      .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
      .replace('127.0.0.1:8080', `127.0.0.1:${gateway.port}`)
      .replaceAll('/etc/nginx/', `${folder}/`);
    const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const places = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`);
    const logs = `pid ${folder}/nginx.pid; error_log ${folder}/error.log;`;
    const rest = `access_log ${folder}/access.log; include ${folder}/headgate.conf;`;
    const main = `daemon off; user root; ${logs} events {} http { ${places.join(' ')} ${rest} }`;
    mkdirSync(path.join(folder, 'client_body'));
    for (const [name, content] of Object.entries({
      'headgate.conf': shipped,
      'headgate.crt': local.cert,
      'headgate.key': local.key,
      'nginx.conf': main,
    })) {
      writeFileSync(path.join(folder, name), content);
    }
    return path.join(folder, 'nginx.conf');
  }

  const ask = (body: object) =>
    fetch(`https://127.0.0.1:${port}/v1/chat/completions`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer key-of-a-client' },
      body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'hello' }], ...body }),
    });

  it("a stream's chunks arrive one by one", async () => {
    provider.control.setShape({ chunks: CHUNKS, chunkMs: CHUNK_MS });
    const answer = await ask({ stream: true });
    expect(answer.status).to.equal(200);
    const times: number[] = [];
    let text = '';
    for await (const chunk of answer.body ?? []) {
      times.push(performance.now());
      text += Buffer.from(chunk as Uint8Array).toString();
    }
    expect(text).to.match(/data: \[DONE\]\n\n$/);
    expect(times.length, 'pieces').to.be.at.least(CHUNKS);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).to.be.above((CHUNKS - 2) * CHUNK_MS);
    provider.control.setShape({ chunks: CHUNKS, chunkMs: 0 });
  });

  it('a long prompt goes through, and to no disk', async () => {
    const answer = await ask({ messages: [{ role: 'user', content: 'x'.repeat(4_000_000) }] });
    expect(answer.status, await answer.text()).to.equal(200);
    expect(readdirSync(path.join(temporary.folder, 'client_body'))).to.deep.equal([]);
    expect(readFileSync(path.join(temporary.folder, 'error.log'), 'utf8')).not.to.contain('temporary file');
  });

  it("an error of a provider comes back once, and is the gateway's own", async () => {
    const before = provider.control.stats().requests;
    provider.control.setFault({ kind: 'status', status: 400, times: 1 });
    const answer = await ask({});
    expect(answer.status, await answer.text()).to.equal(400);
    expect(answer.headers.get('x-headgate-attempts')).to.match(/^openai=400/);
    expect(provider.control.stats().requests - before).to.equal(1);
  });

  it('clients need a key, and metrics are not to be had', async () => {
    const get = async (place: string) => (await fetch(`https://127.0.0.1:${port}${place}`, { dispatcher })).status;
    expect(await get('/v1/models')).to.equal(401);
    expect(await get('/metrics')).to.equal(404);
    expect(await get('/health')).to.equal(200);
  });

  it('a gateway that is gone is a 502', async () => {
    await gateway.stop();
    const answer = await ask({});
    expect(answer.status).to.equal(502);
    await answer.text();
  });
});
