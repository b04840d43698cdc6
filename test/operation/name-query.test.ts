import type dns from 'node:dns';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { HostResolver, NameError } from '../../src/worker/names/name-query.ts';
import { type NameServer, startNameServer } from '../helpers/name-server.ts';

const IPV6 = 'fd00:0:0:0:0:0:0:7';

describe('a question to the resolver', () => {
  let server: NameServer;
  let resolver: HostResolver;
  let systemLookups: (PromiseWithResolvers<dns.LookupAddress[]> & { readonly hostname: string })[] = [];
  let answersAtOnce = true;

  beforeEach(async () => {
    server = await startNameServer();
    systemLookups = [];
    resolver = new HostResolver(systemClock, (hostname) => {
      const lookup = Promise.withResolvers<dns.LookupAddress[]>();
      systemLookups.push({ ...lookup, hostname });
      if (answersAtOnce) lookup.reject(new Error('nothing here'));
      return lookup.promise;
    });
    answersAtOnce = true;
  });
  afterEach(async () => {
    resolver.close();
    await server.close();
  });

  const config = (search: readonly string[] = []) => ({ servers: [server.address], search, ndots: 1 });
  const codeOf = async (name: string, search?: readonly string[]) => {
    const failure: unknown = await resolver.query(name, config(search)).catch((error: unknown) => error);
    return failure instanceof NameError ? failure.code : failure;
  };

  it('brings the addresses of both families, with their time to live', async () => {
    server.records.set('api.test', ['10.0.0.7', IPV6]);
    server.ttl = 17;
    const { addresses, ttlMs } = await resolver.query('api.test', config());
    expect(addresses.map(({ address, family }) => `${family} ${address}`)).to.include.members(['4 10.0.0.7']);
    expect(addresses.every(({ family }) => family === 4 || family === 6)).to.equal(true);
    expect(ttlMs).to.equal(17_000);
  });

  it('is content with one family', async () => {
    server.records.set('four.test', ['10.0.0.7']);
    server.records.set('six.test', [IPV6]);
    expect((await resolver.query('four.test', config())).addresses).to.have.length(1);
    expect((await resolver.query('six.test', config())).addresses).to.deep.equal([{ address: 'fd00::7', family: 6 }]);
  });

  it('keeps an answer for a second at the least, and for an hour at the most', async () => {
    server.records.set('api.test', ['10.0.0.7']);
    for (const [ttl, ttlMs] of [
      [0, 1_000],
      [1_000_000, 3_600_000],
    ] as const) {
      server.ttl = ttl;
      expect((await resolver.query('api.test', config())).ttlMs).to.equal(ttlMs);
    }
  });

  it('goes through the search domains', async () => {
    server.records.set('ollama.svc', ['10.0.0.7']);
    const { addresses } = await resolver.query('ollama', config(['ns.svc', 'svc']));
    expect(addresses[0]?.address).to.equal('10.0.0.7');
    expect(server.questions).to.include.members(['ollama.ns.svc A', 'ollama.svc A']);
    expect(server.questions).not.to.include('ollama A');
  });

  it('goes past a search domain whose servers are silent', async () => {
    server.records.set('ollama.ns.svc', 'silent');
    server.records.set('ollama.svc', ['10.0.0.7']);
    const { addresses } = await resolver.query('ollama', config(['ns.svc', 'svc']));
    expect(addresses[0]?.address).to.equal('10.0.0.7');
    server.records.delete('ollama.svc');
    expect(await codeOf('ollama', ['ns.svc', 'svc'])).to.equal('EAI_AGAIN');
  });

  it('fails as not found, as failed, or as unanswered', async () => {
    server.records.set('broken.test', 'fail');
    expect(await codeOf('missing.invalid')).to.equal('ENOTFOUND');
    expect(await codeOf('broken.test')).to.equal('ESERVFAIL');
    await server.close();
    expect(await codeOf('api.test')).to.equal('EAI_AGAIN');
    server = await startNameServer();
  });

  it('asks the system for what c-ares does not find, one name after the other', async () => {
    answersAtOnce = false;
    const first = resolver.query('box.local', config());
    const second = resolver.query('other.local', config());
    await eventually('the system is asked', () => systemLookups.length === 1);
    systemLookups[0]?.resolve([{ address: '10.0.0.7', family: 4 }]);
    await eventually('it is asked again', () => systemLookups.length === 2);
    systemLookups[1]?.resolve([{ address: '10.0.0.8', family: 4 }]);
    const answers = await Promise.all([first, second]);
    const byName = systemLookups.map(({ hostname }) => hostname);
    expect(byName.sort()).to.deep.equal(['box.local', 'other.local']);
    expect(answers.map(({ addresses }) => addresses[0]?.address).sort()).to.deep.equal(['10.0.0.7', '10.0.0.8']);
  });

  it('fails as unanswered where the resolver is silent', async () => {
    server.silent = true;
    expect(await codeOf('api.test')).to.equal('EAI_AGAIN');
  });
});
