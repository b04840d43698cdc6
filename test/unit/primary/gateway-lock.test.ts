import { expect } from 'chai';
import { describe, it } from 'mocha';
import { takeGatewayLock } from '../../../src/primary/gateway-lock.ts';
import { LockTakenError } from '../../../src/primary/start-errors.ts';

/** Nobody serves on this address; the lock is of its name alone. */
const host = `127.0.0.${process.pid % 250}`;

describe('the lock of a gateway', () => {
  it('is held by one at a time', async () => {
    const lock = await takeGatewayLock(host, 1);
    const error: unknown = await takeGatewayLock(host, 1).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(LockTakenError).with.property('message').that.contains(`${host}:1`);
    lock.release();
    (await takeGatewayLock(host, 1)).release();
  });

  it('of another port is another lock', async () => {
    const locks = await Promise.all([takeGatewayLock(host, 2), takeGatewayLock(host, 3)]);
    for (const lock of locks) lock.release();
    expect(locks).to.have.length(2);
  });
});
