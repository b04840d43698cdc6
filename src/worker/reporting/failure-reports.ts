/**
 * Reports requests that ended with an error to the primary, which keeps the last ones of the host. No request waits for
 * it, and a flood of errors costs the primary no more than a few of them: reports are let through at a pace, the rest is
 * only counted, and there is one message at a time, at most one each 200 ms. What one kind floods withholds no rare one.
 *
 * The log line has all of them. The last ones, of each kind its share, are kept for a primary that comes after this one: they stand in an orphan's
 * file, those too that the dead one may not have read.
 */
import type { Clock } from '../../shared/clock.ts';
import type { EndpointLabel } from '../../shared/endpoints.ts';
import {
  type FailureReport,
  type FailuresLeft,
  failureKind,
  isCauseCode,
  MOST_LEFT,
  MOST_NAME,
  MOST_REPORTS,
  MOST_TRAIL,
} from '../../shared/failure-report.ts';
import { FairList } from '../../shared/fair-list.ts';
import { FairPace } from '../../shared/fair-pace.ts';
import type { WorkerMessage } from '../../shared/ipc.ts';
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
  readonly #pace: FairPace;
  readonly #waiting = listOf(MOST_REPORTS);
  /** Those that were told, and once there is no primary, those that were not. */
  readonly #last = listOf(MOST_LEFT);
  /** Those among the last that no primary was told. */
  readonly #untold = new Set<FailureReport>();
  #withheld = 0;
  #sentMs = Number.NEGATIVE_INFINITY;
  #isDue = false;
  #isSending = false;
  #connected = true;

  constructor(options: FailureReportsOptions) {
    this.#options = options;
    this.#pace = new FairPace({ most: MOST_REPORTS, perSecond: PER_SECOND, clock: options.clock });
  }

  /** Takes what the log says of a request, if that ended with an error. */
  add(line: RequestLine, place: Place): void {
    const { code } = line;
    if (code === null) return;
    const make = () => reportOf(line, code, place, this.#options.clock.wallMs());
    if (!this.#connected) {
      this.#keepUntold(make());
      return;
    }
    const passes = this.#pace.take(kindOf(line, code));
    if (!passes || this.#waiting.add(make()) !== null) this.#withheld += 1;
    this.#schedule();
  }

  /** The primary is gone: from now on, nothing is sent. */
  disconnected(): void {
    this.#connected = false;
    for (const report of this.#waiting.takeAll()) this.#keepUntold(report);
  }

  /** What the next primary is to know. */
  left(): FailuresLeft {
    return { worker: this.#options.worker, failures: this.#last.entries(), withheld: this.#withheld };
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
    return this.#connected && (this.#waiting.size > 0 || this.#withheld > 0);
  }

  #keep(report: FailureReport): void {
    const dropped = this.#last.add(report);
    if (dropped !== null && this.#untold.delete(dropped)) this.#withheld += 1;
  }

  #keepUntold(report: FailureReport): void {
    this.#untold.add(report);
    this.#keep(report);
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
    const failures = this.#waiting.takeAll();
    for (const report of failures) this.#keep(report);
    const message = { type: 'failures', failures, withheld: this.#withheld } as const;
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

function listOf(most: number): FairList<FailureReport> {
  return new FairList<FailureReport>({ most, kindOf: failureKind, atMsOf: ({ atMs }) => atMs });
}

function kindOf({ model, provider, attempts, leftOut = '' }: RequestLine, code: FailureReport['code']): string {
  return failureKind({ model, provider, code, trail: attempts, leftOut });
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
