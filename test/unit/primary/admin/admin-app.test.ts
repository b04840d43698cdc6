/**
 * The admin server over real HTTP, with fixed answers instead of the primary's parts.
 */
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ConfigError } from '../../../../src/config/source/faults.ts';
import type { AdminActions } from '../../../../src/primary/admin/admin-actions.ts';
import { createAdminApp } from '../../../../src/primary/admin/admin-app.ts';
import type { Watch } from '../../../../src/primary/admin/live-events.ts';
import { describeStatus } from '../../../../src/primary/admin/status.ts';
import { ReplacementError } from '../../../../src/primary/processes/slot.ts';
import { ReloadRefusedError } from '../../../../src/primary/reload/last-reload.ts';
import { systemClock } from '../../../../src/shared/clock.ts';
import type { AdminConfig } from '../../../../src/shared/config.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';
import { RELAY_HEADER, RELAY_PROOF_HEADER, relayQuestion } from '../../../../src/shared/secrets/relay-proof.ts';
import { keptLog } from '../../../helpers/numbers.ts';
import { wellStatus } from '../../../helpers/verdicts.ts';

const relaySecret = 'relay-secret';
const open: AdminConfig = { host: '127.0.0.1', port: 0, token: null, openMetrics: false, origins: [] };

const noHistory = {
  ...{ requests: [], errors: { client: [], policy: [], provider: [], gateway: [] } },
  ...{ p50Ms: [], p99Ms: [], firstContentMs: [], inputTokens: [], outputTokens: [], usd: [] },
};

let server: http.Server;
let called: string[];
let watchers: Set<Watch>;
let actions: AdminActions;

/** Adds the setup and the cleanup of each test of a block. */
function prepare(): void {
  beforeEach(() => {
    called = [];
    watchers = new Set();
    actions = {
      scrape: async () => 'llm_up 1\n',
      status: () =>
        describeStatus({
          ...wellStatus,
          version: '1.2.3',
          uptimeMs: 0,
          wallMs: 0,
          workers: [],
          circuits: [{ provider: 'openai', state: 'closed', remainingMs: 0, failures: 0 }],
          targets: [],
          rests: [],
          keys: [],
          models: {},
          credentials: [],
          certificates: [],
          config: { version: 1, loadedAtMs: 0, source: 'demo', successful: true, last: null },
          roll: null,
          stateProblem: null,
          stoppingUntilMs: null,
        }),
      readiness: () => ({ ready: true, reason: null }),
      watch: (listener) => {
        watchers.add(listener);
        return () => watchers.delete(listener);
      },
      history: ({ model, provider }) => ({
        stepSeconds: 10,
        until: `${model} ${provider}`,
        approximate: [],
        series: noHistory,
      }),
      config: () => ({
        version: 1,
        loadedAt: '1970-01-01T00:00:00.000Z',
        source: 'demo',
        values: [],
        lastReload: null,
      }),
      reload: async (by) => {
        called.push(by);
        return { version: 2, changes: ['log: changed'] };
      },
      roll: async () => void called.push('roll'),
      checkConfig: async () => void called.push('check'),
      handOver: () => void called.push('hand over'),
      resetCircuit: (provider) => provider === 'openai',
      tryTarget: () => ({ host: '127.0.0.1', port: 1, tls: null, key: null }),
      failures: (query) => ({ failures: [], withheld: query.limit, kept: true }),
      spend: async ({ by }) => [{ group: by.map(() => 'x'), amounts: { answers: 2n, input: 7n, nano_usd: 1_500n } }],
    };
  });

  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });
}

async function serve(admin: AdminConfig = open): Promise<string> {
  server = http.createServer(createAdminApp({ admin, relaySecret, actions, clock: systemClock, log: keptLog().log }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends a request with headers that `fetch` does not allow. */
function request(url: string, options: http.RequestOptions): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { agent: false, ...options }, async (answer) => {
      let body = '';
      for await (const chunk of answer) body += String(chunk);
      resolve({ status: answer.statusCode ?? 0, body });
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** A watcher that reads nothing until it is told to. */
async function slowWatcher(url: string) {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET /api/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  const chunks: Buffer[] = [];
  return {
    reads: () => void socket.on('data', (chunk: Buffer) => chunks.push(chunk)),
    text: () => Buffer.concat(chunks).toString('latin1'),
    last: () => Buffer.concat(chunks.slice(-2)).toString('latin1'),
    closed: once(socket, 'close'),
    end: () => socket.destroy(),
  };
}

describe('the admin server', () => {
  prepare();
  it('serves metrics in the text format', async () => {
    const answer = await fetch(`${await serve()}/metrics`);
    expect(answer.headers.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).to.equal('llm_up 1\n');
  });

  it('answers 503 while the counts are not complete', async () => {
    actions = { ...actions, scrape: () => Promise.reject(new GatewayError('metrics_unavailable', 'not yet')) };
    const answer = await fetch(`${await serve()}/metrics`);
    expect(answer.status).to.equal(503);
    expect(await answer.json()).to.deep.equal({ error: { message: 'not yet' } });
  });

  it('reports health and readiness separately', async () => {
    actions = { ...actions, readiness: () => ({ ready: false, reason: 'starting' }) };
    const url = await serve();
    expect((await fetch(`${url}/livez`)).status).to.equal(200);
    const readiness = await fetch(`${url}/readyz`);
    expect(readiness.status).to.equal(503);
    expect(await readiness.json()).to.deep.equal({ ready: false, reason: 'starting' });
  });

  it('serves the status as JSON', async () => {
    const answer = await fetch(`${await serve()}/api/status`);
    expect(await answer.json()).to.deep.include({
      version: '1.2.3',
      workers: [],
      circuits: [{ provider: 'openai', state: 'closed', openUntil: null, failures: 0, resting: false }],
    });
  });

  it('serves a page that loads nothing from other servers', async () => {
    const url = await serve();
    const answer = await fetch(url);
    expect(answer.headers.get('content-security-policy')).to.contain("default-src 'none'; script-src 'self';");
    const page = await answer.text();
    expect(page).to.not.match(/(src|href)="(https?:)?\/\//);
    const files = [...page.matchAll(/(?:src|href)="(page\/[^"]+)"/g)].map(([, path]) => path);
    expect(files).to.include('page/main.js');
    for (const path of files) {
      const file = await fetch(`${url}/${path}`);
      expect([file.status, file.headers.get('content-type')?.startsWith('text/')], path).to.deep.equal([200, true]);
    }
  });

  it('puts tables into the page for browsers without JavaScript, with no markup of the configuration', async () => {
    const { status } = actions;
    const circuits = [{ provider: '<b>&"\'', state: 'open', openUntil: null, failures: 0, resting: false } as const];
    actions = { ...actions, status: () => ({ ...status(), circuits }) };
    const page = await (await fetch(await serve())).text();
    expect(page).to.match(
      /<noscript><h1>Headgate<\/h1>[\s\S]*<td>&lt;b&gt;&amp;&quot;&#39;<\/td>\s*<td>open<\/td>[\s\S]*<\/noscript>/,
    );
  });

  it('serves no file outside of the page', async () => {
    const url = await serve();
    for (const path of ['/page/../admin/admin-app.ts', '/page/%2e%2e/worker/main.ts', '/page/none.js', '/page/']) {
      expect((await request(url, { path })).status, path).to.equal(404);
    }
  });

  it('has the last hour of the gateway, of a model or of a provider', async () => {
    const url = await serve();
    const asked = async (query: string) =>
      (await (await fetch(`${url}/api/history${query}`)).json()) as { until: string };
    expect((await asked('')).until).to.equal('null null');
    expect((await asked('?model=openai%2Fgpt')).until).to.equal('openai/gpt null');
    expect((await asked('?provider=a&provider=b')).until).to.equal('null a,b');
    expect((await fetch(`${url}/api/history?model=a&provider=b`)).status).to.equal(400);
  });

  it('streams live events until the watcher disconnects', async () => {
    const url = await serve();
    const leaving = new AbortController();
    const answer = await fetch(`${url}/api/events`, { signal: leaving.signal });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).to.equal(': live\n\n');
    const frame = 'event: circuit\ndata: {"type":"circuit","provider":"openai","model":"gpt-4","state":"open"}\n\n';
    for (const watch of watchers) watch(frame, false);
    expect((await reader?.read())?.value).to.equal(frame);
    leaving.abort();
    while (watchers.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('tells proxies to hold no event back, and ends where only the head is asked for', async () => {
    const url = await serve();
    const head = await fetch(`${url}/api/events`, { method: 'HEAD' });
    expect(head.status).to.equal(200);
    expect(head.headers.get('x-accel-buffering')).to.equal('no');
    expect(head.headers.get('content-type')).to.equal('text/event-stream; charset=utf-8');
    expect(watchers.size).to.equal(0);
  });

  it('lets a slow watcher miss news that comes again, and nothing else, and cuts off one that reads nothing', async () => {
    const url = await serve();
    const { reads, text, last, closed, end } = await slowWatcher(url);
    while (watchers.size === 0) await new Promise((resolve) => setImmediate(resolve));
    const [watch = () => undefined] = watchers;
    const large = `event: status\ndata: ${'x'.repeat(8 * 1024 * 1024)}\n\n`;
    watch(large, true);
    for (let count = 0; count < 50; count += 1) watch('event: rates\ndata: {}\n\n', true);
    watch('event: circuit\ndata: {}\n\n', false);
    expect(watchers.size).to.equal(1);
    reads();
    while (!last().includes('event: circuit')) await new Promise((resolve) => setImmediate(resolve));
    expect(text().match(/^event: \w+/gm)).to.deep.equal(['event: status', 'event: circuit']);
    end();
    await closed;
    while (watchers.size > 0) await new Promise((resolve) => setImmediate(resolve));

    const stuck = await slowWatcher(url);
    while (watchers.size === 0) await new Promise((resolve) => setImmediate(resolve));
    const [send = () => undefined] = watchers;
    for (let count = 0; count < 200; count += 1) send(large, true);
    while (watchers.size > 0) await new Promise((resolve) => setImmediate(resolve));
    stuck.reads();
    await stuck.closed;
  });

  it('has 32 watchers at most, so that scrapes find a connection', async () => {
    const url = await serve();
    const leaving = new AbortController();
    const { signal } = leaving;
    // Held, since the connection of an answer that nobody holds ends when its memory is collected.
    const watching: Response[] = [];
    for (let count = 0; count < 32; count += 1) watching.push(await fetch(`${url}/api/events`, { signal }));
    expect((await fetch(`${url}/api/events`)).status).to.equal(503);
    expect(watching.every(({ status }) => status === 200)).to.equal(true);
    leaving.abort();
    while (watchers.size > 0) await new Promise((resolve) => setImmediate(resolve));
    const next = new AbortController();
    expect((await fetch(`${url}/api/events`, { signal: next.signal })).status).to.equal(200);
    next.abort();
    while (watchers.size > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('takes filters for the last failures, and names the parameter that it cannot read', async () => {
    const url = await serve();
    const read = await fetch(`${url}/api/errors?model=gpt-4&limit=7`);
    expect(await read.json()).to.deep.equal({ failures: [], withheld: 7, kept: true });
    for (const [query, name] of [
      ['limit=0', 'limit'],
      ['limit=201', 'limit'],
      ['owner=nobody', 'owner'],
      ['code=E1', 'code'],
      ['model=', 'model'],
      ['provider=a&provider=b', 'provider'],
      ['modle=gpt-4', 'modle'],
    ]) {
      const answer = await fetch(`${url}/api/errors?${query}`);
      expect(answer.status).to.equal(400);
      expect(await answer.text()).to.match(new RegExp(`^\\{"error":\\{"message":"${name} `));
    }
  });

  it('answers 404 in JSON for an unknown path', async () => {
    const answer = await fetch(`${await serve()}/nothing`);
    expect(answer.status).to.equal(404);
    expect(await answer.json()).to.deep.equal({ error: { message: 'there is no GET /nothing here' } });
  });
});

describe('a command to the admin server', () => {
  prepare();
  it('reloads and returns the active version', async () => {
    const answer = await fetch(`${await serve()}/api/reload`, { method: 'POST' });
    expect(await answer.json()).to.deep.equal({ version: 2, changes: ['log: changed'] });
    expect(called).to.deep.equal(['the admin port (127.0.0.1)']);
  });

  it('tells who asked for a reload, in words of its own', async () => {
    const url = await serve();
    for (const asker of ['page', 'command', 'constructor', '<b>'])
      await fetch(`${url}/api/reload`, { method: 'POST', headers: { 'x-headgate-asker': asker } });
    expect(called).to.deep.equal([
      'the status page (127.0.0.1)',
      '`headgate reload` (127.0.0.1)',
      'the admin port (127.0.0.1)',
      'the admin port (127.0.0.1)',
    ]);
  });

  it('returns the reason why a reload was refused', async () => {
    actions = { ...actions, reload: () => Promise.reject(new ReloadRefusedError(['workers'])) };
    const answer = await fetch(`${await serve()}/api/reload`, { method: 'POST' });
    expect(answer.status).to.equal(422);
    expect(await answer.text()).to.contain('workers');
  });

  it('replaces the workers and reports a failure', async () => {
    const url = await serve();
    expect((await fetch(`${url}/api/restart`, { method: 'POST' })).status).to.equal(200);
    expect(called).to.deep.equal(['roll']);
    actions.roll = () => Promise.reject(new ReplacementError('slot 0: no'));
    expect((await fetch(`${url}/api/restart`, { method: 'POST' })).status).to.equal(502);
  });

  it('hands over after the answer is sent', async () => {
    const answer = await fetch(`${await serve()}/api/restart?all`, { method: 'POST' });
    expect(answer.status).to.equal(202);
    await answer.arrayBuffer();
    while (called.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(called).to.deep.equal(['check', 'hand over']);
  });

  it('does not hand over if the next primary could not load the configuration', async () => {
    const place = { file: 'headgate.yaml', line: 1, col: 2, path: 'workers', hint: null };
    const error = new ConfigError([{ ...place, message: 'should be auto, got 0' }]);
    actions.checkConfig = () => Promise.reject(error);
    const answer = await fetch(`${await serve()}/api/restart?all`, { method: 'POST' });
    expect(answer.status).to.equal(422);
    expect(await answer.json()).to.deep.equal({
      error: { message: 'headgate.yaml:1:2 workers: should be auto, got 0' },
    });
    expect(called).to.deep.equal([]);
  });

  it('closes a circuit by hand and lists the providers if the name is unknown', async () => {
    const url = await serve();
    expect((await fetch(`${url}/api/circuits/openai/reset`, { method: 'POST' })).status).to.equal(200);
    const unknown = await fetch(`${url}/api/circuits/other/reset`, { method: 'POST' });
    expect(unknown.status).to.equal(404);
    expect(await unknown.json()).to.deep.equal({
      error: { message: 'no provider is named "other"; there are openai' },
    });
  });
});

describe('the guard of the admin server', () => {
  prepare();
  for (const host of ['127.0.0.1', 'localhost', '::1', '::ffff:127.0.0.1']) {
    it(`refuses Host names that others can point here, when the server is bound to ${host}`, async () => {
      const url = await serve({ ...open, host });
      expect((await request(url, { path: '/metrics', headers: { host: 'evil.example' } })).status).to.equal(403);
      expect((await request(url, { path: '/metrics', headers: { host: 'localhost:1' } })).status).to.equal(200);
    });
  }

  it('refuses pages of other origins', async () => {
    const url = await serve();
    const post = (origin: string) => request(url, { method: 'POST', path: '/api/restart', headers: { origin } });
    expect((await post('http://evil.example')).status).to.equal(403);
    expect(called).to.deep.equal([]);
    expect((await post(url)).status).to.equal(200);
  });

  it('requires the token on every route except the health checks', async () => {
    const url = await serve({ ...open, token: 's3cret' });
    for (const path of ['/', '/metrics', '/api/status', '/api/events', '/api/config', '/nothing']) {
      expect((await fetch(url + path)).status, path).to.equal(401);
    }
    for (const path of ['/api/reload', '/api/restart', '/api/try', '/api/circuits/openai/reset']) {
      expect((await fetch(url + path, { method: 'POST' })).status, path).to.equal(401);
    }
    expect((await fetch(`${url}/livez`)).status).to.equal(200);
    expect((await fetch(`${url}/readyz`)).status).to.equal(200);
    const headers = { authorization: 'Bearer s3cret' };
    expect((await fetch(`${url}/api/status`, { headers })).status).to.equal(200);
  });

  it('serves metrics without the token if so configured', async () => {
    const url = await serve({ ...open, token: 's3cret', openMetrics: true });
    expect((await fetch(`${url}/metrics`)).status).to.equal(200);
    expect((await fetch(`${url}/api/status`)).status).to.equal(401);
  });

  it("allows the workers' relay to read metrics, and nothing else", async () => {
    const url = await serve({ ...open, token: 's3cret' });
    const question = relayQuestion(relaySecret);
    const headers = { [RELAY_HEADER]: question.header };
    const response = await fetch(`${url}/metrics`, { headers });
    expect(response.status).to.equal(200);
    expect(question.isAnsweredBy(response.headers.get(RELAY_PROOF_HEADER))).to.equal(true);
    expect((await fetch(`${url}/api/status`, { headers })).status).to.equal(401);
    for (const guess of ['guess', '', '.', relaySecret, relayQuestion('another').header]) {
      const refused = await fetch(`${url}/metrics`, { headers: { [RELAY_HEADER]: guess } });
      expect([refused.status, refused.headers.get(RELAY_PROOF_HEADER)]).to.deep.equal([401, null]);
    }
  });
});
