import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { pino } from 'pino';
import { systemClock } from '../../../../src/shared/clock.ts';
import type { Log } from '../../../../src/shared/log.ts';
import type { LineSink } from '../../../../src/shared/output/line-blocks.ts';
import type { RequestLine } from '../../../../src/worker/reporting/request-line.ts';
import { RequestLog } from '../../../../src/worker/reporting/request-log.ts';

const line: RequestLine = {
  id: 'req-1',
  model: 'a "quoted" model',
  provider: 'openai',
  upstreamModel: 'gpt-4-0613',
  upstreamRequestId: 'req_1',
  outcome: 'success',
  status: 200,
  stream: true,
  durationMs: 12.3,
  firstContentMs: null,
  attempts: 'openai=500(3ms), "b"=200',
  inputTokens: 3,
  outputTokens: 4,
  owner: null,
  code: null,
  cause: null,
};

function requestLogTo(log: Log, sink: LineSink, wallMs: number, onTerminal = false): RequestLog {
  return new RequestLog({ log, sink, onTerminal, worker: 3, clock: { ...systemClock, wallMs: () => wallMs } });
}

/** The lines of a logger and a request log that share a sink. */
function written(level: string, use: (log: Log, requestLog: RequestLog) => void, wallMs = Date.now()): string[] {
  const lines: string[] = [];
  const sink = { write: (text: string) => lines.push(text) };
  const settings = { level, base: { worker: 3 }, timestamp: () => `,"time":"${new Date(wallMs).toISOString()}"` };
  const log = pino(settings, sink);
  use(log, requestLogTo(log, sink, wallMs));
  return lines;
}

describe('the request log', () => {
  for (const wallMs of [0, 7, 1_750_000_000_042, 1_750_000_000_999]) {
    it(`writes the same line as the logger at ${wallMs} ms`, () => {
      const [composed, reference] = written(
        'info',
        (log, requestLog) => {
          requestLog.write(line);
          log.info(line, 'request');
        },
        wallMs,
      );
      expect(composed).to.equal(reference);
    });
  }

  it('contains the time of the first content', () => {
    const [composed = ''] = written('info', (_log, requestLog) => requestLog.write({ ...line, firstContentMs: 4.5 }));
    expect(JSON.parse(composed)).to.include({ firstContentMs: 4.5, worker: 3, msg: 'request' });
  });

  it('respects the level of the log, also after a change', () => {
    const lines = written('warn', (log, requestLog) => {
      requestLog.write(line);
      log.level = 'info';
      requestLog.write(line);
    });
    expect(lines).to.have.length(1);
  });

  it('has a line for all requests, for those that failed, or for none', () => {
    const outcomesOf = (requests: RequestLog['requests']) =>
      written('info', (_log, requestLog) => {
        requestLog.requests = requests;
        for (const outcome of ['success', 'error', 'client_gone'] as const) requestLog.write({ ...line, outcome });
      }).map((text) => JSON.parse(text).outcome);
    expect(outcomesOf('all')).to.deep.equal(['success', 'error', 'client_gone']);
    expect(outcomesOf('errors')).to.deep.equal(['error']);
    expect(outcomesOf('none')).to.deep.equal([]);
  });
});

describe('the request log on a terminal', () => {
  const shown = (changes: Partial<RequestLine>) => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: () => undefined });
    const sink = { write: (text: string) => lines.push(text) };
    requestLogTo(log, sink, 1_750_000_000_042, true).write({ ...line, model: 'gpt-4', ...changes });
    return stripVTControlCharacters(lines.join('')).replace(/^\[\d\d:\d\d:40[+-]\d\d:\d\d\] {2}/, '');
  };

  it('writes one short line for each request', () => {
    expect(shown({ stream: false, attempts: 'openai=200' })).to.equal('200  gpt-4  openai/gpt-4-0613  12 ms\n');
    expect(shown({ attempts: 'openai=200', firstContentMs: 4.5, upstreamModel: 'gpt-4' })).to.equal(
      '200  gpt-4  openai  12 ms, first content 5 ms, stream\n',
    );
  });

  it('names no provider where none was asked', () => {
    const unknown = { provider: 'unknown', upstreamModel: null, outcome: 'error', status: 404, attempts: '' } as const;
    expect(shown({ ...unknown, stream: false, code: 'model_not_found', owner: 'client' })).to.equal(
      '404  gpt-4  12 ms  model_not_found, owner client, id req-1\n',
    );
  });

  it('shows which model was asked for where none has that name, and why targets were left out', () => {
    expect(shown({ stream: false, model: 'other', askedModel: 'gpt "5"', attempts: 'openai=200' })).to.match(
      /^200 {2}other \(asked for "gpt \\"5\\""\) {2}openai/,
    );
    expect(shown({ leftOut: 'b=key-refused(3s)' })).to.match(/ {2}left out: b=key-refused\(3s\)\n$/);
  });

  it('shows what was tried, and for a failure its code, cause, owner and id', () => {
    expect(shown({ stream: false, attempts: 'a=500(3ms), openai=200' })).to.equal(
      '200  gpt-4  openai/gpt-4-0613  12 ms  a=500(3ms), openai=200\n',
    );
    const failed = { outcome: 'error', status: 502, owner: 'provider', code: 'provider_unreachable' } as const;
    expect(shown({ ...failed, stream: false, attempts: 'openai=connect(3ms)', cause: 'ECONNREFUSED' })).to.equal(
      '502  gpt-4  openai/gpt-4-0613  12 ms  openai=connect(3ms)  provider_unreachable (ECONNREFUSED), owner provider, id req-1\n',
    );
  });
});
