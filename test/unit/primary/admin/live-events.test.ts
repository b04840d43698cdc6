import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { type LiveEvent, LiveEvents } from '../../../../src/primary/admin/live-events.ts';
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

  it('stop when closed', () => {
    live.subscribe(see);
    live.close();
    clock.advance(5_000);
    expect(seen).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });
});
