import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { handleSignals } from '../../../src/primary/signals.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

describe('signal handling of the primary', () => {
  let clock: ManualClock;
  let calls: string[];
  let release: () => void;
  /** Listeners of the test run itself, which would end it at a signal. */
  let restoreOthers: () => void;

  beforeEach(() => {
    const restores = (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const).map((signal) => {
      const listeners = process.rawListeners(signal);
      process.removeAllListeners(signal);
      return () => {
        for (const listener of listeners) process.on(signal, (...args) => listener(...args));
      };
    });
    restoreOthers = () => {
      for (const restore of restores) restore();
    };
    clock = new ManualClock();
    calls = [];
    const actions = {
      stop: () => calls.push('stop'),
      kill: () => calls.push('kill'),
      reload: () => calls.push('reload'),
      roll: () => calls.push('roll'),
    };
    release = handleSignals(actions, clock);
  });

  afterEach(() => {
    release();
    restoreOthers();
  });

  it('maps each signal to its action', () => {
    for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGTERM'] as const) process.emit(signal, signal);
    expect(calls).to.deep.equal(['reload', 'roll', 'stop']);
  });

  it('also stops on a Ctrl-C and on the message of pm2', () => {
    process.emit('SIGINT', 'SIGINT');
    expect(calls).to.deep.equal(['stop']);
    clock.advance(1_000);
    process.emit('message', 'shutdown', undefined);
    expect(calls).to.deep.equal(['stop', 'kill']);
  });

  it('counts two stop signals within half a second as one', () => {
    process.emit('SIGINT', 'SIGINT');
    clock.advance(100);
    process.emit('SIGINT', 'SIGINT');
    expect(calls).to.deep.equal(['stop']);
  });

  it('kills everything on a later second stop signal', () => {
    process.emit('SIGTERM', 'SIGTERM');
    clock.advance(501);
    process.emit('SIGTERM', 'SIGTERM');
    expect(calls).to.deep.equal(['stop', 'kill']);
  });

  it('ends when released', () => {
    release();
    expect(process.listenerCount('SIGUSR2')).to.equal(0);
    expect(process.listenerCount('SIGHUP')).to.equal(0);
  });
});
