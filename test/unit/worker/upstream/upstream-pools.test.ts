/** Pools of one worker know nothing of those of another, and leave nothing behind. */
import { channel } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { systemClock } from '../../../../src/shared/clock.ts';
import { NameCache } from '../../../../src/worker/names/name-cache.ts';
import { UpstreamPools } from '../../../../src/worker/upstream/upstream-pools.ts';
import { testConfig } from '../../../helpers/test-config.ts';

describe('the pools of a worker', () => {
  const server = createServer((request, response) => {
    // A request for /cut gets no answer, and its connection is closed.
    if (request.url?.endsWith('/cut') === true) request.socket.destroy();
    else request.resume().on('end', () => response.end('{}'));
  });
  let opened: UpstreamPools[];

  function open(): UpstreamPools {
    const pools = new UpstreamPools(new NameCache({ clock: systemClock }));
    opened.push(pools);
    return pools;
  }

  /** `ended`, or whether the request may be sent again. */
  function ask(pools: UpstreamPools, path: string): Promise<'ended' | boolean> {
    const { port } = server.address() as AddressInfo;
    const { providers, models } = testConfig({ openai: port });
    const [provider, target] = [providers.openai, models['gpt-4']?.targets[0]];
    if (provider === undefined || target === undefined) throw new Error('the configuration has another form');
    return new Promise((resolve) => {
      pools.call(
        provider,
        target,
        { path, headers: ['content-length', '2'], body: Buffer.from('{}') },
        {
          sent: () => undefined,
          headers: () => undefined,
          data: () => undefined,
          ended: () => resolve('ended'),
          failed: ({ resendable }) => resolve(resendable),
        },
      );
    });
  }

  beforeEach(async () => {
    opened = [];
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await Promise.all(opened.map((pools) => pools.destroy()));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('know by themselves which of their connections were used before', async () => {
    const [one, other] = [open(), open()];
    expect(await ask(one, '/answer')).to.equal('ended');
    expect(await ask(other, '/cut'), 'on a new connection').to.equal(false);
    expect(await ask(one, '/cut'), 'on a connection that was used').to.equal(true);
  });

  it('listen to undici until they are destroyed, and not longer', async () => {
    const sends = channel('undici:client:sendHeaders');
    const before = sends.hasSubscribers;
    const pools = open();
    expect(sends.hasSubscribers).to.equal(true);
    await pools.destroy();
    expect(sends.hasSubscribers).to.equal(before);
  });
});
