/** When a call reads on: never inside the parser that may be running when it is told to. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Dispatcher } from 'undici';
import { UpstreamCall } from '../../../../src/worker/upstream/upstream-call.ts';

const nothing = () => undefined;
const listener = { sent: nothing, headers: nothing, data: nothing, ended: nothing, failed: nothing };

/** A call under way, and what it asks of undici. */
function underWay() {
  const asked: string[] = [];
  const controller: Pick<Dispatcher.DispatchController, 'abort' | 'pause' | 'resume'> = {
    abort: () => void asked.push('abort'),
    pause: () => void asked.push('pause'),
    resume: () => void asked.push('resume'),
  };
  const call = new UpstreamCall(listener, { call: null });
  call.onRequestStart(controller as Dispatcher.DispatchController);
  return { call, asked };
}

describe('an upstream call', () => {
  it('reads on after everything that runs now has ended', async () => {
    const { call, asked } = underWay();
    call.pause();
    call.resume();
    expect(asked).to.deep.equal(['pause']);
    await Promise.resolve();
    expect(asked).to.deep.equal(['pause', 'resume']);
  });

  it('does not read on if it is paused again or given up meanwhile', async () => {
    const { call, asked } = underWay();
    call.resume();
    call.pause();
    await Promise.resolve();
    expect(asked).to.deep.equal(['pause']);
    call.resume();
    call.abort();
    await Promise.resolve();
    expect(asked).to.deep.equal(['pause', 'abort']);
  });
});
