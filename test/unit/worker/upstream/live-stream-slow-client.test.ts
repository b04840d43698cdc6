import { expect } from 'chai';
import { describe, it } from 'mocha';
import { committedRig, event, limits, makeRig, TERMINAL, TICK_MS } from './live-stream-rig.ts';

describe('a live stream with a slow client', () => {
  it('pauses its source when the sink is full, and resumes it once when the sink has drained', () => {
    const { stream, send, sink, source } = committedRig();
    stream.drained();
    expect(source).to.deep.equal([]);
    sink.open = false;
    send(event('content'));
    expect(source).to.deep.equal(['pause']);
    sink.open = true;
    stream.drained();
    stream.drained();
    expect(source).to.deep.equal(['pause', 'resume']);
  });

  it('pauses its source when the held events fill the sink', () => {
    const { stream, send, sink, source, attach } = makeRig();
    sink.open = false;
    send(event('content'));
    attach();
    expect(source).to.deep.equal(['pause']);
    stream.drained();
    expect(source).to.deep.equal(['pause', 'resume']);
  });

  it('still writes the events that come while its source is paused', () => {
    const { send, sink } = committedRig();
    sink.open = false;
    send(event('content 1'), event('content 2'));
    send(event('content 3'));
    expect(sink.written).to.deep.equal([1, 2, 3].map((number) => event(`content ${number}`)));
  });

  it('takes silence while its source is paused for a client that is gone', () => {
    const { clock, send, sink, reports, source } = committedRig();
    clock.advance(limits.stallMs - TICK_MS);
    sink.open = false;
    send(event('content'));
    clock.advance(limits.stallMs - TICK_MS);
    expect(reports).to.deep.equal([`write ${event('content')}`]);
    clock.advance(TICK_MS);
    expect(reports).to.deep.equal([`write ${event('content')}`, 'broken client-gone']);
    expect(source).to.deep.equal(['pause', 'abort']);
  });

  it('gives the client its whole limit when a comment fills the sink', () => {
    const { clock, send, sink, reports } = committedRig();
    clock.advance(limits.stallMs - TICK_MS);
    sink.open = false;
    send(': comment\n\n');
    clock.advance(limits.stallMs - TICK_MS);
    expect(reports).to.deep.equal(['write : comment\n\n']);
    clock.advance(TICK_MS);
    expect(reports.at(-1)).to.equal('broken client-gone');
  });

  it('does not prolong the limit of the client for events that come while its source is paused', () => {
    const { clock, send, sink, reports } = committedRig();
    sink.open = false;
    send(event('content'));
    clock.advance(limits.stallMs - TICK_MS);
    sink.open = true;
    send(event('content'), event('content empty'));
    clock.advance(TICK_MS);
    expect(reports.at(-1)).to.equal('broken client-gone');
  });

  it('gives the provider a whole stall limit again when the client has drained', () => {
    const { stream, clock, send, sink, reports } = committedRig();
    sink.open = false;
    send(event('content'));
    clock.advance(limits.stallMs - TICK_MS);
    stream.drained();
    clock.advance(limits.stallMs - TICK_MS);
    expect(reports).to.deep.equal([`write ${event('content')}`]);
    clock.advance(TICK_MS);
    expect(reports.at(-1)).to.equal('broken timeout-stall');
  });

  it('holds a paused stream to the limit of the whole stream', () => {
    const { stream, clock, send, sink, reports } = committedRig();
    sink.open = false;
    for (let passedMs = 0; passedMs < limits.maxStreamMs; passedMs += TICK_MS) {
      send(event('content'));
      clock.advance(TICK_MS);
      stream.drained();
    }
    expect(reports.at(-1)).to.equal('broken limit');
  });

  it('completes when its terminal comes while it is paused, and resumes its source', () => {
    const { clock, stream, send, sink, reports, source } = committedRig();
    sink.open = false;
    send(event('content'), event('terminal'));
    expect(reports).to.deep.equal([`write ${event('content')}`, `complete ${TERMINAL}`]);
    expect(source).to.deep.equal(['pause', 'resume']);
    stream.ended();
    clock.advance(limits.stallMs);
    expect(reports).to.have.length(2);
  });
});
