import { expect } from 'chai';
import { describe, it } from 'mocha';
import { bodyFor, eventually, post, rawPost, useMock } from './running-mock.ts';

describe('the routes under /_mock', () => {
  const mock = useMock('openai');

  const call = async (method: string, path: string, body?: string) => {
    const response = await fetch(`${mock.url}/_mock${path}`, { method, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return { status: response.status, text, json: () => JSON.parse(text) };
  };

  it('sets, shows and clears faults', async () => {
    const set = await call('PUT', '/fault', '{"kind":"status","status":503,"times":3}');
    expect(set.status).to.equal(200);
    expect(set.json().faults).to.deep.equal([{ kind: 'status', status: 503, times: 3, headers: {} }]);
    await post(mock.port, 'openai', bodyFor('openai'));
    expect((await call('GET', '/fault')).json().faults[0].times).to.equal(2);
    expect((await call('DELETE', '/fault')).json()).to.deep.equal({ faults: [] });
    expect((await post(mock.port, 'openai', bodyFor('openai'))).status).to.equal(200);
  });

  const refused: readonly [name: string, path: string, body: string, message: RegExp][] = [
    ['a body that is not JSON', '/fault', 'kind=reset', /not JSON/],
    ['an empty body', '/fault', '', /not JSON/],
    ['an unknown kind, and names all kinds', '/fault', '{"kind":"explode"}', /kind: .*'hang'.*'bad-json'/],
    ['an unknown field', '/fault', '{"kind":"hang","ms":5}', /"ms"/],
    ['a missing parameter', '/fault', '{"kind":"slow-headers"}', /^ms: /],
    ['a number of times below 1', '/fault', '{"kind":"hang","times":0}', /^times: /],
    ['a status that HTTP does not have', '/fault', '{"kind":"status","status":700}', /^status: /],
    ['a header that would break the answer', '/fault', '{"kind":"status","retryAfter":"1\\r\\nx: y"}', /retryAfter/],
    ['a shape without chunks', '/shape', '{"chunks":0}', /^chunks: /],
    ['an unknown field of the shape', '/shape', '{"latency":5}', /"latency"/],
  ];
  for (const [name, path, body, message] of refused) {
    it(`refuses ${name}`, async () => {
      const reply = await call('PUT', path, body);
      expect(reply.status).to.equal(400);
      expect(reply.json().error.message).to.match(message);
      expect(mock.control.faults()).to.deep.equal([]);
    });
  }

  it('lists the routes on /_mock, and names that list on an unknown route', async () => {
    expect((await call('GET', '')).text).to.include('PUT    /_mock/fault');
    const unknown = await call('POST', '/faults');
    expect(unknown.status).to.equal(404);
    expect(unknown.json().error.message).to.include('GET /_mock');
  });

  it('counts requests, models and connections', async () => {
    await post(mock.port, 'openai', bodyFor('openai', { model: 'a' }));
    await post(mock.port, 'openai', bodyFor('openai', { model: 'b' }));
    await post(mock.port, 'openai', bodyFor('openai', { model: 'b', stream: true }));
    await post(mock.port, 'openai', '{}');
    await fetch(`${mock.url}/v1/models`).then((response) => response.text());
    const stats = (await call('GET', '/stats')).json();
    expect(stats).to.deep.include({ requests: 4, inFlight: 0, aborted: 0, byModel: { a: 1, b: 2 } });
    expect(stats.connections).to.be.within(1, stats.connectionsAccepted);
    expect(stats.bytesWritten).to.be.greaterThan(1_000);
  });

  it('counts requests whose clients leave early', async () => {
    const body = bodyFor('openai');
    const request = rawPost(mock.port, 'openai', body);
    request.socket.destroySoon();
    const half = rawPost(mock.port, 'openai', '');
    await Promise.all([request.ended, half.ended]);
    await eventually(() => mock.control.stats().inFlight === 0);
    expect(mock.control.stats().requests).to.equal(2);
  });
});
