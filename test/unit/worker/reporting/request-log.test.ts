import { expect } from 'chai';
import { pino } from 'pino';
import { systemClock } from '../../../../src/shared/clock.ts';
import type { Log } from '../../../../src/shared/log.ts';
import { type RequestLine, RequestLog } from '../../../../src/worker/reporting/request-log.ts';

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

/** The lines of a logger and a request log that share a sink. */
function written(level: string, use: (log: Log, requestLog: RequestLog) => void, wallMs = Date.now()): string[] {
  const lines: string[] = [];
  const sink = { write: (text: string) => lines.push(text) };
  const settings = { level, base: { worker: 3 }, timestamp: () => `,"time":"${new Date(wallMs).toISOString()}"` };
  const log = pino(settings, sink);
  use(log, new RequestLog(log, sink, 3, { ...systemClock, wallMs: () => wallMs }));
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

  it('uses the logger if there is no sink for whole lines', () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (text: string) => lines.push(text) });
    new RequestLog(log, null, 0, systemClock).write(line);
    expect(JSON.parse(lines[0] ?? '')).to.include({ id: 'req-1', msg: 'request' });
  });
});
