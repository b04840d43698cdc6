import { once } from 'node:events';
import net from 'node:net';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { AddressError, PortTakenError } from '../../../../src/primary/host/start-errors.ts';
import { openSlotSockets } from '../../../../src/primary/processes/slot-sockets.ts';

describe('slot sockets', () => {
  it('share one free port when 0 is configured', async () => {
    const sockets = await openSlotSockets('127.0.0.1', 0, 3);
    expect(sockets.port).to.be.greaterThan(0);
    expect(sockets.perSlot).to.equal(true);
    const handed = [0, 1, 2].map((slot) => sockets.socketFor(slot));
    expect(new Set(handed).size).to.equal(3);
    sockets.close();
  });

  it('resolve a host name before they bind', async () => {
    const sockets = await openSlotSockets('localhost', 0, 1);
    expect(net.isIP(sockets.host)).to.be.greaterThan(0);
    sockets.close();
  });

  it('are the same for each worker of a slot until they are renewed', async () => {
    const sockets = await openSlotSockets('127.0.0.1', 0, 2);
    const before = sockets.socketFor(1);
    expect(sockets.socketFor(1)).to.equal(before);
    sockets.renew(1);
    expect(before?.destroyed).to.equal(true);
    expect(sockets.socketFor(1)).not.to.equal(before);
    sockets.close();
  });

  it('are not renewed before a worker had them: such a socket listens nowhere', async () => {
    const sockets = await openSlotSockets('127.0.0.1', 0, 1);
    sockets.renew(0);
    const socket = sockets.socketFor(0);
    expect(socket?.destroyed).to.equal(false);
    sockets.close();
    expect(socket?.destroyed).to.equal(true);
  });

  it('take no connection while nobody listens on them', async () => {
    const sockets = await openSlotSockets('127.0.0.1', 0, 1);
    const client = net.connect(sockets.port, '127.0.0.1');
    const [error] = await once(client, 'error');
    expect(error).to.have.property('code', 'ECONNREFUSED');
    sockets.close();
  });

  for (const [host, words] of [
    // An address of the documentation block, which no machine has.
    ['192.0.2.1', 'server.host (or --host) is 192.0.2.1, not an address of this machine (EADDRNOTAVAIL): '],
    // The domain `.invalid` is reserved and never resolves.
    ['nowhere.invalid', 'server.host (or --host) is nowhere.invalid, which cannot be resolved ('],
  ] as const) {
    it(`name the setting when listening on ${host} fails`, async () => {
      const error: unknown = await openSlotSockets(host, 0, 1).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(AddressError).with.property('message').that.contains(words);
    });
  }

  it('reject with a PortTakenError when another program has the port', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as net.AddressInfo;
    const error: unknown = await openSlotSockets('127.0.0.1', port, 2).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(PortTakenError).with.property('message').that.contains(`127.0.0.1:${port}`);
    other.close();
  });
});
