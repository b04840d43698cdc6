/** Which path and method lead where on the data port, how paths may be written, and who learns what exists. */
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { modelEndpoints, storeEndpoints } from '../../src/shared/endpoints.ts';
import { testConfig, testModel } from '../helpers/test-config.ts';
import { chatRequest, connectTo, errorOf, jsonHeaders, planeFixture } from './plane-fixture.ts';

const chat = '/v1/chat/completions';
const withKey = { authorization: 'Bearer K1' };

/** The status line, headers and body of the answer to a request whose target is sent as it stands. */
async function rawAnswer(url: string, method: string, target: string, headers: Record<string, string> = {}) {
  const body = method === 'POST' ? chatRequest() : '';
  const all = { host: 'localhost', connection: 'close', ...headers, 'content-length': String(body.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connectTo(url);
  socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  const [head = '', ...rest] = (await text(socket)).split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), body: rest.join('\r\n\r\n') };
}

describe('a path of the data port', () => {
  const { provider, mock, start, close } = planeFixture();
  afterEach(close);

  it('answers GET with JSON, and HEAD with the same head alone', async () => {
    const { url, events } = await start({ openai: 1 });
    for (const path of ['/health', '/v1/models', '/v1/models/gpt-4', '/nowhere']) {
      const got = await rawAnswer(url, 'GET', path);
      const head = await rawAnswer(url, 'HEAD', path);
      expect(got.head).to.include('\r\ncontent-type: application/json; charset=utf-8\r\n');
      expect(got.head).to.include(`\r\ncontent-length: ${got.body.length}\r\n`);
      expect(got.head).not.to.match(/\r\n(etag|x-powered-by|last-modified):/);
      expect(head.body).to.equal('');
      expect([head.status, head.head.replace(/date: .*/, '')]).to.deep.equal([
        got.status,
        got.head.replace(/date: .*/, ''),
      ]);
    }
    expect(events).to.deep.equal([]);
  });

  it('is the same with a query, and with a slash at its end', async () => {
    const { url } = await start({ openai: 1 });
    for (const path of ['/health', '/v1/models', '/v1/models/gpt-4']) {
      for (const end of ['', '?', '?a=/b//c', '/', '/?a']) {
        expect((await rawAnswer(url, 'GET', path + end)).status, path + end).to.equal(200);
      }
    }
  });

  it('may have slashes in a row or at its end, and may lack the /v1 of a base URL', async () => {
    const openai = await mock('openai');
    const { url, count } = await start({ openai: openai.port });
    const forms = [
      ...['//v1/chat/completions', '/v1//chat///completions', '/v1/chat/completions/', '/v1/chat/completions//?a=b'],
      ...['/chat/completions', '//chat/completions/', 'http://localhost//v1/chat/completions/'],
    ];
    for (const path of forms) expect((await rawAnswer(url, 'POST', path, jsonHeaders)).status, path).to.equal(200);
    expect(count({ type: 'request-ended', endpoint: 'chat_completions' })).to.equal(forms.length);
    expect(count({ type: 'request-ended' })).to.equal(forms.length);
    for (const path of ['//v1/models', '/v1//models', '/models', '/models/', '//models', '/models/gpt-4', '//health']) {
      expect((await rawAnswer(url, 'GET', path)).status, path).to.equal(200);
    }
    for (const path of ['/v1/health', '/v1/metrics', '/v1/v1/models', '/v1models', '/modelsx', '//', '/v1']) {
      expect((await rawAnswer(url, 'GET', path)).status, path).to.equal(404);
    }
  });

  it('ends with the name of a model as it is or escaped, with slashes and colons in it', async () => {
    const config = testConfig({ openai: 1 });
    const { url, plane } = await start({ openai: 1 });
    const names = ['meta-llama/Llama-3.1-8B:free', 'a/b/c', '50%', 'a b?#', 'modèle', 'x//y/', '..'];
    const { targets } = config.models['gpt-4'] ?? { targets: [] };
    plane.reconfigure({
      ...config,
      models: Object.fromEntries(names.map((name) => [name, testModel(name, targets)])),
    });
    const idAt = async (path: string) => JSON.parse((await rawAnswer(url, 'GET', path)).body).id;
    for (const name of names) {
      for (const base of ['/v1/models/', '/models/', '/v1//models//']) {
        expect(await idAt(base + encodeURIComponent(name)), base + name).to.equal(name);
      }
    }
    for (const path of [
      'meta-llama/Llama-3.1-8B:free',
      'meta-llama/Llama-3.1-8B%3afree/',
      'meta-llama//Llama-3.1-8B:free?a',
    ]) {
      expect(await idAt(`/v1/models/${path}`), path).to.equal(names[0]);
    }
    expect(await idAt('/v1/models/a%2Fb/c')).to.equal('a/b/c');
    expect(await idAt('/v1/models/..')).to.equal('..');
    for (const path of ['/v1/models/a/b', '/v1/models/a/b/c/d', '/v1/models/gpt-4', '/v1/models/..%2F..']) {
      expect((await rawAnswer(url, 'GET', path)).status, path).to.equal(404);
    }
    expect((await rawAnswer(url, 'GET', '/v1/models/a/%ff')).status).to.equal(400);
  });

  it('of chat completions takes POST alone, and says so to all other methods', async () => {
    const { url, events } = await start({ openai: 1 });
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const answer = await rawAnswer(url, method, chat);
      expect(answer.status, method).to.equal(405);
      expect(answer.head).to.include('\r\nallow: post\r\n');
    }
    expect(events).to.deep.equal([]);
  });

  it('of everything else takes GET and HEAD, and says so to all other methods', async () => {
    const { url, count } = await start({ openai: 1 });
    for (const path of ['/health', '/metrics', '/v1/models', '/models', '/v1/models/a/b']) {
      for (const method of ['PUT', 'DELETE', 'OPTIONS', 'POST']) {
        const { status, head, body } = await rawAnswer(url, method, path, jsonHeaders);
        expect([status, JSON.parse(body).error.code], `${method} ${path}`).to.deep.equal([405, 'method_not_allowed']);
        expect(head).to.include('\r\nallow: get, head\r\n');
      }
    }
    // A POST below /v1 was meant for a model.
    expect(count({ type: 'rejected', reason: 'validation' })).to.equal(3);
    expect(count({ type: 'request-ended', endpoint: 'other' })).to.equal(3);
  });

  it('that is unknown is named to clients with a key alone, and only /health needs none', async () => {
    const { url } = await start({ openai: 1, server: { keys: ['K1'] } });
    for (const path of [chat, '/v1/models', '/v1/models/gpt-4', '/metrics', '/', '/nowhere', '/v1/%ff']) {
      for (const method of ['GET', 'OPTIONS', 'POST']) {
        const { status, head } = await rawAnswer(url, method, path, jsonHeaders);
        expect([status, /\r\nallow:/.test(head)], `${method} ${path}`).to.deep.equal([401, false]);
      }
    }
    expect((await rawAnswer(url, 'GET', '/health')).status).to.equal(200);
    expect((await rawAnswer(url, 'POST', '/health')).status).to.equal(401);
    const told = await fetch(`${url}/nowhere`, { headers: withKey });
    const ofModels = modelEndpoints.map(({ path }) => `POST ${path}`);
    const asked = [...ofModels, ...storeEndpoints.map(({ method, path }) => `${method} ${path}`)].join(', ');
    expect((await errorOf(told)).message).to.equal(
      `There is no such path. Known: ${asked}, GET /v1/models, GET /v1/models/{id}, GET /api/hello, GET /health, GET /metrics.`,
    );
  });

  it('is counted for each POST below /v1, under an endpoint of a fixed set, and for nothing else', async () => {
    const openai = await mock('openai');
    const { url, count } = await start({ openai: openai.port });
    for (const path of [chat, `${chat}?a=b`]) {
      expect((await rawAnswer(url, 'POST', path, jsonHeaders)).status).to.equal(200);
    }
    for (const path of ['/v1/vector_stores', '/v1/x/y']) {
      expect((await rawAnswer(url, 'POST', path, jsonHeaders)).status).to.equal(404);
    }
    for (const path of ['/nowhere', '/v2/x', '/vector_stores']) {
      expect((await rawAnswer(url, 'POST', path, jsonHeaders)).status).to.equal(404);
    }
    expect(count({ type: 'request-ended', endpoint: 'chat_completions' })).to.equal(2);
    expect(count({ type: 'request-ended', endpoint: 'other', status: 'error' })).to.equal(2);
    expect(count({ type: 'request-ended' })).to.equal(4);
  });

  it('is compared as it is written: dot segments, escapes and capitals lead to no other path', async () => {
    const { url } = await start({ openai: 1 });
    const odd = ['/v1/./models', '/v1/models/../..', '/v1/x/../models', '/he%61lth', '/v1%2Fmodels', '/V1/models'];
    for (const path of [...odd, '/v1/models/../chat/completions', '/v1/models/..', '/v1/models/%2e%2e/%2e%2e']) {
      expect((await rawAnswer(url, 'GET', path)).status, path).to.equal(404);
    }
    for (const path of ['/v1/x/../chat/completions', '/v1/./chat/completions', '/v1/chat%2Fcompletions']) {
      expect((await rawAnswer(url, 'POST', path, jsonHeaders)).status, path).to.equal(404);
    }
  });

  it('asks the client to close its connection while the worker drains', async () => {
    const { url, plane } = await start({ openai: 1 });
    plane.announce();
    for (const path of ['/v1/models', '/nowhere', chat]) {
      expect((await fetch(url + path)).headers.get('connection'), path).to.equal('close');
    }
  });

  it('may be that of the metrics, wherever it is configured', async () => {
    const adminPort = await provider((request) => request.socket.resetAndDestroy());
    const { url } = await start({ openai: 1, server: { metricsPath: '/internal/numbers.txt' } }, { adminPort });
    for (const path of ['/internal/numbers.txt', '/internal/numbers.txt/', '/internal/numbers.txt?a']) {
      expect((await fetch(url + path)).status, path).to.equal(503);
    }
    for (const path of ['/metrics', '/internal/numbersXtxt']) {
      expect((await fetch(url + path)).status, path).to.equal(404);
    }
    const shadowed = await start({ openai: 1, server: { metricsPath: '/models/' } }, { adminPort });
    expect((await fetch(`${shadowed.url}/models`)).status).to.equal(503);
    expect((await fetch(`${shadowed.url}/v1/models`)).status).to.equal(200);
  });
});
