/**
 * Runs the demo's fake providers in a separate process, so that they take no time from the gateway's processes. If
 * that process dies, it is restarted on the same ports. It never keeps its parent alive.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock, type Timer } from '../shared/clock.ts';
import { type DemoPorts, demoArguments, isDemoReady } from './demo-protocol.ts';

const entry = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url));
const firstRestartMs = 100;
const longestRestartMs = 5_000;
/** How long `stop` waits before it kills the process. */
const graceMs = 2_000;
/** How often the process is started again if a signal ends it before it is ready. */
const mostTries = 3;

interface DemoOptions extends Partial<DemoPorts> {
  readonly clock?: Clock;
}

export interface DemoProviders extends DemoPorts {
  /** The pid of the process; null between its death and the restart. */
  readonly pid: number | null;
  /** Ends the process; resolves when it has ended. */
  stop(): Promise<void>;
}

/** Starts both fakes, by default on 8001 and 8002 or the next free ports. Rejects if the process cannot start. */
export async function startDemoProviders(options: DemoOptions = {}): Promise<DemoProviders> {
  const wanted = { openaiPort: options.openaiPort ?? 8001, anthropicPort: options.anthropicPort ?? 8002 };
  for (let tries = 1; ; tries += 1) {
    const child = startChild(demoArguments(wanted, false));
    try {
      return new SupervisedDemo(child, await portsOf(child), options.clock ?? systemClock);
    } catch (error) {
      // A signal to the whole process group can end a process that is not ready for it yet.
      if (!(error instanceof EndedBySignal) || tries === mostTries) throw error;
    }
  }
}

class EndedBySignal extends Error {
  override readonly name = 'EndedBySignal';
}

class SupervisedDemo implements DemoProviders {
  readonly openaiPort: number;
  readonly anthropicPort: number;
  readonly #clock: Clock;
  #child: ChildProcess | null;
  #restart: Timer | null = null;
  #restartMs = firstRestartMs;
  #stopped = false;

  constructor(child: ChildProcess, ports: DemoPorts, clock: Clock) {
    this.openaiPort = ports.openaiPort;
    this.anthropicPort = ports.anthropicPort;
    this.#clock = clock;
    this.#child = child;
    this.#watch(child);
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#restart?.cancel();
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // This waits for the exit, so the child must keep the parent alive again.
    child.ref();
    const kill = this.#clock.after(graceMs, () => child.kill('SIGKILL'));
    if (child.connected) child.disconnect();
    await ended;
    kill.cancel();
  }

  #watch(child: ChildProcess): void {
    child.unref();
    child.channel?.unref();
    const onGone = () => {
      if (this.#child !== child) return;
      this.#child = null;
      if (!this.#stopped) this.#restart = this.#clock.after(this.#restartMs, () => this.#revive());
    };
    child.once('exit', onGone);
    // A process that could not be started has no exit event.
    child.once('error', () => {
      if (child.pid === undefined) onGone();
    });
  }

  #revive(): void {
    this.#restartMs = Math.min(this.#restartMs * 2, longestRestartMs);
    const child = startChild(demoArguments(this, true));
    this.#child = child;
    this.#watch(child);
    child.once('message', (message) => {
      if (isDemoReady(message)) this.#restartMs = firstRestartMs;
    });
  }
}

function startChild(given: readonly string[]): ChildProcess {
  const child = fork(entry, given, { execArgv: ['--disable-sigusr1'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  // A broken channel ends the child, whose exit is handled. Without this listener the error would end the parent too.
  child.on('error', () => {});
  return child;
}

function portsOf(child: ChildProcess): Promise<DemoPorts> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null, signal: string | null) => {
      const message = `the demo's fake providers ended at start (${signal ?? `exit ${code}`})`;
      reject(signal === null ? new Error(message) : new EndedBySignal(message));
    };
    child.once('exit', onExit);
    child.once('error', reject);
    child.on('message', function onMessage(message) {
      if (!isDemoReady(message)) return;
      child.off('message', onMessage);
      child.off('exit', onExit);
      child.off('error', reject);
      resolve({ openaiPort: message.openaiPort, anthropicPort: message.anthropicPort });
    });
  });
}
