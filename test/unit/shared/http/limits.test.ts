/** The pure parts of the limits on connections: addresses, descriptors, the order of idle ones. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { AddressCounts, networkOf } from '../../../../src/shared/http/address-counts.ts';
import { connectionCap } from '../../../../src/shared/http/descriptors.ts';
import { type IdleItem, IdleList } from '../../../../src/shared/http/idle-list.ts';

describe('connections of an address', () => {
  it('are those of an IPv4 address, also inside IPv6, or of a /64', () => {
    expect(networkOf('192.0.2.1')).to.equal('192.0.2.1');
    expect(networkOf('::ffff:192.0.2.1')).to.equal('192.0.2.1');
    expect(networkOf('2001:db8:1:2:3:4:5:6')).to.equal('2001:db8:1:2');
    expect(networkOf('2001:db8::5')).to.equal('2001:db8:0:0');
    expect(networkOf('::1')).to.equal('0:0:0:0');
  });

  it('are counted up and down', () => {
    const counts = new AddressCounts();
    const place = counts.placeOf('2001:db8::1');
    expect(counts.placeOf('2001:db8::2')).to.equal(place);
    expect([counts.add(place), counts.add(place)]).to.deep.equal([1, 2]);
    counts.remove(place);
    expect(counts.add(place)).to.equal(2);
  });
});

describe('the most connections', () => {
  it('are the configured ones, or half of the free descriptors, and never none', () => {
    expect(connectionCap(1_000, null)).to.equal(1_000);
    expect(connectionCap(1_000, { limit: 1_000_000, open: 40 })).to.equal(1_000);
    expect(connectionCap(1_000, { limit: 200, open: 40 })).to.equal(67);
    expect(connectionCap(1_000, { limit: 50, open: 40 })).to.equal(1);
  });
});

describe('a list of idle connections', () => {
  class Item implements IdleItem<Item> {
    before: Item | null = null;
    after: Item | null = null;
  }

  it('has the one first that was added first and not removed since', () => {
    const list = new IdleList<Item>();
    const [a, b, c] = [new Item(), new Item(), new Item()];
    for (const item of [a, b, c]) list.append(item);
    list.remove(b);
    expect(list.first).to.equal(a);
    list.remove(a);
    expect(list.first).to.equal(c);
    list.append(a);
    list.remove(c);
    expect(list.first).to.equal(a);
    list.remove(a);
    expect(list.first).to.equal(null);
  });
});
