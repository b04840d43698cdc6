import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { ConfigAcks } from '../../../../src/primary/reload/config-acks.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';

let clock: ManualClock;
let acks: ConfigAcks;

/** Adds the setup of each test of a block. */
function prepare(): void {
  beforeEach(() => {
    clock = new ManualClock();
    acks = new ConfigAcks(clock);
  });
}

describe('acknowledgements of a configuration', () => {
  prepare();
  it('are complete when every worker has answered', async () => {
    const late = acks.collect(2, ['a', 'b']);
    acks.answered('a', 2, false);
    acks.answered('b', 2, false);
    expect(await late).to.deep.equal([]);
    expect(clock.pending).to.equal(0);
  });

  it('name the workers that did not answer within 5 s', async () => {
    const late = acks.collect(2, ['a', 'b']);
    acks.answered('a', 2, false);
    clock.advance(5_000);
    expect(await late).to.deep.equal(['b']);
  });

  it('name the workers that refuse, without waiting', async () => {
    const late = acks.collect(2, ['a', 'b']);
    acks.answered('a', 2, true);
    acks.answered('b', 2, false);
    expect(await late).to.deep.equal(['a']);
  });

  it('of another version do not count', async () => {
    const late = acks.collect(3, ['a']);
    acks.answered('a', 2, false);
    clock.advance(5_000);
    expect(await late).to.deep.equal(['a']);
  });

  it('do not wait for workers that have ended', async () => {
    const late = acks.collect(2, ['a']);
    acks.gone('a');
    expect(await late).to.deep.equal([]);
  });

  it('are complete immediately if no worker was asked', async () => {
    expect(await acks.collect(2, [])).to.deep.equal([]);
  });
});
