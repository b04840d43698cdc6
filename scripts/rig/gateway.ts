/**
 * A whole gateway that serves, for what only processes can show: tests start it from its source, measurements and the
 * chaos run start what ships.
 */
import path from 'node:path';
import { Agent, fetch, type Response } from 'undici';
import type { Status } from '../../src/primary/admin/status.ts';
import { stateFolder } from '../../src/shared/state/state-files.ts';
import { eventually } from '../processes/eventually.ts';
import type { ConfigInput } from './gateway-config.ts';
import { GatewayProcess, type ProcessOptions } from './gateway-process.ts';
import { settled } from './settled.ts';

/** A start takes a second or two, and many times that where everything else runs too. */
const SERVES_WITHIN_MS = 60_000;
/** Short, because it limits how exactly a start is timed. */
const LOOK_EVERY_MS = 2;

interface Ports {
  readonly port: number;
  readonly adminPort: number;
}

/** How a gateway is started. */
export interface GatewayOptions extends ProcessOptions {
  /**
   * The ports in the configuration: needed if it writes no log, from which they are read otherwise. Default: those of
   * the log.
   */
  readonly ports?: Ports;
}

/** Without keep-alive: an idle connection would be waited for in each drain. */
const dispatcher = new Agent({ pipelining: 0 });

const running = new Set<RunningGateway>();

/** Starts a gateway and waits until it serves. If it does not, it is ended, and the error contains its output. */
export async function startGateway(config: ConfigInput, options: GatewayOptions = {}): Promise<RunningGateway> {
  const gateway = launchGateway(config, options);
  try {
    await gateway.serves();
  } catch (cause) {
    const output = `${gateway.errorOutput}${gateway.output}`;
    await gateway.end();
    throw new Error(`the gateway does not serve: ${output}`, { cause });
  }
  return gateway;
}

/** Starts a gateway without waiting for anything. */
export function launchGateway(config: ConfigInput, options: GatewayOptions = {}): RunningGateway {
  const gateway = new RunningGateway(config, options);
  running.add(gateway);
  return gateway;
}

/** For `afterEach`: ends all gateways of this process, each with every process of its group and its folder. */
export async function endGateways(): Promise<void> {
  // The newest first: a successor runs in the folder of the gateway before it.
  for (const gateway of [...running].reverse()) await gateway.end();
}

/** A gateway with its ports, its status and its metrics. */
export class RunningGateway extends GatewayProcess {
  readonly #given: Ports | null;
  #ports: Ports | null = null;
  #bootMs = Number.NaN;

  constructor(config: ConfigInput, { ports, ...options }: GatewayOptions) {
    super(config, options);
    this.#given = ports ?? null;
  }

  /** Resolves when it serves; rejects if it ends before, or after a minute. */
  async serves(): Promise<void> {
    const ports = async () => {
      if (this.hasEnded) throw new Error('it has ended');
      return this.#given === null ? this.#loggedPorts() : (await isReady(this.#given)) && this.#given;
    };
    this.#ports = await eventually('the gateway serves', ports, SERVES_WITHIN_MS, LOOK_EVERY_MS);
    this.#bootMs = performance.now() - this.startedAt;
  }

  /** From its start until it served, in ms. */
  get bootMs(): number {
    return this.#bootMs;
  }

  get port(): number {
    return this.#servedPorts.port;
  }

  get adminPort(): number {
    return this.#servedPorts.adminPort;
  }

  /** `http://127.0.0.1:<port>` of the data port. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${this.adminPort}`;
  }

  /** The folder of its checkpoint. */
  get stateFolder(): string {
    return stateFolder(path.join(this.folder, '.headgate'), this.port);
  }

  async status(): Promise<Status> {
    const answer = await fetch(`${this.adminUrl}/api/status`);
    return (await answer.json()) as Status;
  }

  /** Pids of the workers that are ready, by slot. */
  async readyWorkers(): Promise<readonly number[]> {
    const { workers } = await this.status();
    return workers.filter((worker) => worker.state === 'ready').map((worker) => worker.pid);
  }

  /** Waits until `count` workers are ready and there are no others. Resolves with their pids. */
  async settled(count: number): Promise<readonly number[]> {
    return (await settled(this, count)).map(({ pid }) => pid);
  }

  /** The whole page of metrics. */
  async metrics(): Promise<string> {
    const answer = await fetch(`${this.adminUrl}/metrics`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`/metrics answered ${answer.status}: ${text}`);
    return text;
  }

  /** The value of one series, written as on the page: `llm_workers{state="ready"}`; null if there is no such series. */
  async metric(series: string): Promise<number | null> {
    const line = (await this.metrics()).split('\n').find((candidate) => candidate.startsWith(`${series} `));
    return line === undefined ? null : Number(line.slice(series.length + 1));
  }

  /** Asks for one completion, on a connection of its own. */
  complete(body: object = {}): Promise<Response> {
    return fetch(`${this.url}/v1/chat/completions`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'hello' }], ...body }),
    });
  }

  override async end(): Promise<void> {
    running.delete(this);
    await super.end();
  }

  get #servedPorts(): Ports {
    this.#ports ??= this.#loggedPorts();
    if (this.#ports === null) throw new Error('the gateway does not serve yet');
    return this.#ports;
  }

  #loggedPorts(): Ports | null {
    const serving = this.logged('serving');
    return serving === undefined ? null : { port: Number(serving.port), adminPort: Number(serving.adminPort) };
  }
}

function isReady({ adminPort }: Ports): Promise<boolean> {
  return fetch(`http://127.0.0.1:${adminPort}/readyz`).then(
    ({ ok }) => ok,
    // Nothing listens yet.
    () => false,
  );
}
