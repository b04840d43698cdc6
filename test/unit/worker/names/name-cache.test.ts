import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { NameCache } from '../../../../src/worker/names/name-cache.ts';
import { type Answer, NameError } from '../../../../src/worker/names/name-query.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';

const TTL_MS = 10_000;
const LIMIT_MS = 5_000;

/** Lets promises and two turns of the event loop pass. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('the names of providers', () => {
  let folder = '';
  let clock: ManualClock;
  let names: NameCache;
  let asked: PromiseWithResolvers<Answer>[] = [];
  let results: string[] = [];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'headgate-names-'));
    const hostsPath = path.join(folder, 'hosts');
    writeFileSync(hostsPath, '10.1.1.1 in-hosts.test\n');
    clock = new ManualClock(1_000_000);
    asked = [];
    results = [];
    const query = () => {
      const question = Promise.withResolvers<Answer>();
      asked.push(question);
      return question.promise;
    };
    names = new NameCache({ clock, hostsPath, resolverPath: path.join(folder, 'resolv.conf'), query });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const resolve = (name = 'api.test') =>
    names.resolve(name, LIMIT_MS, (error, addresses) => {
      results.push(error?.code ?? addresses.map(({ address }) => address).join(' '));
    });
  const answer = async (address: string) => {
    asked.at(-1)?.resolve({ addresses: [{ address, family: 4 }], ttlMs: TTL_MS });
    await turns();
  };
  const fail = async (code: NameError['code']) => {
    asked.at(-1)?.reject(new NameError(code, 'api.test'));
    await turns();
  };

  it('are taken from the hosts file first, and need no question', () => {
    resolve('in-hosts.test');
    resolve('IN-HOSTS.test');
    expect(results).to.deep.equal(['10.1.1.1', '10.1.1.1']);
    expect(asked).to.have.length(0);
  });

  it('include localhost and all below it, on every host', () => {
    resolve('localhost');
    resolve('app.localhost');
    expect(results).to.deep.equal(['127.0.0.1 ::1', '127.0.0.1 ::1']);
  });

  it('are asked for once, however many wait', async () => {
    for (let connection = 0; connection < 5; connection += 1) resolve();
    expect(asked).to.have.length(1);
    await answer('10.0.0.1');
    expect(results).to.deep.equal(Array(5).fill('10.0.0.1'));
    expect(clock.pending).to.equal(0);
  });

  it('are kept for their time to live, and then asked for again while the old address serves', async () => {
    resolve();
    await answer('10.0.0.1');
    clock.advance(TTL_MS - 1);
    resolve();
    expect(asked).to.have.length(1);
    clock.advance(1);
    resolve();
    resolve();
    expect(asked).to.have.length(2);
    expect(results).to.deep.equal(Array(4).fill('10.0.0.1'));
    await answer('10.0.0.2');
    resolve();
    expect(results.at(-1)).to.equal('10.0.0.2');
  });

  it('are waited for briefly when they expired long ago, and served stale then', async () => {
    resolve();
    await answer('10.0.0.1');
    clock.advance(3_600_000);
    resolve();
    expect(results).to.have.length(1);
    clock.advance(200);
    await turns();
    expect(results).to.deep.equal(['10.0.0.1', '10.0.0.1']);
    resolve();
    await answer('10.0.0.2');
    expect(results.at(-1)).to.equal('10.0.0.2');
  });

  it('are served stale at once while the resolver is known to be silent', async () => {
    resolve();
    await answer('10.0.0.1');
    clock.advance(3_600_000);
    resolve();
    await fail('EAI_AGAIN');
    resolve();
    expect(results).to.deep.equal(Array(3).fill('10.0.0.1'));
  });

  it('are not served when they expired more than a day ago', async () => {
    resolve();
    await answer('10.0.0.1');
    clock.advance(TTL_MS + 86_400_000);
    resolve();
    await fail('EAI_AGAIN');
    clock.advance(LIMIT_MS);
    await turns();
    expect(results.at(-1)).to.equal('EAI_AGAIN');
  });

  it('are gone when the resolver says so, whatever was known before', async () => {
    resolve();
    await answer('10.0.0.1');
    clock.advance(TTL_MS);
    resolve();
    await fail('ENOTFOUND');
    resolve();
    expect(results).to.deep.equal(['10.0.0.1', '10.0.0.1', 'ENOTFOUND']);
    expect(asked).to.have.length(2);
    clock.advance(2_000);
    resolve();
    expect(asked).to.have.length(3);
    await answer('10.0.0.3');
    expect(results.at(-1)).to.equal('10.0.0.3');
  });

  it('fail at the limit where no resolver answers, and after that without waiting, until one answers', async () => {
    resolve();
    clock.advance(LIMIT_MS);
    await turns();
    expect(results).to.deep.equal(['EAI_AGAIN']);
    clock.advance(10_000);
    resolve();
    expect(results).to.deep.equal(['EAI_AGAIN', 'EAI_AGAIN']);
    expect(asked).to.have.length(1);
    await answer('10.0.0.1');
    resolve();
    expect(results.at(-1)).to.equal('10.0.0.1');
  });

  it('are waited for again when the last silence is half a minute old', async () => {
    resolve();
    await fail('EAI_AGAIN');
    clock.advance(30_000);
    resolve();
    expect(results).to.have.length(1);
    await answer('10.0.0.1');
    expect(results).to.deep.equal(['EAI_AGAIN', '10.0.0.1']);
  });

  it('are asked for at most once a second after a failure', async () => {
    for (let request = 0; request < 20; request += 1) {
      resolve();
      await fail('EAI_AGAIN');
      clock.advance(100);
    }
    expect(asked).to.have.length(2);
  });

  it('keep a name apart from another that is silent', async () => {
    resolve('dead.test');
    resolve('api.test');
    await answer('10.0.0.1');
    expect(results).to.deep.equal(['10.0.0.1']);
  });

  it('are not waited for a second time by the socket, when an old address is to serve', async () => {
    resolve();
    await answer('10.0.0.1');
    clock.advance(3_600_000);
    resolve();
    clock.advance(200);
    await turns();
    const found: unknown[] = [];
    names.lookup('api.test', {}, (error, address) => found.push(error, address));
    expect(found).to.deep.equal([null, '10.0.0.1']);
  });

  it('are looked up for a socket in both of its forms', async () => {
    resolve();
    await answer('10.0.0.1');
    const found: unknown[] = [];
    names.lookup('api.test', { all: true }, (error, addresses) => found.push(error, addresses));
    names.lookup('api.test', {}, (error, address, family) => found.push(error, address, family));
    names.lookup('api.test', { family: 6 }, (error) => found.push(error?.code));
    const address = { address: '10.0.0.1', family: 4 };
    expect(found).to.deep.equal([null, [address], null, '10.0.0.1', 4, 'ENOTFOUND']);
  });
});
