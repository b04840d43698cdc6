/**
 * A whole gateway with TLS at both ports: its workers on their own sockets, its commands, the relay of its metrics, and a
 * renewal while it serves.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { freePort } from '../../scripts/processes/free-port.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { Status } from '../../src/primary/admin/status.ts';
import { SHOWN_CERTIFICATE_FILE } from '../../src/shared/state/state-files.ts';
import { certificates } from '../helpers/certificates.ts';
import { Workplace } from '../helpers/command.ts';
import { OneProvider } from '../helpers/one-provider.ts';
import { type CertificateFiles, certificateFiles } from '../helpers/server-certificates.ts';

const { ca, client, local, other } = certificates();
const provider = new OneProvider();

/** Sends a request on a connection of its own. */
async function ask(port: number, pathname: string, options: https.RequestOptions = {}, body?: string) {
  const sent = https.request({ port, path: pathname, host: '127.0.0.1', ca: ca.cert, agent: false, ...options });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  return { status: answer.statusCode, body: await text(answer) };
}

function complete(gateway: RunningGateway) {
  const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'hello' }] });
  const headers = { 'content-type': 'application/json' };
  return ask(gateway.port, '/v1/chat/completions', { method: 'POST', headers }, body);
}

/** The name in the certificate that a port shows. */
async function nameAt(port: number): Promise<string> {
  const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

/** Those of so many connections that each of its workers has some. */
function namesAt(port: number): Promise<string[]> {
  return Promise.all(Array.from({ length: 12 }, () => nameAt(port)));
}

describe('a gateway with TLS at both ports', () => {
  provider.use();
  let kept: CertificateFiles;
  let workplace: Workplace;

  beforeEach(() => {
    kept = certificateFiles(true);
    workplace = new Workplace();
  });
  afterEach(async () => {
    await workplace.leave();
    kept.remove();
  });

  const start = (adminCa = false, port = 0) => {
    const { cert, key, clientCa } = kept.files;
    const admin = { cert, key, ...(adminCa ? { client_ca: clientCa } : {}) };
    const { config } = provider;
    return startGateway({
      ...config,
      server: { ...(config.server as object), port, tls: { cert, key } },
      admin: { ...(config.admin as object), tls: admin },
    });
  };
  const run = (gateway: RunningGateway, ...command: string[]) => {
    const flags = ['--config', gateway.configFile, '--admin-port', String(gateway.adminPort)];
    return workplace.run([...command, ...flags]);
  };

  it('answers requests, relays its metrics, and obeys its commands', async () => {
    const gateway = await start();
    for (let request = 0; request < 4; request += 1) expect((await complete(gateway)).status).to.equal(200);
    const page = await ask(gateway.port, '/metrics');
    expect(page.body).to.match(/^llm_requests_total\{.*status="success".*\} 4$/m);
    const days = /^llm_tls_certificate_expiry_seconds\{port="gateway"\} (\d+)/m.exec(page.body)?.[1];
    expect(Number(days) / 86_400).to.be.within(29, 30);
    const status = await run(gateway, 'status', '--json');
    expect(status.stderr).to.equal('');
    expect(JSON.parse(status.stdout).certificates.map(({ port }: { port: string }) => port)).to.deep.equal([
      'gateway',
      'admin',
    ]);
    expect((await run(gateway, 'restart')).stdout).to.equal('all workers have been replaced\n');
    expect((await complete(gateway)).status).to.equal(200);
  });

  it('shows a renewed certificate at both ports and in every worker, and drops no connection', async () => {
    const gateway = await start();
    const streams = tls.connect({ port: gateway.port, host: '127.0.0.1', ca: ca.cert });
    await once(streams, 'secureConnect');
    kept.renew(other);
    expect((await run(gateway, 'reload')).code).to.equal(0);
    const everywhere = async () =>
      (await namesAt(gateway.port)).every((name) => name === 'other') && (await nameAt(gateway.adminPort)) === 'other';
    await eventually('both ports show it', everywhere);
    streams.end('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n');
    expect(await text(streams)).to.match(/^HTTP\/1\.1 200/);
    // It is for another name now, but the file says that it is the gateway's own.
    expect((await run(gateway, 'status')).code).to.equal(0);
  });

  it('keeps its certificate when the new key does not fit, and new workers get it too', async () => {
    const gateway = await start();
    kept.renew({ cert: other.cert, key: ca.key });
    await eventually('it is told', () =>
      gateway.logged('the certificate of the gateway port was not renewed: the last one stays in use'),
    );
    const ready = async () => {
      const { body } = await ask(gateway.adminPort, '/api/status');
      const { workers } = JSON.parse(body) as Pick<Status, 'workers'>;
      return workers.filter(({ state }) => state === 'ready').map(({ pid }) => pid);
    };
    const before = await ready();
    for (const worker of before) process.kill(worker, 'SIGKILL');
    await eventually('others serve in their place', async () => {
      const now = await ready();
      return now.length === before.length && now.every((pid) => !before.includes(pid));
    });
    expect(new Set(await namesAt(gateway.port))).to.deep.equal(new Set(['local']));
    expect((await complete(gateway)).status).to.equal(200);
    const { body } = await ask(gateway.adminPort, '/readyz');
    expect(body).to.include('was not renewed: its file should be the key of the first certificate of cert');
  });

  it('is known to its commands while its files hold what it could not take', async () => {
    const gateway = await start(true, await freePort());
    for (const files of [
      { cert: other.cert, key: local.key },
      { cert: 'half a certificate', key: local.key },
    ]) {
      kept.renew(files);
      const { code, stderr } = await run(gateway, 'status');
      expect(code, stderr).to.equal(0);
    }
    expect(existsSync(path.join(gateway.stateFolder, SHOWN_CERTIFICATE_FILE))).to.equal(true);
    gateway.signal('SIGTERM');
    await gateway.exited;
    expect(existsSync(path.join(gateway.stateFolder, SHOWN_CERTIFICATE_FILE))).to.equal(false);
  });

  it('wants certificates of the clients of its admin port, but of no probe and no command', async () => {
    const gateway = await start(true);
    expect((await ask(gateway.adminPort, '/livez')).status).to.equal(200);
    expect((await ask(gateway.adminPort, '/readyz')).status).to.equal(200);
    expect((await ask(gateway.adminPort, '/api/status')).status).to.equal(403);
    expect((await ask(gateway.adminPort, '/metrics')).status).to.equal(403);
    expect((await ask(gateway.adminPort, '/metrics', { ...client })).status).to.equal(200);
    expect((await ask(gateway.port, '/metrics')).status).to.equal(200);
    expect((await run(gateway, 'status')).code).to.equal(0);
  });
});
