import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { handleSignals } from '../../../src/primary/signals.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const;

describe('signal handling of the primary', () => {
  let clock: ManualClock;
  let calls: string[];
  let release: () => void;
  let messageListeners = 0;
  /** Listeners of the test run itself, which would end it at a signal. */
  let restoreOthers: () => void;

  beforeEach(() => {
    const restores = signals.map((signal) => {
      const listeners = process.rawListeners(signal);
      process.removeAllListeners(signal);
      return () => {
        for (const listener of listeners) process.on(signal, (...args) => listener(...args));
      };
    });
    restoreOthers = () => {
      for (const restore of restores) restore();
    };
    messageListeners = process.listenerCount('message');
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
    for (const signal of signals) process.removeAllListeners(signal);
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

  it('ignores all signals after its release, and does not leave them to the system', () => {
    release();
    for (const signal of signals) process.emit(signal, signal);
    expect(calls).to.deep.equal([]);
    expect(signals.map((signal) => process.listenerCount(signal))).to.deep.equal([1, 1, 1, 1]);
    expect(process.listenerCount('message')).to.equal(messageListeners);
  });
});
