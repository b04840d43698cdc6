import { expect } from 'chai';
import { describe, it } from 'mocha';
import { ChatStream } from '../../../../src/dialects/openai-chat/watch.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { SseOverflowError } from '../../../../src/wire/sse.ts';
import {
  committedRig,
  event,
  LINGER_MS,
  limits,
  makeRig,
  overloaded,
  type Rig,
  ScriptedAnswer,
  TERMINAL,
  TICK_MS,
} from './live-stream-rig.ts';

const MEBIBYTE = 1024 * 1024;

const cut = { fault: { kind: 'cut' } } as const;

/** An event of exactly so many bytes. */
function eventOfSize(kind: string, bytes: number): string {
  return event(`${kind} ${'x'.repeat(bytes - event(`${kind} `).length)}`);
}

/** The stream of a chat. */
function chatStream(): ChatStream {
  return new ChatStream({ choices: 1, includeUsage: false });
}

/** An answer that takes the end of the bytes for the end of it. */
function completeAtEnd(bytes = TERMINAL): ScriptedAnswer {
  return new ScriptedAnswer({ complete: true, bytes: Buffer.from(bytes), otherForm: false });
}

/** Does to a stream whatever can still be done to it, and lets every limit pass. */
function provoke({ stream, clock, send }: Rig): void {
  send(event('content late'), event('error'), event('terminal'));
  stream.ended();
  stream.fail(cut);
  clock.advance(limits.firstContentMs + limits.maxStreamMs + LINGER_MS);
}

describe('a live stream before its first content', () => {
  it('shows that its provider is alive by comments, not by what its client will get', () => {
    const rig = makeRig(new ChatStream({ choices: 1, includeUsage: false }));
    rig.send(': wait\n\n', ': wait\n\n');
    expect(rig.alive()).to.equal(2);
    rig.send('data: {"choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n');
    expect(rig.alive()).to.equal(2);
  });

  it('commits when the first content comes, and only once', () => {
    const { send, reports } = makeRig();
    send(event('metadata'));
    expect(reports).to.deep.equal([]);
    send(event('content'));
    send(event('content'), event('content'));
    expect(reports).to.deep.equal(['committed']);
  });

  it('holds its events, and writes them in order in one piece when the sink is attached', () => {
    const { send, reports, attach } = makeRig();
    send(event('metadata 1'));
    send(event('metadata 2'), event('content 3'));
    send(event('metadata 4'));
    attach();
    send(event('content 5'), event('content 6'));
    expect(reports).to.deep.equal([
      'committed',
      `write ${event('metadata 1')}${event('metadata 2')}${event('content 3')}${event('metadata 4')}`,
      `write ${event('content 5')}`,
      `write ${event('content 6')}`,
    ]);
  });

  it('writes nothing when the sink is attached and nothing is held', () => {
    const { send, reports, attach } = makeRig();
    send(event('content empty'));
    attach();
    expect(reports).to.deep.equal(['committed']);
  });

  it('drops comments', () => {
    const { send, sink, attach } = makeRig();
    send(': waiting\n\n');
    send(event('content'));
    attach();
    expect(sink.written).to.deep.equal([event('content')]);
  });

  it('holds up to 1 MiB without content, and is refused as unreadable beyond that', () => {
    const { send, reports, source } = makeRig();
    for (let half = 0; half < 2; half += 1) send(eventOfSize('metadata', MEBIBYTE / 2));
    expect(reports).to.deep.equal([]);
    send(event('metadata'), event('content'));
    expect(reports).to.deep.equal(['refused unreadable']);
    expect(source).to.deep.equal(['abort']);
  });

  it('holds what repeats a long request besides, which its client could make as long as it likes', () => {
    const { send, reports } = makeRig(undefined, MEBIBYTE);
    const repeated = eventOfSize('metadata', 3 * MEBIBYTE);
    send(repeated, repeated, eventOfSize('metadata', MEBIBYTE));
    expect(reports).to.deep.equal([]);
    send(event('metadata'));
    expect(reports).to.deep.equal(['refused unreadable']);
  });

  it('does not count comments towards what it holds', () => {
    const { send, reports } = makeRig();
    for (let sent = 0; sent < 2 * MEBIBYTE; sent += MEBIBYTE / 2) send(`: ${'x'.repeat(MEBIBYTE / 2)}\n\n`);
    send(event('metadata'), event('content'));
    expect(reports).to.deep.equal(['committed']);
  });

  it('holds any amount between the commit and the sink', () => {
    const { send, reports, sink, attach } = makeRig();
    const events = [event('content'), eventOfSize('metadata', MEBIBYTE), eventOfSize('content', MEBIBYTE)];
    send(...events);
    expect(reports).to.deep.equal(['committed']);
    attach();
    expect(sink.written).to.deep.equal([events.join('')]);
  });

  it('holds comments between the commit and the sink', () => {
    const { send, sink, attach } = makeRig();
    send(event('content'), ': still here\n\n');
    attach();
    expect(sink.written).to.deep.equal([`${event('content')}: still here\n\n`]);
  });

  for (const reason of ['length', 'content_filter', 'tool_calls', 'function_call']) {
    it(`commits at the finish reason ${reason}: an answer without content may be meant`, () => {
      const { send, reports, attach } = makeRig();
      send(event(`finish ${reason}`));
      attach();
      send(event('terminal'));
      expect(reports).to.deep.equal(['committed', `write ${event(`finish ${reason}`)}`, `complete ${TERMINAL}`]);
    });
  }

  it('does not commit at the finish reason stop, which is held like a metadata event', () => {
    const { send, reports, attach } = makeRig();
    send(event('finish stop'));
    expect(reports).to.deep.equal([]);
    send(event('content'));
    attach();
    expect(reports).to.deep.equal(['committed', `write ${event('finish stop')}${event('content')}`]);
  });

  const refusals: { what: string; end: (rig: Rig) => void; label: string }[] = [
    { what: 'its terminal comes', end: ({ send }) => send(event('terminal')), label: 'empty' },
    {
      what: 'its terminal comes after the finish reason stop',
      end: ({ send }) => send(event('finish stop'), event('terminal')),
      label: 'empty',
    },
    { what: 'an error event comes', end: ({ send }) => send(event('error')), label: 'error-event-529' },
    {
      what: 'an error event comes without an error',
      end: ({ send }) => send(event('error unexplained')),
      label: 'error-event',
    },
    { what: 'an event cannot be read', end: ({ send }) => send(event('nonsense')), label: 'unreadable' },
    {
      what: 'an event cannot be read because it is an error',
      end: ({ send }) => send(event('refusal')),
      label: 'error-event-529',
    },
    { what: 'its bytes end', end: ({ stream }) => stream.ended(), label: 'cut' },
    {
      what: 'its bytes end in the middle of an event',
      end: ({ stream, send }) => {
        send('data: conte');
        stream.ended();
      },
      label: 'cut',
    },
    {
      what: 'it is failed from outside',
      end: ({ stream }) => stream.fail({ fault: { kind: 'limit' } }),
      label: 'limit',
    },
    {
      what: 'the limit for the first content passes',
      end: ({ clock }) => clock.advance(limits.firstContentMs),
      label: 'timeout-first_content',
    },
  ];
  for (const { what, end, label } of refusals) {
    it(`is refused once as ${label} when ${what}, and aborts its source`, () => {
      const rig = makeRig();
      rig.send(event('metadata'));
      end(rig);
      expect(rig.reports).to.deep.equal([`refused ${label}`]);
      expect(rig.source).to.deep.equal(['abort']);
      provoke(rig);
      expect(rig.reports).to.deep.equal([`refused ${label}`]);
      expect(rig.source).to.deep.equal(['abort']);
    });
  }

  it('hands on an empty answer whole, for the case that no target has a better one', () => {
    const { send, empties } = makeRig();
    send(event('metadata'), event('finish stop'), event('terminal'));
    expect(empties).to.deep.equal([`${event('metadata')}${event('finish stop')}${TERMINAL}`]);
  });

  it('is refused as empty when its bytes end, for its dialect, with a whole answer', () => {
    const { stream, reports } = makeRig(completeAtEnd());
    stream.ended();
    expect(reports).to.deep.equal(['refused empty']);
  });

  it('commits when its last event is content that lacks the blank line', () => {
    const { stream, send, reports, attach } = makeRig();
    send('data: content');
    stream.ended();
    attach();
    expect(reports).to.deep.equal(['committed', `write ${event('content')}`, 'broken cut']);
  });

  it('hands on the failure with all that is known of it', () => {
    const byEvent = makeRig();
    byEvent.send(event('error'));
    expect(byEvent.refusals).to.deep.equal([
      {
        fault: { kind: 'error-event', status: 529, quota: false, subject: null },
        error: overloaded,
        retryAfterMs: 3_000,
      },
    ]);
    const unreadable = makeRig();
    unreadable.send(event('nonsense'));
    expect(unreadable.refusals[0]?.cause).to.be.instanceOf(UnreadableAnswerError);
    const fromOutside = makeRig();
    const failure = { fault: { kind: 'cut' }, cause: new Error('reset') } as const;
    fromOutside.stream.fail(failure);
    expect(fromOutside.refusals[0]).to.equal(failure);
  });

  it('is refused as unreadable when one event is larger than the splitter takes', () => {
    const { stream, reports, refusals: failures, source } = makeRig();
    stream.data(Buffer.alloc(16 * MEBIBYTE + 1, 'x'));
    expect(reports).to.deep.equal(['refused unreadable']);
    expect(failures[0]?.cause).to.be.instanceOf(SseOverflowError);
    expect(source).to.deep.equal(['abort']);
  });

  it('is given its whole limit for the first content, which other events do not prolong', () => {
    const { clock, send, reports } = makeRig();
    for (let passedMs = 0; passedMs < limits.firstContentMs - TICK_MS; passedMs += TICK_MS) {
      send(event('metadata'), ': waiting\n\n');
      clock.advance(TICK_MS);
    }
    expect(reports).to.deep.equal([]);
    clock.advance(TICK_MS);
    expect(reports).to.deep.equal(['refused timeout-first_content']);
  });
});

describe('a committed live stream', () => {
  it('passes metadata events, contents, finishes and comments on as they come', () => {
    const { send, reports } = committedRig();
    const events = [event('metadata'), event('content'), ': comment\n\n', event('finish stop')];
    for (const sent of events) send(sent);
    expect(reports).to.deep.equal(events.map((sent) => `write ${sent}`));
  });

  it('passes whole events on only, however the chunks are cut', () => {
    const { stream, reports } = committedRig();
    for (const byte of Buffer.from(`${event('content é')}${event('content 😀')}`)) stream.data(Buffer.from([byte]));
    expect(reports).to.deep.equal([`write ${event('content é')}`, `write ${event('content 😀')}`]);
  });

  it('writes nothing for an event that has no bytes', () => {
    const { send, reports } = committedRig();
    send(event('content empty'));
    expect(reports).to.deep.equal([]);
  });

  it('completes at its terminal, which it leaves to its sink to write', () => {
    const { send, reports, source } = committedRig();
    send(event('content'), event('terminal'), event('content late'));
    expect(reports).to.deep.equal([`write ${event('content')}`, `complete ${TERMINAL}`]);
    expect(source).to.deep.equal(['resume']);
  });

  it('completes at the end of its bytes where its dialect has seen a whole answer', () => {
    const { stream, reports } = committedRig(completeAtEnd(TERMINAL));
    stream.ended();
    expect(reports).to.deep.equal([`complete ${TERMINAL}`]);
  });

  it('completes once when its last event is a terminal that lacks the blank line', () => {
    const { stream, send, reports } = committedRig(completeAtEnd('asked in vain'));
    send('data: terminal');
    stream.ended();
    expect(reports).to.deep.equal([`complete ${TERMINAL}`]);
  });

  it('passes on a last event that lacks the blank line, and then ends as its dialect says', () => {
    for (const [answer, end] of [
      [new ScriptedAnswer(), 'broken cut'],
      [completeAtEnd(), `complete ${TERMINAL}`],
    ] as const) {
      const { stream, send, reports } = committedRig(answer);
      send('data: content');
      stream.ended();
      expect(reports).to.deep.equal([`write ${event('content')}`, end]);
    }
  });

  const breaks: { what: string; end: (rig: Rig) => void; label: string }[] = [
    {
      what: 'an error event comes',
      end: ({ send }) => send(event('error'), event('content')),
      label: 'error-event-529',
    },
    {
      what: 'an event cannot be read',
      end: ({ send }) => send(event('nonsense'), event('content')),
      label: 'unreadable',
    },
    { what: 'its bytes end', end: ({ stream }) => stream.ended(), label: 'cut' },
    {
      what: 'its last event is cut off',
      end: ({ stream, send }) => {
        send('data: conte');
        stream.ended();
      },
      label: 'cut',
    },
    {
      what: 'all that came of its last event is its name',
      end: ({ stream, send }) => {
        send('event: content_block_delta\n');
        stream.ended();
      },
      label: 'cut',
    },
    {
      what: 'its last event is an error that lacks the blank line',
      end: ({ stream, send }) => {
        send('data: error');
        stream.ended();
      },
      label: 'error-event-529',
    },
    {
      what: 'one event is larger than the splitter takes',
      end: ({ stream }) => stream.data(Buffer.alloc(16 * MEBIBYTE + 1, 'x')),
      label: 'unreadable',
    },
    { what: 'it is failed from outside', end: ({ stream }) => stream.fail(cut), label: 'cut' },
    { what: 'the provider is silent', end: ({ clock }) => clock.advance(limits.stallMs), label: 'timeout-stall' },
    {
      what: 'it takes longer than a stream may',
      end: ({ clock, send, reports, sink }) => {
        for (let passedMs = 0; passedMs < limits.maxStreamMs; passedMs += TICK_MS) {
          expect(reports.filter((report) => !report.startsWith('write'))).to.deep.equal([]);
          send(event('content'));
          clock.advance(TICK_MS);
        }
        reports.splice(0, sink.written.length);
      },
      label: 'limit',
    },
  ];
  for (const { what, end, label } of breaks) {
    it(`closes once as broken by ${label} when ${what}, and aborts its source`, () => {
      const rig = committedRig();
      end(rig);
      expect(rig.reports).to.deep.equal([`broken ${label}`]);
      expect(rig.source).to.deep.equal(['abort']);
      provoke(rig);
      expect(rig.reports).to.deep.equal([`broken ${label}`]);
      expect(rig.source).to.deep.equal(['abort']);
    });
  }

  it('hands on the failure with its cause', () => {
    const { stream, send, sink } = committedRig();
    send('data: conte');
    stream.ended();
    expect(sink.failures[0]?.cause).to.be.instanceOf(UnreadableAnswerError);
    const other = committedRig();
    const failure = { fault: { kind: 'cut' }, cause: new Error('reset') } as const;
    other.stream.fail(failure);
    expect(other.sink.failures[0]).to.equal(failure);
  });

  it('counts the stall limit from the commit, whatever was left of the one before', () => {
    const { clock, send, attach, reports } = makeRig();
    clock.advance(limits.firstContentMs - TICK_MS);
    send(event('content empty'));
    attach();
    clock.advance(limits.stallMs - TICK_MS);
    expect(reports).to.deep.equal(['committed']);
    clock.advance(TICK_MS);
    expect(reports).to.deep.equal(['committed', 'broken timeout-stall']);
  });

  for (const kind of ['metadata', 'content', 'finish stop']) {
    it(`starts the stall limit anew with each ${kind}`, () => {
      const { clock, send, reports } = committedRig();
      clock.advance(limits.stallMs - TICK_MS);
      send(event(kind));
      clock.advance(limits.stallMs - TICK_MS);
      expect(reports).to.deep.equal([`write ${event(kind)}`]);
      clock.advance(TICK_MS);
      expect(reports).to.deep.equal([`write ${event(kind)}`, 'broken timeout-stall']);
    });
  }

  it('does not prolong the stall limit for comments', () => {
    const { clock, send, reports } = committedRig();
    clock.advance(limits.stallMs - TICK_MS);
    send(': still here\n\n');
    clock.advance(TICK_MS);
    expect(reports).to.deep.equal(['write : still here\n\n', 'broken timeout-stall']);
  });

  it('counts the limit of the whole stream from the commit', () => {
    const { clock, send, reports, attach } = makeRig();
    clock.advance(limits.firstContentMs - TICK_MS);
    send(event('content'));
    attach();
    for (let passedMs = 0; passedMs < limits.maxStreamMs - TICK_MS; passedMs += TICK_MS) {
      clock.advance(TICK_MS);
      send(event('content empty'));
    }
    expect(reports).to.deep.equal(['committed', `write ${event('content')}`]);
    clock.advance(TICK_MS);
    expect(reports.at(-1)).to.equal('broken limit');
  });
});

describe('a live stream after its end', () => {
  it('gives the provider 1 s after the terminal to end its connection, and aborts it then', () => {
    const { clock, send, source } = committedRig();
    send(event('terminal'));
    clock.advance(LINGER_MS - TICK_MS);
    expect(source).to.deep.equal(['resume']);
    clock.advance(TICK_MS);
    expect(source).to.deep.equal(['resume', 'abort']);
  });

  it('does not abort a source that has ended in time', () => {
    const { clock, stream, send, source } = committedRig();
    send(event('terminal'));
    clock.advance(LINGER_MS - TICK_MS);
    stream.ended();
    clock.advance(LINGER_MS);
    expect(source).to.deep.equal(['resume']);
  });

  it('reports nothing more after it is complete', () => {
    const rig = committedRig();
    rig.send(event('terminal'));
    provoke(rig);
    expect(rig.reports).to.deep.equal([`complete ${TERMINAL}`]);
  });

  it('leaves no limit set, however it ended', () => {
    const ends: ((rig: Rig) => void)[] = [
      ({ stream }) => stream.fail(cut),
      ({ stream }) => stream.abandon(),
      ({ stream, send }) => {
        send(event('terminal'));
        stream.ended();
      },
    ];
    for (const end of ends) {
      for (const rig of [makeRig(), committedRig()]) {
        end(rig);
        rig.clock.advance(TICK_MS);
        expect(rig.clock.pending).to.equal(0);
      }
    }
  });

  it('writes what it holds and closes as complete when the sink is attached late', () => {
    const { send, reports, attach } = makeRig();
    send(event('metadata'), event('content'), event('terminal'));
    expect(reports).to.deep.equal(['committed']);
    attach();
    expect(reports).to.deep.equal([
      'committed',
      `write ${event('metadata')}${event('content')}`,
      `complete ${TERMINAL}`,
    ]);
  });

  it('writes what it holds and closes as broken when the sink is attached late', () => {
    const { stream, send, reports, sink, attach } = makeRig();
    send(event('content'));
    stream.fail(cut);
    expect(reports).to.deep.equal(['committed']);
    attach();
    expect(reports).to.deep.equal(['committed', `write ${event('content')}`, 'broken cut']);
    expect(sink.failures[0]).to.equal(cut);
  });

  it('keeps its limits between the commit and the sink', () => {
    const { clock, send, reports, source, attach } = makeRig();
    send(event('content empty'));
    clock.advance(limits.stallMs);
    expect(source).to.deep.equal(['abort']);
    attach();
    expect(reports).to.deep.equal(['committed', 'broken timeout-stall']);
  });

  for (const [when, make] of [
    ['before its first content', () => makeRig()],
    ['after it', () => committedRig()],
  ] as const) {
    it(`reports nothing when it is abandoned ${when}, and aborts its source`, () => {
      const rig = make();
      rig.stream.abandon();
      expect(rig.source).to.deep.equal(['abort']);
      provoke(rig);
      expect(rig.reports).to.deep.equal([]);
      expect(rig.source).to.deep.equal(['abort']);
    });
  }
});

describe('a live stream in the openai dialect', () => {
  const chunk = (delta: object, finish: string | null = null) =>
    event(JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] }));
  const answer = [chunk({ role: 'assistant' }), chunk({ content: 'é' }), chunk({ content: '😀' }), chunk({}, 'stop')];
  const done = event('[DONE]');

  it('arrives byte for byte, the terminal apart, cut at any byte', () => {
    const bytes = Buffer.from([...answer, done].join(''));
    for (let at = 0; at <= bytes.length; at += 1) {
      const { stream, sink, reports, attach } = makeRig(chatStream());
      stream.data(bytes.subarray(0, at));
      stream.data(bytes.subarray(at));
      attach();
      expect(sink.written.join('')).to.equal(answer.join(''));
      expect(reports.at(-1)).to.equal(`complete ${done}`);
    }
  });

  it('is given the terminal that its provider left out', () => {
    const { stream, send, sink, reports, attach } = makeRig(chatStream());
    send(...answer);
    attach();
    stream.ended();
    expect(sink.written).to.deep.equal([answer.join('')]);
    expect(reports.at(-1)).to.equal(`complete ${done}`);
  });

  it('is cut when its last event is, and passes nothing of that event on', () => {
    const { stream, send, sink, reports, attach } = makeRig(chatStream());
    const whole = answer.slice(0, 3).join('');
    send(whole);
    attach();
    stream.data(Buffer.from(answer[3] ?? '').subarray(0, 20));
    stream.ended();
    expect(sink.written).to.deep.equal([whole]);
    expect(reports.at(-1)).to.equal('broken cut');
  });

  it('gives the tokens that its dialect has read', () => {
    const { stream, send } = makeRig(chatStream());
    expect(stream.usage).to.equal(null);
    send(event('{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}'));
    expect(stream.usage).to.include({ input: 3, output: 4 });
  });
});
