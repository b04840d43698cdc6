import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { obeySignals } from '../../../src/primary/signals.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

describe('signals to the primary', () => {
  let clock: ManualClock;
  let told: string[];
  let release: () => void;

  beforeEach(() => {
    clock = new ManualClock();
    told = [];
    const actions = {
      stop: () => told.push('stop'),
      kill: () => told.push('kill'),
      reload: () => told.push('reload'),
      roll: () => told.push('roll'),
    };
    release = obeySignals(actions, clock);
  });

  afterEach(() => release());

  it('each have their meaning', () => {
    for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGTERM'] as const) process.emit(signal, signal);
    expect(told).to.deep.equal(['reload', 'roll', 'stop']);
  });

  it('to stop are taken from a Ctrl-C and from pm2 as well', () => {
    process.emit('SIGINT', 'SIGINT');
    expect(told).to.deep.equal(['stop']);
    clock.advance(1_000);
    process.emit('message', 'shutdown', undefined);
    expect(told).to.deep.equal(['stop', 'kill']);
  });

  it('that come twice at the same time are one wish', () => {
    process.emit('SIGINT', 'SIGINT');
    clock.advance(100);
    process.emit('SIGINT', 'SIGINT');
    expect(told).to.deep.equal(['stop']);
  });

  it('that come again later end everything', () => {
    process.emit('SIGTERM', 'SIGTERM');
    clock.advance(501);
    process.emit('SIGTERM', 'SIGTERM');
    expect(told).to.deep.equal(['stop', 'kill']);
  });

  it('are obeyed until released', () => {
    release();
    expect(process.listenerCount('SIGUSR2')).to.equal(0);
    expect(process.listenerCount('SIGHUP')).to.equal(0);
  });
});
