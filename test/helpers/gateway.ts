/**
 * A whole gateway as a process of its own, for tests of what only processes can show. Each runs in a folder and a
 * process group of its own, so that `endGateways` leaves nothing behind, whatever the test did to it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Agent, fetch, type Response } from 'undici';
import type { Status } from '../../src/primary/admin/status.ts';
import { stateFolder } from '../../src/shared/state/state-files.ts';
import { eventually } from './eventually.ts';

const entry = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** A configuration in the shape of the file; JSON is YAML. */
export type ConfigInput = Readonly<Record<string, unknown>>;

export interface GatewayOptions {
  /** Start in the folder of this gateway, on its ports: as its successor. */
  readonly after?: RunningGateway;
  /** Opens an IPC channel, as pm2 does. */
  readonly ipc?: boolean;
  /** A module that every process of the gateway loads first. */
  readonly preload?: string;
  /** The program to run, where it is another version: its `src/cli/main.ts`. */
  readonly program?: string;
}

export interface GatewayExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly errorOutput: string;
}

/** A connection per request: an idle one would be waited for in each drain. */
const dispatcher = new Agent({ pipelining: 0 });

const running = new Set<RunningGateway>();

/** Two workers on free ports, one provider named `openai` at `providerPort`, model `gpt-4`. */
export function gatewayConfig(providerPort: number): ConfigInput {
  return {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    workers: 2,
    drain: { stop: '5s', restart: '10s' },
    providers: { openai: { type: 'openai', base_url: `http://127.0.0.1:${providerPort}/v1`, api_key: 'sk-test' } },
    models: { 'gpt-4': { targets: [{ provider: 'openai', model: 'gpt-4' }] } },
  };
}

/** Starts a gateway and waits until it serves. Rejects with what it said if it ends before. */
export async function startGateway(config: ConfigInput, options: GatewayOptions = {}) {
  const gateway = launchGateway(config, options);
  await Promise.race([
    eventually('the gateway serves', () => gateway.logged('serving'), 15_000),
    gateway.exited.then(({ code, errorOutput }) => {
      throw new Error(`the gateway ended with ${code}: ${errorOutput}${gateway.output}`);
    }),
  ]);
  return gateway;
}

/** Starts a gateway without waiting for anything. */
export function launchGateway(config: ConfigInput, options: GatewayOptions = {}): RunningGateway {
  const folder = options.after?.folder ?? mkdtempSync(path.join(tmpdir(), 'headgate-test-'));
  const gateway = new RunningGateway(config, folder, options);
  running.add(gateway);
  return gateway;
}

/** For `afterEach`: ends every process of every gateway started since, orphans too, and removes their folders. */
export async function endGateways(): Promise<void> {
  const all = [...running];
  running.clear();
  await Promise.all(all.map((gateway) => gateway.destroy()));
}

export class RunningGateway {
  readonly folder: string;
  readonly configFile: string;
  readonly exited: Promise<GatewayExit>;
  readonly #child: ChildProcess;
  #output = '';
  #errorOutput = '';

  constructor(config: ConfigInput, folder: string, { ipc = false, preload, program = entry }: GatewayOptions) {
    this.folder = folder;
    this.configFile = path.join(folder, 'headgate.yaml');
    this.writeConfig(config);
    this.#child = spawn(
      process.execPath,
      [...(preload === undefined ? [] : ['--import', preload]), program, 'serve', '--config', this.configFile],
      {
        cwd: folder,
        stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
        // A group of its own: a signal to the group is what a terminal's Ctrl-C does.
        detached: true,
      },
    );
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errorOutput += text;
    });
    this.exited = once(this.#child, 'exit').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      errorOutput: this.#errorOutput,
    }));
  }

  /** The primary's process, which is also the number of the group. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#output;
  }

  get child(): ChildProcess {
    return this.#child;
  }

  /** `http://127.0.0.1:<port>` of the data port. */
  get url(): string {
    return `http://127.0.0.1:${this.logged('serving')?.port}`;
  }

  get port(): number {
    return Number(this.logged('serving')?.port);
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${this.logged('serving')?.adminPort}`;
  }

  get adminPort(): number {
    return Number(this.logged('serving')?.adminPort);
  }

  /** Where it keeps its checkpoint. */
  get stateFolder(): string {
    return stateFolder(path.join(this.folder, '.headgate'), this.port);
  }

  /** Replaces the configuration file; it counts at the next reload. */
  writeConfig(config: ConfigInput): void {
    writeFileSync(this.configFile, JSON.stringify(config));
  }

  /** The first line of its log with that message, as an object. */
  logged(message: string): Readonly<Record<string, unknown>> | undefined {
    return this.log().find((line) => line.msg === message);
  }

  /** All whole lines of its log so far. */
  log(): readonly Readonly<Record<string, unknown>>[] {
    const lines = this.#output.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
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

  /** Waits until `count` workers are ready and nobody else is there. */
  async settled(count: number): Promise<readonly number[]> {
    return eventually(
      `${count} workers are ready, and no others`,
      async () => {
        const { workers } = await this.status();
        const ready = workers.filter((worker) => worker.state === 'ready');
        return ready.length === count && workers.length === count && ready.map((worker) => worker.pid);
      },
      15_000,
    );
  }

  /** The whole page of metrics. */
  async metrics(): Promise<string> {
    const answer = await fetch(`${this.adminUrl}/metrics`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`/metrics answered ${answer.status}: ${text}`);
    return text;
  }

  /** The value of one series, written as on the page: `llm_workers{state="ready"}`; null where there is none. */
  async metric(series: string): Promise<number | null> {
    const line = (await this.metrics()).split('\n').find((candidate) => candidate.startsWith(`${series} `));
    return line === undefined ? null : Number(line.slice(series.length + 1));
  }

  /** One plain completion. */
  complete(body: object = {}): Promise<Response> {
    return fetch(`${this.url}/v1/chat/completions`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'hello' }], ...body }),
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** To the primary and all workers at once. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** Asks it to stop and waits for its end. */
  async stop(): Promise<GatewayExit> {
    this.signal('SIGTERM');
    return this.exited;
  }

  /** Processes of its group that still run, the primary included. */
  processes(): readonly number[] {
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
    return pids.filter((pid) => groupOf(pid) === this.pid);
  }

  async destroy(): Promise<void> {
    if (this.pid !== 0) {
      try {
        this.signalGroup('SIGKILL');
      } catch {
        // Nobody of the group is left.
      }
      await this.exited;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The process group of a process that runs; null for the dead. */
function groupOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the command in brackets: state, parent, group.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? null : Number(group);
  } catch {
    // It ended while we looked.
    return null;
  }
}
