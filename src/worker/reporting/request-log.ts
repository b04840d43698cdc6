/**
 * Writes the log line of each request, or of those that failed, in the same format as the logger's other lines. Written
 * by the logger, this line cost a sixth of a request's time, because the logger checks each field for values that need
 * special handling. These fields have none.
 *
 * The only texts from the request are its id, and the name of a model that is not configured, which the caller has redacted.
 * All other values come from the configuration or from closed lists.
 */
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import type { Log } from '../../shared/log.ts';
import type { LineSink } from '../../shared/output/line-blocks.ts';
import type { RequestLine } from './request-line.ts';
import { requestText } from './request-text.ts';

const INFO = 30;
const WARN = 40;
const MESSAGE = 'request';

interface RequestLogOptions {
  /** Its level decides what is written. */
  readonly log: Pick<Log, 'levelVal'>;
  /** Takes the lines, in order with those of the logger. */
  readonly sink: LineSink;
  /** Short coloured text instead of JSON. */
  readonly onTerminal: boolean;
  /** The slot of this worker. */
  readonly worker: number;
  readonly clock: Clock;
}

export class RequestLog {
  readonly #options: RequestLogOptions;
  #second = Number.NaN;
  #secondText = '';
  /** Which requests have a line; changes with a reload. */
  requests: Config['log']['requests'] = 'all';

  constructor(options: RequestLogOptions) {
    this.#options = options;
  }

  write(line: RequestLine): void {
    const { log, sink, onTerminal, worker, clock } = this.#options;
    if (this.requests !== 'all' && (this.requests === 'none' || line.outcome !== 'error')) return;
    const level = levelOf(line);
    if (log.levelVal > level) return;
    if (onTerminal) {
      sink.write(requestText(line, clock.wallMs(), level === WARN));
      return;
    }
    const head = `{"level":${level},"time":"${this.#time()}","worker":${worker},`;
    sink.write(`${head}${JSON.stringify(line).slice(1, -1)},"msg":"${MESSAGE}"}\n`);
  }

  /** The time in ISO 8601 with milliseconds. The part without milliseconds is made once a second. */
  #time(): string {
    const wallMs = this.#options.clock.wallMs();
    const second = Math.floor(wallMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1000).toISOString().slice(0, -'000Z'.length);
    }
    return `${this.#secondText}${String(wallMs - second * 1000).padStart(3, '0')}Z`;
  }
}

/** A failure of a provider's or of the gateway's is a warning; one of a client's is not. */
function levelOf({ status, owner }: RequestLine): number {
  return status >= 500 && (owner === 'provider' || owner === 'gateway') ? WARN : INFO;
}
