/**
 * Reports requests that ended with an error to the primary, which keeps the last ones of the host. No request waits for
 * it, and a flood of errors costs the primary no more than a few of them: reports are let through at a pace, the rest is
 * only counted, and there is one message at a time, at most one each 200 ms.
 *
 * The log line has all of them. The last ones are kept for a primary that comes after this one: they stand in an orphan's
 * file, those too that the dead one may not have read.
 */
import type { Clock } from '../../shared/clock.ts';
import type { EndpointLabel } from '../../shared/endpoints.ts';
import {
  type FailureReport,
  type FailuresLeft,
  isCauseCode,
  MOST_LEFT,
  MOST_NAME,
  MOST_REPORTS,
  MOST_TRAIL,
} from '../../shared/failure-report.ts';
import type { WorkerMessage } from '../../shared/ipc.ts';
import { TokenBucket } from '../../shared/token-bucket.ts';
import type { RequestLine } from './request-line.ts';

const PER_SECOND = 20;
const PERIOD_MS = 200;
const CLOSE_WITHIN_MS = 1000;

type FailuresMessage = Extract<WorkerMessage, { type: 'failures' }>;

interface FailureReportsOptions {
  /** Sends to the primary. `done` is called once, when the message is in the pipe or cannot be sent. */
  readonly send: (message: FailuresMessage, done: () => void) => void;
  /** The slot. */
  readonly worker: number;
  readonly clock: Clock;
}

/** What the log line does not say of a request. */
interface Place {
  readonly endpoint: EndpointLabel;
  /** As configured; null if no provider was asked. */
  readonly configuredModel: string | null;
}

export class FailureReports {
  readonly #options: FailureReportsOptions;
  readonly #bucket: TokenBucket;
  #waiting: FailureReport[] = [];
  readonly #last: FailureReport[] = [];
  #withheld = 0;
  /** Failures that no primary was told, of which only the last are kept. */
  #untold = 0;
  #sentMs = Number.NEGATIVE_INFINITY;
  #isDue = false;
  #isSending = false;
  #connected = true;

  constructor(options: FailureReportsOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket({ most: MOST_REPORTS, perSecond: PER_SECOND, clock: options.clock });
  }

  /** Takes what the log says of a request, if that ended with an error. */
  add(line: RequestLine, place: Place): void {
    const { code } = line;
    if (code === null) return;
    const make = () => this.#keep(reportOf(line, code, place, this.#options.clock.wallMs()));
    if (!this.#connected) {
      make();
      this.#untold += 1;
      return;
    }
    if (this.#waiting.length < MOST_REPORTS && this.#bucket.take()) this.#waiting.push(make());
    else this.#withheld += 1;
    this.#schedule();
  }

  /** The primary is gone: from now on, nothing is sent. */
  disconnected(): void {
    this.#connected = false;
    this.#untold = this.#waiting.length;
    this.#waiting = [];
  }

  /** What the next primary is to know. */
  left(): FailuresLeft {
    const withheld = this.#withheld + Math.max(0, this.#untold - MOST_LEFT);
    return { worker: this.#options.worker, failures: this.#last, withheld };
  }

  /** Sends what is waiting. Resolves when it is in the pipe, or after a second. */
  async close(): Promise<void> {
    if (!this.#isWaiting) return;
    await new Promise<void>((resolve) => {
      this.#options.clock.after(CLOSE_WITHIN_MS, resolve);
      this.#send(resolve);
    });
  }

  get #isWaiting(): boolean {
    return this.#connected && (this.#waiting.length > 0 || this.#withheld > 0);
  }

  #keep(report: FailureReport): FailureReport {
    this.#last.push(report);
    if (this.#last.length > MOST_LEFT) this.#last.shift();
    return report;
  }

  #schedule(): void {
    if (this.#isDue || this.#isSending) return;
    this.#isDue = true;
    const { clock } = this.#options;
    clock.after(this.#sentMs + PERIOD_MS - clock.nowMs(), () => {
      this.#isDue = false;
      this.#send();
    });
  }

  #send(sent?: () => void): void {
    if (!this.#isWaiting) return;
    const { send, clock } = this.#options;
    const message = { type: 'failures', failures: this.#waiting, withheld: this.#withheld } as const;
    this.#waiting = [];
    this.#withheld = 0;
    this.#sentMs = clock.nowMs();
    this.#isSending = true;
    send(message, () => {
      this.#isSending = false;
      if (this.#isWaiting) this.#schedule();
      sent?.();
    });
  }
}

function reportOf(line: RequestLine, code: FailureReport['code'], place: Place, atMs: number): FailureReport {
  const { id, model, provider, providerKey, status, stream, cause, attempts, upstreamRequestId, durationMs } = line;
  return {
    ...{ atMs, code, status, stream, durationMs, endpoint: place.endpoint },
    id: cut(id),
    model: cut(model),
    provider: cut(provider),
    // Not that of the log, in which the client's text may stand for a star.
    upstreamModel: place.configuredModel && cut(place.configuredModel),
    key: providerKey === undefined ? null : cut(providerKey),
    cause: isCauseCode(cause) ? cause : null,
    trail: cut(attempts, MOST_TRAIL),
    ...(line.leftOut === undefined ? {} : { leftOut: cut(line.leftOut, MOST_TRAIL) }),
    upstreamRequestId: upstreamRequestId && cut(upstreamRequestId),
  };
}

function cut(text: string, most = MOST_NAME): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
