import { once } from 'node:events';
import net from 'node:net';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openSlotSockets } from '../../../../src/primary/processes/slot-sockets.ts';
import { AddressError, PortTakenError } from '../../../../src/primary/processes/start-errors.ts';

describe('slot sockets', () => {
  it('share one free port when 0 is configured', async () => {
    const sockets = await openSlotSockets('127.0.0.1', 0, 3);
    expect(sockets.port).to.be.greaterThan(0);
    expect(sockets.perSlot).to.equal(true);
    const descriptors = [0, 1, 2].map((slot) => sockets.descriptor(slot));
    expect(new Set(descriptors).size).to.equal(3);
    sockets.close();
  });

  it('resolve a host name before they bind', async () => {
    const sockets = await openSlotSockets('localhost', 0, 1);
    expect(net.isIP(sockets.host)).to.be.greaterThan(0);
    sockets.close();
  });

  it('keep a descriptor until the slot is closed, then bind a new one', async () => {
    const sockets = await openSlotSockets('127.0.0.1', 0, 2);
    const before = sockets.descriptor(1);
    expect(sockets.descriptor(1)).to.equal(before);
    sockets.closeSlot(1);
    expect(sockets.descriptor(1)).to.be.a('number');
    sockets.close();
  });

  it('accept no connection while no process listens on them', async () => {
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
