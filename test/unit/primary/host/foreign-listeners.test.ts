import { once } from 'node:events';
import net from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { watchForeignListeners } from '../../../../src/primary/host/foreign-listeners.ts';
import { listeningInodes } from '../../../../src/primary/host/listeners.ts';
import { PortTakenError } from '../../../../src/primary/host/start-errors.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { keptLog } from '../../../helpers/numbers.ts';

const warning = 'another program listens on the same port and takes a part of the connections';

describe('other listeners on the port', () => {
  let servers: net.Server[];
  let port: number;
  beforeEach(async () => {
    servers = [];
    port = await listen('127.0.0.1', 0);
  });
  afterEach(() => {
    for (const server of servers) server.close();
  });

  const listen = async (host: string, wanted: number) => {
    const server = net.createServer();
    servers.push(server);
    server.listen({ host, port: wanted, reusePort: true });
    await once(server, 'listening');
    return (server.address() as net.AddressInfo).port;
  };
  /** All that listen now are the gateway's own. */
  const ownNow = (host: string) => {
    const own = new Set(listeningInodes(host, port));
    return (inode: string) => own.has(inode);
  };
  const watch = (isOwn: (inode: string) => boolean, host = '127.0.0.1') => {
    const { log, entries } = keptLog();
    const clock = new ManualClock();
    watchForeignListeners({ host, port, isOwn, clock, log });
    return { clock, entries };
  };

  it('keep a gateway from starting, which names the program', () => {
    expect(() => watch(() => false))
      .to.throw(PortTakenError)
      .with.property('message')
      .that.matches(new RegExp(`^127\\.0\\.0\\.1:${port} is taken by .*\\(pid ${process.pid}\\): `));
  });

  it('are none where all are its own', () => {
    const { clock, entries } = watch(ownNow('127.0.0.1'));
    clock.advance(60_000);
    expect(entries).to.deep.equal([]);
  });

  it('that come later are reported, each once', async () => {
    const { clock, entries } = watch(ownNow('127.0.0.1'));
    await listen('127.0.0.1', port);
    clock.advance(60_000);
    expect(entries.map(({ msg, pid }) => [msg, pid])).to.deep.equal([[warning, process.pid]]);
  });

  it('count where their address is more specific than the own, and not where it is less', async () => {
    expect(listeningInodes('0.0.0.0', port)).to.have.length(1);
    expect(listeningInodes('::', port)).to.have.length(1);
    expect(listeningInodes('127.0.0.2', port)).to.deep.equal([]);
    await listen('0.0.0.0', port);
    expect(listeningInodes('127.0.0.1', port)).to.have.length(1);
    expect(listeningInodes('0.0.0.0', port)).to.have.length(2);
  });

  it('are found by IPv6 addresses too', async () => {
    await listen('::1', port);
    expect(listeningInodes('::1', port)).to.have.length(1);
    expect(listeningInodes('::', port)).to.have.length(2);
    expect(listeningInodes('0.0.0.0', port)).to.have.length(1);
  });
});
