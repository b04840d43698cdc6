import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { type LiveEvent, LiveEvents } from '../../../../src/primary/admin/live-events.ts';
import type { Status } from '../../../../src/primary/admin/status.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';
import { requestEnded } from '../../../helpers/numbers.ts';

let clock: ManualClock;
let live: LiveEvents;
let seen: LiveEvent[];

/** Notes an event of a frame. */
function see(frame: string): void {
  const [, type, data = ''] = /^event: (\w+)\ndata: (.+)\n\n$/.exec(frame) ?? [];
  const event = JSON.parse(data) as LiveEvent;
  expect(event.type).to.equal(type);
  seen.push(event);
}

/** Adds the setup of each test of a block. */
function prepare(): void {
  beforeEach(() => {
    clock = new ManualClock();
    live = new LiveEvents(clock);
    seen = [];
  });
}

describe('live events', () => {
  prepare();
  it('hold the rates of each second by provider', () => {
    live.subscribe(see);
    live.count([requestEnded({ provider: 'a' }), requestEnded({ provider: 'a', status: 'error' })]);
    live.count([requestEnded({ provider: 'b' }), { type: 'retry', provider: 'b' }]);
    clock.advance(1_000);
    clock.advance(1_000);
    expect(seen).to.deep.equal([
      {
        type: 'rates',
        requestsPerSecond: 3,
        errorsPerSecond: 1,
        providers: { a: { requests: 2, errors: 1 }, b: { requests: 1, errors: 0 } },
      },
      { type: 'rates', requestsPerSecond: 0, errorsPerSecond: 0, providers: {} },
    ]);
  });

  it('reach every watcher until it unsubscribes', () => {
    const unsubscribe = live.subscribe(see);
    live.publish({ type: 'circuit', provider: 'a', model: null, state: 'open' });
    unsubscribe();
    live.publish({ type: 'circuit', provider: 'a', model: null, state: 'closed' });
    expect(seen).to.deep.equal([{ type: 'circuit', provider: 'a', model: null, state: 'open' }]);
  });

  it('hold the status for each new watcher, and once a second for all, made once; and not while nobody watches', () => {
    let made = 0;
    live.connect(() => {
      made += 1;
      return { version: `${made}` } as Status;
    });
    clock.advance(5_000);
    expect(made).to.equal(0);
    const frames: [string[], string[]] = [[], []];
    const leave = frames.map((list) => live.subscribe((frame) => list.push(frame)));
    clock.advance(2_000);
    for (const each of leave) each();
    clock.advance(2_000);
    expect(made).to.equal(4);
    const statuses = frames.map((list) => list.filter((frame) => frame.startsWith('event: status\n')));
    expect(statuses.map((list) => list.length)).to.deep.equal([3, 3]);
    expect(statuses[0]?.slice(1)).to.deep.equal(statuses[1]?.slice(1));
    expect(statuses[0]?.[0]).to.equal('event: status\ndata: {"type":"status","status":{"version":"1"}}\n\n');
  });

  it('stop when closed', () => {
    live.subscribe(see);
    live.close();
    clock.advance(5_000);
    expect(seen).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });
});
