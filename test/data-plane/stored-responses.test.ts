/** What providers keep of responses, found again by its id alone: at which of several, streamed or whole, and where not. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { errorOf, jsonHeaders, planeFixture } from './plane-fixture.ts';
import {
  clientOf,
  eventsOf,
  type ResponseStore,
  refusalOf,
  responseStore,
  responseText,
  storeConfig,
} from './store-fixture.ts';

const TAG = /hg1[0-9a-f]{8}_/;

describe('responses that providers keep', () => {
  const { provider, close } = planeFixture();
  const planes: RunningPlane[] = [];
  let one: ResponseStore;
  let two: ResponseStore;
  let ports: [number, number];

  beforeEach(async () => {
    [one, two] = [responseStore('one'), responseStore('two')];
    ports = [await provider(one.listener), await provider(two.listener)];
  });
  afterEach(async () => {
    for (const plane of planes.splice(0)) await plane.close();
    await close();
  });

  async function started(options: Partial<Parameters<typeof storeConfig>[0]> = {}) {
    const plane = await startPlane(storeConfig({ ports, ...options }));
    planes.push(plane);
    return { ...plane, ...clientOf(plane.url), responses: clientOf(plane.url).responses };
  }

  const post = (url: string, body: object, path = '/v1/responses') =>
    fetch(url + path, { method: 'POST', headers: jsonHeaders, body: JSON.stringify(body) });

  it('are gone on from, read, listed, cancelled and deleted at the provider that has them', async () => {
    const { responses, count } = await started();
    for (const [model, store, other] of [
      ['at-one', one, two],
      ['at-two', two, one],
    ] as const) {
      const { id } = await responses.create({ model, input: 'Hello' });
      const own = [...store.kept.keys()].at(-1) ?? '';
      expect(id).to.match(TAG);
      expect(id.replace(TAG, '')).to.equal(own);
      // Of the targets of `both`, this one has it.
      const next = await responses.create({ model: 'both', input: 'And?', previous_response_id: id });
      expect(JSON.parse(store.asked.at(-1)?.body ?? '')).to.include({ previous_response_id: own, model: 'real-model' });
      expect(next.previous_response_id).to.equal(id);
      const read = await responses.retrieve(id);
      expect([read.id, read.output_text]).to.deep.equal([id, 'hi']);
      expect((await responses.inputItems.list(id, { limit: 2, order: 'asc' })).data).to.have.length(1);
      expect((await responses.cancel(id)).status).to.equal('cancelled');
      await responses.delete(id);
      expect(store.kept.has(own)).to.equal(false);
      expect(store.asked.slice(-4).map(({ method, url }) => `${method} ${url}`)).to.deep.equal([
        `GET /v1/responses/${own}`,
        `GET /v1/responses/${own}/input_items?limit=2&order=asc`,
        `POST /v1/responses/${own}/cancel`,
        `DELETE /v1/responses/${own}`,
      ]);
      expect(await refusalOf(responses.retrieve(id))).to.include({ status: 404 });
      expect(other.asked.filter(({ url }) => url.includes(own))).to.deep.equal([]);
    }
    expect(count({ type: 'request-ended', endpoint: 'stored_responses', model: 'other' })).to.equal(10);
    expect(
      count({ type: 'request-ended', endpoint: 'stored_responses', status: 'error', code: 'request_rejected' }),
    ).to.equal(2);
  });

  it('have the bytes of their provider but for the id', async () => {
    const { url } = await started();
    const whole = await (await post(url, { model: 'at-one', input: 'Hello' })).text();
    expect(whole).to.match(TAG);
    expect(whole.replace(TAG, '')).to.equal(responseText('resp_one1'));
    const streamed = await (await post(url, { model: 'at-one', input: 'Hello', stream: true })).text();
    expect(streamed.match(new RegExp(TAG, 'g'))).to.have.length(3);
    expect(streamed.replaceAll(new RegExp(TAG, 'g'), '')).to.equal(eventsOf('resp_one2').join(''));
    const id = /"id":"(resp_[^"]+)"/.exec(streamed)?.[1] ?? '';
    const again = await (await fetch(`${url}/v1/responses/${id}?stream=true&starting_after=0`)).text();
    expect(again).to.equal(streamed);
    expect(one.asked.at(-1)?.url).to.equal('/v1/responses/resp_one2?stream=true&starting_after=0');
  });

  it('are untouched where one provider alone could have them, and where none is to keep them', async () => {
    const { url } = await started({ ports: [ports[0]] });
    const answer = await (await post(url, { model: 'at-one', input: 'Hello' })).text();
    expect(answer).to.equal(responseText('resp_one1'));
    const streamed = await (await post(url, { model: 'mixed', input: 'Hello', stream: true })).text();
    expect(streamed).to.equal(eventsOf('resp_one2').join(''));
    expect(await (await fetch(`${url}/v1/responses/resp_one1`)).json()).to.include({ id: 'resp_one1' });
    const next = { model: 'mixed', input: 'Hello', previous_response_id: 'resp_one1' };
    expect((await post(url, next)).status).to.equal(200);
    const { url: several } = await started();
    const forgotten = await (await post(several, { model: 'both', input: 'Hello', store: false })).text();
    expect(forgotten).to.equal(responseText('resp_one4'));
  });

  it('are read by the official client as a stream of the ids that it goes on from', async () => {
    const { responses } = await started();
    const final = await responses.stream({ model: 'at-two', input: 'Hello' }).finalResponse();
    expect(final.id).to.match(TAG);
    await responses.create({ model: 'both', input: 'And?', previous_response_id: final.id });
    expect(JSON.parse(two.asked.at(-1)?.body ?? '').previous_response_id).to.equal('resp_two1');
  });

  it('are found after a restart, by another worker, and with a new key of the account', async () => {
    const before = await started();
    const { id } = await before.responses.create({ model: 'at-two', input: 'Hello' });
    const after = await started({ key: 'rotated' });
    expect((await after.responses.retrieve(id)).id).to.equal(id);
    expect(two.asked.at(-1)).to.include({ key: 'Bearer rotated', url: '/v1/responses/resp_two1' });
  });

  it('are not looked for where nobody knows who has them', async () => {
    const { responses, url, plane, count } = await started();
    const foreign = ['resp_one1', 'resp_hg100000000_one1', 'resp_hg1', 'x'];
    for (const id of foreign) {
      for (const call of [() => responses.retrieve(id), () => responses.cancel(id), () => responses.delete(id)]) {
        expect(await refusalOf(call()), id).to.include({ status: 404, code: 'response_not_found' });
      }
      const refused = await refusalOf(responses.create({ model: 'both', input: 'x', previous_response_id: id }));
      expect(refused, id).to.include({
        status: 400,
        code: 'previous_response_not_found',
        param: 'previous_response_id',
      });
    }
    const { id } = await responses.create({ model: 'at-two', input: 'Hello' });
    // The model that is asked now is not where it is kept.
    const elsewhere = await refusalOf(responses.create({ model: 'at-one', input: 'x', previous_response_id: id }));
    expect(elsewhere).to.include({ status: 400, code: 'previous_response_not_found' });
    plane.reconfigure(storeConfig({ ports: [ports[0]] }));
    expect(await refusalOf(responses.retrieve(id))).to.include({ status: 404, code: 'response_not_found' });
    const gone = await refusalOf(responses.create({ model: 'at-one', input: 'x', previous_response_id: id }));
    expect(gone).to.include({ status: 400, code: 'previous_response_not_found' });
    expect([one.asked.length, two.asked.length]).to.deep.equal([0, 1]);
    expect(count({ type: 'attempt-ended' })).to.equal(1);
    expect((await errorOf(await fetch(`${url}/v1/responses/${id}`))).message).to.include(
      'no provider is known to keep it',
    );
  });

  it('have no other path at a provider than below its own', async () => {
    const { url } = await started({ ports: [ports[0]] });
    for (const id of [
      '..',
      '.',
      'a%2F..%2F..%2Fchat',
      '..%2Ffiles',
      'a/b',
      'a%3Fb',
      'a%23b',
      'a%0d%0ab',
      'a%20b',
      'é',
      'x'.repeat(300),
    ]) {
      const { status } = await fetch(`${url}/v1/responses/${id}x`, { redirect: 'manual' });
      expect(status, id).to.equal(404);
    }
    expect((await fetch(`${url}/v1/responses/%ff`)).status).to.equal(400);
    expect((await fetch(`${url}/v1/responses/a?b="`)).status).to.equal(404);
    expect(one.asked.map(({ url: path }) => path)).to.deep.equal(['/v1/responses/a?b=%22']);
  });

  it('are asked of no other target if theirs fails', async () => {
    const { responses, count } = await started();
    const { id } = await responses.create({ model: 'both', input: 'Hello' });
    one.status = 500;
    const failed = await refusalOf(responses.create({ model: 'both', input: 'x', previous_response_id: id }));
    // Its client sends everything again, and the other target can take that.
    expect(failed).to.include({ status: 400, code: 'previous_response_not_found' });
    expect(await refusalOf(responses.retrieve(id))).to.include({ status: 502, code: 'provider_error' });
    expect(two.asked).to.deep.equal([]);
    expect(count({ type: 'failover' })).to.equal(0);
  });

  it('are given up for the whole conversation while their provider is not to be asked', async () => {
    const { responses, view, count } = await started();
    const { id } = await responses.create({ model: 'both', input: 'Hello' });
    view([{ provider: 'one', model: null, state: 'open', remainingMs: 60_000 }]);
    const refused = await refusalOf(responses.create({ model: 'both', input: 'x', previous_response_id: id }));
    expect(refused).to.include({ status: 400, code: 'previous_response_not_found' });
    // Nobody else could answer these.
    const alone = await refusalOf(responses.create({ model: 'at-one', input: 'x', previous_response_id: id }));
    expect(alone).to.include({ status: 503, code: 'circuit_open' });
    expect(await refusalOf(responses.retrieve(id))).to.include({ status: 503, code: 'circuit_open' });
    expect((await responses.create({ model: 'both', input: 'all of it' })).output_text).to.equal('hi');
    expect(two.asked).to.have.length(1);
    expect(count({ type: 'attempt-ended' })).to.equal(2);
  });

  it('are given up at once, and not waited for, though their conversation is long', async () => {
    const { responses, view, count } = await started();
    const { id } = await responses.create({ model: 'both', input: 'Hello' });
    view([], [{ provider: 'one', key: 'default', model: 'real-model', remainingMs: 4_000, reason: 'rate_limited' }]);
    const long = { model: 'both', input: 'x'.repeat(20_000), previous_response_id: id };
    const beganMs = performance.now();
    const refused = await refusalOf(responses.create(long, { headers: { 'session-id': 'a' } }));
    expect(refused).to.include({ status: 400, code: 'previous_response_not_found' });
    expect(performance.now() - beganMs).to.be.below(2_000);
    expect(two.asked).to.deep.equal([]);
    expect(count({ type: 'session-moved' })).to.equal(0);
  });

  it('keep their id to the end of a stream that breaks off', async () => {
    const { url } = await started();
    one.cuts = true;
    const text = await (await post(url, { model: 'at-one', input: 'Hello', stream: true })).text();
    const ids = [...text.matchAll(/"id":"(resp_[^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).to.equal(1);
    expect(ids[0]).to.match(TAG);
    expect(text).to.include('event: response.failed\n');
  });

  it('have not failed because their stream broke off on its way', async () => {
    const { url } = await started();
    const { id } = JSON.parse(await (await post(url, { model: 'at-one', input: 'Hello' })).text());
    one.cuts = true;
    const answer = await fetch(`${url}/v1/responses/${id}?stream=true`);
    let text = '';
    let isWhole = true;
    try {
      for await (const piece of answer.body ?? []) text += Buffer.from(piece).toString();
    } catch {
      isWhole = false;
    }
    expect(isWhole).to.equal(false);
    expect(text).to.match(/event: error\ndata: {"type":"error","code":"provider_stream_cut",[^\n]*\n\n$/);
    expect(text).to.not.include('response.failed');
  });

  it('belong to whoever has a key', async () => {
    const { url } = await started({ server: { keys: ['K1'] } });
    for (const method of ['GET', 'DELETE']) {
      expect((await fetch(`${url}/v1/responses/resp_1`, { method })).status).to.equal(401);
    }
    expect(one.asked).to.deep.equal([]);
  });

  it('are read with GET, and no other method than there is', async () => {
    const { url } = await started();
    for (const [method, path, allow] of [
      ['HEAD', '/v1/responses/resp_1', 'GET, DELETE'],
      ['PUT', '/v1/responses/resp_1/cancel', 'POST, GET, DELETE'],
      ['POST', '/v1/files/file-1', 'GET, DELETE'],
      ['DELETE', '/v1/batches', 'POST, GET'],
    ] as const) {
      const refused = await fetch(url + path, { method });
      expect([refused.status, refused.headers.get('allow')], `${method} ${path}`).to.deep.equal([405, allow]);
    }
  });
});

describe('what is asked about the input of a response', () => {
  const { provider, close } = planeFixture();
  let plane: RunningPlane | null = null;
  afterEach(async () => {
    await plane?.close();
    await close();
  });

  it('goes to a target that has such an API, with its own name of the model', async () => {
    const store = responseStore('one');
    plane = await startPlane(storeConfig({ ports: [await provider(store.listener)] }));
    const { responses } = clientOf(plane.url);
    const counted = await responses.inputTokens.count({ model: 'mixed', input: 'Hello' });
    expect(counted.input_tokens).to.equal(7);
    const compacted = await responses.compact({ model: 'mixed', input: 'Hello' });
    expect(compacted.object).to.equal('response.compaction');
    expect(store.asked.map(({ url, body }) => [url, JSON.parse(body)])).to.deep.equal([
      ['/v1/responses/input_tokens', { model: 'real-model', input: 'Hello' }],
      ['/v1/responses/compact', { model: 'real-model', input: 'Hello' }],
    ]);
    expect(plane.count({ type: 'request-ended', endpoint: 'response_tokens', model: 'mixed' })).to.equal(1);
    expect(plane.count({ type: 'request-ended', endpoint: 'response_compaction', status: 'success' })).to.equal(1);
    // Those of the compaction alone.
    expect(plane.count({ type: 'tokens' })).to.equal(1);
  });

  it('is refused by name where no target has such an API', async () => {
    plane = await startPlane(storeConfig({ ports: [1] }));
    const { responses } = clientOf(plane.url);
    const refused = { status: 404, code: 'unsupported_endpoint' };
    expect(await refusalOf(responses.inputTokens.count({ model: 'messages', input: 'x' }))).to.include(refused);
    expect(await refusalOf(responses.compact({ model: 'messages', input: 'x' }))).to.include(refused);
  });
});
