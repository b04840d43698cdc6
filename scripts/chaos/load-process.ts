/**
 * Makes load in a process of its own, so that neither the gateway nor the case is slowed down by it, and tells what the
 * clients saw. Open loop: a request begins when it is due, however the others fare, up to a bound in flight.
 *
 * Invariant: a request ends as exactly one of acknowledged and failed. Nothing is tried again.
 */
import http from 'node:http';
import type { Socket } from 'node:net';
import { percentile } from '../bench/gateway-under-test.ts';
import { LoadConnections } from './load-connections.ts';
import type { Latencies, LoadAnswer, LoadQuestion, LoadSpec, Tally } from './load-protocol.ts';

const TICK_MS = 5;
/** More than that in flight means that the gateway hangs: the load waits. */
const MOST_IN_FLIGHT = 3_000;

class Load {
  readonly #spec: Required<LoadSpec>;
  readonly #agent = new http.Agent({ keepAlive: true, scheduling: 'fifo' });
  readonly #body: string;
  readonly #connections = new LoadConnections();
  readonly #byStatus: Record<string, number> = {};
  readonly #failures: Record<string, number> = {};
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt = performance.now();
  #times = new Map<string, number[]>();
  #sent = 0;
  #acknowledged = 0;
  #failed = 0;
  #failedElsewhere = 0;
  #cut = 0;
  #withoutRetryAfter = 0;
  #stopped: ((tally: Tally) => void) | null = null;

  constructor(spec: LoadSpec) {
    this.#spec = { stream: false, freshShare: 0, model: 'gpt-4', timeoutMs: 30_000, ...spec };
    const { model, stream } = this.#spec;
    this.#body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] });
    this.#timer = setInterval(() => this.#sendDue(), TICK_MS);
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
      inFlightAtStrikes: this.#connections.inFlightAtStrikes,
      sentIntoStrikes: this.#connections.sentIntoStrikes,
      failedElsewhere: this.#failedElsewhere,
    };
  }

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

  strike(pid: number, slot: number, signal: NodeJS.Signals): void {
    this.#connections.strike(pid, String(slot), signal);
  }

  stop(): Promise<Tally> {
    clearInterval(this.#timer);
    return new Promise((resolve) => {
      this.#stopped = resolve;
      this.#settle();
    });
  }

  get #inFlight(): number {
    return this.#sent - this.#acknowledged - this.#failed;
  }

  #sendDue(): void {
    const due = Math.floor(((performance.now() - this.#startedAt) / 1000) * this.#spec.perSecond);
    while (this.#sent < due && this.#inFlight < MOST_IN_FLIGHT) this.#send();
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
      end(`${error.code ?? error.message} on a ${request.reusedSocket ? 'kept' : 'new'} connection`);
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
    this.#stopped(this.tally());
    this.#stopped = null;
  }
}

let load: Load | null = null;

async function answer(question: LoadQuestion): Promise<LoadAnswer> {
  if (question.ask === 'start') {
    load = new Load(question.spec);
    return null;
  }
  if (load === null) throw new Error('no load was started');
  switch (question.ask) {
    case 'tally':
      return load.tally();
    case 'latencies':
      return load.latencies();
    case 'strike':
      load.strike(question.pid, question.slot, question.signal);
      return load.tally();
    case 'stop':
      return load.stop();
    default:
      return question satisfies never;
  }
}

process.on('message', (question: LoadQuestion) => {
  void answer(question).then((given) => process.send?.(given ?? {}));
});
process.on('disconnect', () => process.exit(0));
