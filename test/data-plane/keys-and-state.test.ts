/** What a provider keeps for one of its keys is asked for with that key alone. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Config } from '../../src/shared/config.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testKey } from '../helpers/test-config.ts';
import { jsonHeaders, planeFixture } from './plane-fixture.ts';
import { clientOf, type ResponseStore, refusalOf, responseStore, storeConfig } from './store-fixture.ts';

describe('what a provider keeps for one of several keys', () => {
  const { provider, close } = planeFixture();
  const planes: RunningPlane[] = [];
  let stores: Record<string, ResponseStore>;
  let port: number;

  beforeEach(async () => {
    const byKey = { default: responseStore('default'), b: responseStore('b') };
    stores = byKey;
    port = await provider((incoming, outgoing) => {
      const store = incoming.headers.authorization === 'Bearer sk-b' ? byKey.b : byKey.default;
      store.listener(incoming, outgoing);
    });
  });
  afterEach(async () => {
    for (const plane of planes.splice(0)) await plane.close();
    await close();
  });

  async function started(names = ['default', 'b'], more: Partial<Config> = {}) {
    const config = storeConfig({ ports: [port], retry: { attempts: 1 } });
    const { one, ...others } = config.providers;
    if (one === undefined) throw new Error('the fixture lacks its provider');
    const keys = names.map((name) => testKey(`sk-${name}`, { name }));
    const plane = await startPlane({ ...config, ...more, providers: { one: { ...one, keys }, ...others } });
    planes.push(plane);
    return { ...plane, client: clientOf(plane.url) };
  }

  /** A response that each key has, by its name. */
  async function createdByEach({ client }: Awaited<ReturnType<typeof started>>): Promise<Record<string, string>> {
    const ids: Record<string, string> = {};
    for (let session = 0; Object.keys(ids).length < 2; session += 1) {
      const headers = { 'session-id': `s${session}` };
      const { id } = await client.responses.create({ model: 'at-one', input: 'Hello' }, { headers });
      ids[id.includes('_b') ? 'b' : 'default'] = id;
    }
    return ids;
  }

  it('is gone on from, read and deleted with that key, whatever the session of the request', async () => {
    const gateway = await started();
    const { responses } = gateway.client;
    const ids = await createdByEach(gateway);
    for (const [key, previous] of Object.entries(ids)) {
      for (let session = 0; session < 5; session += 1) {
        const headers = { 'session-id': `t${session}` };
        const asked = { model: 'at-one', input: 'And?', previous_response_id: previous };
        expect((await responses.create(asked, { headers })).id).to.match(new RegExp(`_hg1[0-9a-f]{8}_${key}\\d+$`));
      }
      expect((await responses.retrieve(previous)).id).to.equal(previous);
      await responses.delete(previous);
      expect(await refusalOf(responses.retrieve(previous))).to.include({ status: 404 });
    }
    expect(gateway.count({ type: 'session-moved' })).to.equal(0);
  });

  it('is not found at once while that key cools down, or refuses, and no other key is asked for it', async () => {
    const gateway = await started();
    const { b: id = '' } = await createdByEach(gateway);
    const goOn = () =>
      refusalOf(gateway.client.responses.create({ model: 'at-one', input: 'x', previous_response_id: id }));
    const asked = () => [stores.default?.asked.length, stores.b?.asked.length];
    const [ofDefault, ofB = 0] = asked();
    if (stores.b !== undefined) stores.b.status = 401;
    expect(await goOn()).to.include({ status: 400, code: 'previous_response_not_found' });
    expect(asked()).to.deep.equal([ofDefault, ofB + 1]);
    expect(await goOn()).to.include({ status: 400, code: 'previous_response_not_found' });
    // To ask for all of it with another key would help nothing.
    expect(await refusalOf(gateway.client.responses.retrieve(id))).to.include({ status: 502, code: 'provider_auth' });
    expect(asked()).to.deep.equal([ofDefault, ofB + 1]);
    expect((await gateway.client.responses.create({ model: 'at-one', input: 'all of it' })).output_text).to.equal('hi');
  });

  it('is not found where the key is no longer configured', async () => {
    const { b: id = '' } = await createdByEach(await started());
    const { client } = await started(['default', 'c']);
    const goOn = client.responses.create({ model: 'at-one', input: 'x', previous_response_id: id });
    expect(await refusalOf(goOn)).to.include({ status: 400, code: 'previous_response_not_found' });
  });

  it('is found by the key named default if it was kept before there were others', async () => {
    const before = await started(['default']);
    const { id } = await before.client.responses.create({ model: 'at-one', input: 'Hello' });
    const { responses } = (await started()).client;
    expect((await responses.retrieve(id)).output_text).to.equal('hi');
    const next = await responses.create({ model: 'at-one', input: 'And?', previous_response_id: id });
    expect(next.id).to.match(/_default\d+$/);
  });

  it('is asked for with the first key where ids say nothing of keys, as those of files do', async () => {
    const { url, count } = await started(['b', 'default'], { passthrough: { files: 'one', batches: 'one' } });
    for (let time = 0; time < 5; time += 1) {
      await fetch(`${url}/v1/files/file-${time}`, { headers: jsonHeaders });
    }
    expect([stores.b?.asked.length, stores.default?.asked.length]).to.deep.equal([5, 0]);
    if (stores.b !== undefined) stores.b.status = 429;
    expect((await fetch(`${url}/v1/files/file-1`)).status).to.equal(429);
    expect([stores.default?.asked.length, count({ type: 'key-failover' })]).to.deep.equal([0, 0]);
  });
});
