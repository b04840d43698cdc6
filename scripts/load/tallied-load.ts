/**
 * Load of which the fate of every request is counted, for what is judged by it. Runs in a process of its own (see
 * `driver.ts`) or, for tests, in the test's own process. Its client is Node's own, which checks what it receives.
 *
 * Invariant: a request ends either acknowledged or failed, and is never sent again.
 */
import http from 'node:http';
import type { Socket } from 'node:net';
import { Pacer } from './pacer.ts';
import { percentile } from './percentile.ts';
import type { Kill, Latencies, TalliedSpec, Tally } from './protocol.ts';
import { WorkerConnections } from './worker-connections.ts';

/** More requests in flight mean that the gateway hangs. The load then waits. */
const MOST_IN_FLIGHT = 3_000;

const defaults = {
  stream: false,
  freshShare: 0,
  model: 'gpt-4',
  timeoutMs: 30_000,
  requests: Number.POSITIVE_INFINITY,
};

/** One load from its first request to its last. */
export class TalliedLoad {
  readonly #spec: Required<TalliedSpec>;
  readonly #agent = new http.Agent({ keepAlive: true, scheduling: 'fifo' });
  readonly #body: string;
  readonly #connections = new WorkerConnections();
  readonly #byStatus: Record<string, number> = {};
  readonly #failures: Record<string, number> = {};
  readonly #pacer: Pacer | null;
  #times = new Map<string, number[]>();
  #sent = 0;
  #acknowledged = 0;
  #failed = 0;
  #failedElsewhere = 0;
  #cut = 0;
  #withoutRetryAfter = 0;
  #stopped: PromiseWithResolvers<void> | null = null;

  /** Begins immediately. */
  constructor(spec: TalliedSpec) {
    this.#spec = { ...defaults, ...spec };
    const { model, stream } = this.#spec;
    this.#body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] });
    if ('perSecond' in spec) {
      this.#pacer = new Pacer(
        spec.perSecond,
        () => this.#send(),
        () => this.#mayBegin && this.#inFlight < MOST_IN_FLIGHT,
      );
    } else {
      this.#pacer = null;
      for (let client = 0; client < spec.clients && this.#mayBegin; client += 1) this.#send();
    }
  }

  tally(): Tally {
    return {
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      byStatus: this.#byStatus,
      failed: this.#failed,
      failures: this.#failures,
      cut: this.#cut,
      inFlight: this.#inFlight,
      withoutRetryAfter: this.#withoutRetryAfter,
      inFlightAtKills: this.#connections.inFlightAtKills,
      sentAfterKills: this.#connections.sentAfterKills,
      failedElsewhere: this.#failedElsewhere,
    };
  }

  /** Since the last call. */
  latencies(): Latencies {
    const bySlot = Object.fromEntries(
      [...this.#times].map(([slot, times]) => [
        slot,
        { count: times.length, p50: percentile(times, 0.5), p99: percentile(times, 0.99) },
      ]),
    );
    this.#times = new Map();
    return { bySlot };
  }

  kill(kill: Kill): void {
    this.#connections.kill(kill);
  }

  /** Begins no more requests. Resolves when the last one has ended. */
  async stop(): Promise<Tally> {
    this.#pacer?.stop();
    this.#stopped ??= Promise.withResolvers();
    this.#settle();
    await this.#stopped.promise;
    return this.tally();
  }

  get #inFlight(): number {
    return this.#sent - this.#acknowledged - this.#failed;
  }

  get #mayBegin(): boolean {
    return this.#stopped === null && this.#sent < this.#spec.requests;
  }

  #send(): void {
    const { url, stream, freshShare, timeoutMs } = this.#spec;
    const sentAt = performance.now();
    const fresh = Math.floor((this.#sent + 1) * freshShare) > Math.floor(this.#sent * freshShare);
    this.#sent += 1;
    let socket: Socket | null = null;
    let answered = false;
    let over = false;
    const end = (failure: string | null) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      const explained = this.#connections.ended(socket);
      if (failure === null) this.#acknowledged += 1;
      else this.#fail(failure, answered && stream, explained);
      if (this.#pacer === null && this.#mayBegin) this.#send();
      this.#settle();
    };
    const request = http.request(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(this.#body) },
      agent: fresh ? false : this.#agent,
    });
    const timer = setTimeout(() => request.destroy(new Error('timed out')), timeoutMs);
    request.on('socket', (given) => {
      socket = given;
      this.#connections.begun(given);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      end(`${error.code ?? error.message} on a ${request.reusedSocket ? 'reused' : 'new'} connection`);
    });
    request.on('response', (answer) => {
      answered = true;
      const slot = String(answer.headers['x-headgate-worker'] ?? '?');
      this.#connections.answeredBy(answer.socket, slot);
      let tail = '';
      answer.setEncoding('latin1').on('data', (chunk: string) => {
        tail = (tail + chunk).slice(-64);
      });
      answer.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
      answer.on('end', () => {
        const done = !stream || answer.statusCode !== 200 || tail.endsWith('data: [DONE]\n\n');
        if (answer.complete && done) this.#answered(answer, slot, performance.now() - sentAt);
        end(answer.complete && done ? null : 'no terminal');
      });
    });
    request.end(this.#body);
  }

  #answered({ statusCode, headers }: http.IncomingMessage, slot: string, tookMs: number): void {
    const status = String(statusCode);
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    if ((statusCode === 503 || statusCode === 429) && headers['retry-after'] === undefined) {
      this.#withoutRetryAfter += 1;
    }
    const times = this.#times.get(slot) ?? [];
    this.#times.set(slot, times);
    times.push(tookMs);
  }

  #fail(failure: string, amidStream: boolean, explained: boolean): void {
    this.#failed += 1;
    this.#failures[failure] = (this.#failures[failure] ?? 0) + 1;
    if (amidStream) this.#cut += 1;
    if (!explained) this.#failedElsewhere += 1;
  }

  #settle(): void {
    if (this.#stopped === null || this.#inFlight > 0) return;
    this.#agent.destroy();
    this.#stopped.resolve();
  }
}
