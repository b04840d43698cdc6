/**
 * The shipped nginx configuration, with a real nginx before a gateway: a stream's chunks arrive one by one, a prompt
 * touches no disk, and a POST is sent once.
 */
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** A provider that sends the first chunk of a stream, and each further one when it is told to. */
class SteppingProvider {
  sent = 0;
  #answer: http.ServerResponse | null = null;
  readonly #server = http.createServer((request, response) => {
    request.resume();
    this.#answer = response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.send();
  });

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sends the next chunk, or the end behind the last one. */
  send(): void {
    if (this.sent < CHUNKS) {
      this.sent += 1;
      this.#answer?.write(
        `data: {"choices":[{"index":0,"delta":{"content":"${this.sent}"},"finish_reason":null}]}\n\n`,
      );
    } else {
      this.#answer?.end('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
      this.#answer = null;
    }
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const installed = isInstalled('nginx');
const withNginx = installed ? describe : describe.skip;

withNginx(`behind the shipped nginx configuration${installed ? '' : ' (nginx is not installed)'}`, () => {
  let temporary: TemporaryFolder;
  let provider: RunningMock;
  const stepping = new SteppingProvider();
  let gateway: RunningGateway;
  let nginx: Program;
  let port: number;
  const { ca, local } = certificates();
  const dispatcher = new Agent({ connect: { ca: ca.cert } });

  before(async () => {
    temporary = temporaryFolder('nginx');
    provider = await startMock({ dialect: 'openai', port: 0 });
    const { providers, models, ...rest } = gatewayConfig(provider.port);
    const target = { provider: 'stepping', model: 'stepping' };
    const base_url = `http://127.0.0.1:${await stepping.listen()}/v1`;
    gateway = await startGateway({
      ...rest,
      server: { port: 0, keys: ['key-of-a-client'] },
      providers: { ...(providers as object), stepping: { type: 'openai', base_url, api_key: 'k' } },
      models: { ...(models as object), stepping: { targets: [target] } },
    });
    port = await freePort();
    nginx = await startOnPort('nginx', ['-p', temporary.folder, '-c', writeFiles(temporary.folder)], port);
  });

  after(async () => {
    await dispatcher.close();
    await nginx.end();
    await endGateways();
    await provider.close();
    stepping.close();
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
    const answer = await ask({ model: 'stepping', stream: true });
    expect(answer.status).to.equal(200);
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      // The next one is sent when this one has come.
      if (text.includes(`"content":"${stepping.sent}"`)) stepping.send();
    }
    expect(text).to.match(/data: \[DONE\]\n\n$/);
    expect(stepping.sent).to.equal(CHUNKS);
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
