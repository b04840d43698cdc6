/**
 * One worker's data plane inside the test's process, on a real socket, with the real outbox, gate and pools. Only the
 * primary is missing: its pipe accepts every message immediately, and the events are kept for the test.
 */
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { CircuitStatus, CooldownStatus } from '../../src/shared/circuits/circuit-view.ts';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import type { Config } from '../../src/shared/config.ts';
import { modelErrors } from '../../src/shared/errors.ts';
import type { WorkerEvent } from '../../src/shared/events.ts';
import type { FailureReport } from '../../src/shared/failure-report.ts';
import { PROTOCOL } from '../../src/shared/ipc.ts';
import { createMetrics, schemaHash } from '../../src/shared/metrics/metrics.ts';
import { Registry } from '../../src/shared/metrics/prom.ts';
import type { PriceTable } from '../../src/shared/prices.ts';
import { Redactor } from '../../src/shared/secrets/redactor.ts';
import type { ServerCertificate } from '../../src/shared/tls/server-certificate.ts';
import { CircuitGate } from '../../src/worker/circuits/circuit-gate.ts';
import { WorkerCredentials } from '../../src/worker/credentials/worker-credentials.ts';
import { PriceBook } from '../../src/worker/prices/price-book.ts';
import { FailureReports } from '../../src/worker/reporting/failure-reports.ts';
import { Outbox } from '../../src/worker/reporting/outbox.ts';
import { RequestLog } from '../../src/worker/reporting/request-log.ts';
import { createDataPlane, type DataPlane } from '../../src/worker/server/server.ts';

/** The data plane and what a test may look at. */
export interface RunningPlane {
  readonly url: string;
  readonly plane: DataPlane;
  readonly events: WorkerEvent[];
  readonly gate: CircuitGate;
  readonly outbox: Outbox;
  readonly credentials: WorkerCredentials;
  /** The fetched credentials that providers refused. */
  readonly refused: { readonly identity: string; readonly version: number }[];
  /** The providers for which leases were requested, and for which unused leases were returned. */
  readonly leases: { readonly asked: string[]; readonly returned: string[] };
  /** The lines of the request log. */
  readonly logged: string[];
  /** What it told the primary of requests that failed. */
  readonly reported: FailureReport[];
  /** The texts of all other lines of its log, from warnings upwards. */
  readonly warned: readonly string[];
  /** Gives the gate a view, as if from the primary. */
  view(circuits: readonly CircuitStatus[], cooldowns?: readonly CooldownStatus[]): void;
  /** POSTs a chat completion for `gpt-4`. */
  ask(body?: Record<string, unknown>, init?: RequestInit): Promise<Response>;
  /** The number of events in which all these fields have these values. */
  count(fields: Partial<WorkerEvent>): number;
  /** Ends it with all its connections. */
  close(): Promise<void>;
}

const nowhere = { write: () => undefined };

/** What a test says in the place of the primary, and of the host. */
export interface TestPrimary {
  /** Default: nothing listens there. */
  readonly adminPort?: number;
  /** By which all limits and waits of the plane go. Default: the system's. */
  readonly clock?: Clock;
  /** What the data port shows. Default: it speaks no TLS. */
  readonly certificate?: ServerCertificate;
  /** What a model costs there. Default: no price is known. */
  readonly priceOf?: (provider: string, model: string) => Promise<PriceTable | null>;
}

/** Starts it. */
export async function startPlane(config: Config, primary: TestPrimary = {}): Promise<RunningPlane> {
  const { clock = systemClock } = primary;
  const events: WorkerEvent[] = [];
  const logged: string[] = [];
  const reported: FailureReport[] = [];
  const warned: string[] = [];
  const outbox = new Outbox({
    metrics: createMetrics(new Registry()),
    clock,
    send: (message, done) => {
      events.push(...message.events);
      setImmediate(done, null);
    },
  });
  const leases = { asked: [] as string[], returned: [] as string[] };
  const gate: CircuitGate = new CircuitGate({
    clock,
    requestLease: (target, request) => {
      leases.asked.push(target.provider);
      setImmediate(() => gate.onLease(target, request, 7));
    },
    returnLease: ({ provider }) => leases.returned.push(provider),
    primaryLastMessageAtMs: () => clock.nowMs(),
    circuitOptions: (provider) => config.providers[provider]?.circuit,
  });
  const prices: PriceBook = new PriceBook({
    ask: (provider, model) => {
      const answer = primary.priceOf?.(provider, model) ?? Promise.resolve(null);
      void answer.then((table) => prices.take({ provider, model, table }));
    },
    clock,
  });
  const redactor = new Redactor(config.secrets);
  const log = pino({ level: 'warn' }, { write: (line) => warned.push(JSON.parse(line).msg) });
  let version = 0;
  const view = (circuits: readonly CircuitStatus[], cooldowns: readonly CooldownStatus[] = []) => {
    version += 1;
    gate.apply({ version, since: null, circuits, cooldowns });
  };
  view([]);
  const refused: RunningPlane['refused'] = [];
  const credentials = new WorkerCredentials(
    {
      refused: (identity, version) => refused.push({ identity, version }),
      fetch: () => Promise.reject(new Error('only a worker that is alone fetches')),
      ...{ redactor, random: Math.random, clock, log },
    },
    [],
  );
  const plane = createDataPlane({
    init: {
      type: 'init',
      protocol: PROTOCOL,
      schema: schemaHash(),
      workerId: 'test',
      slot: 0,
      config,
      configVersion: 1,
      circuits: { version: 0, since: null, circuits: [], cooldowns: [] },
      credentials: [],
      prices: null,
      certificate: primary.certificate ?? null,
      slotSocket: false,
      port: 0,
      adminPort: primary.adminPort ?? 0,
      relaySecret: 'relay',
      generation: 1,
    },
    outbox,
    gate,
    credentials,
    prices,
    redactor,
    log,
    requestLog: new RequestLog({
      log: pino({ level: 'info' }, nowhere),
      sink: { write: (line) => logged.push(line) },
      onTerminal: false,
      worker: 0,
      clock,
    }),
    failures: new FailureReports({
      worker: 0,
      send: (message, done) => {
        reported.push(...message.failures);
        setImmediate(done);
      },
      clock,
    }),
    clock,
  });
  await plane.traced();
  await new Promise<void>((resolve) => plane.server.listen(0, '127.0.0.1', resolve));
  const scheme = primary.certificate === undefined ? 'http' : 'https';
  const url = `${scheme}://127.0.0.1:${(plane.server.address() as AddressInfo).port}`;
  return {
    url,
    plane,
    events,
    gate,
    outbox,
    credentials,
    refused,
    leases,
    logged,
    reported,
    warned,
    view,
    ask: (body = {}, init = {}) =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], ...body }),
        ...init,
      }),
    count: (fields) =>
      events.filter((event) =>
        Object.entries(fields).every(([name, value]) => (event as unknown as Record<string, unknown>)[name] === value),
      ).length,
    close: async () => {
      plane.server.closeAllConnections();
      await plane.drain(0);
      const late = events.filter((event) => event.type === 'request-ended' && !isKnown(event));
      if (late.length > 0) throw new Error(`errors whose series do not begin at 0: ${JSON.stringify(late)}`);
    },
  };
}

/** Whether the series of its error begins at 0: of a configured model, those have it that may happen to it. */
function isKnown({ model, code }: Extract<WorkerEvent, { type: 'request-ended' }>): boolean {
  return code === undefined || model === 'other' || modelErrors.some(([known]) => known === code);
}
