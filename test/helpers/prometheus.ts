/**
 * A real Prometheus that scrapes one gateway each second, with its own port and a folder that is gone afterwards.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fetch } from 'undici';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

/** Whether this machine has the program of that name, of Prometheus' own. */
export function isInstalled(program: 'prometheus' | 'promtool'): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

/** One series of an answer: its labels, with the name as `__name__` where it has one, and its value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const running = new Set<Prometheus>();

/** Starts one and waits for its first scrape of the page on `adminPort`, which takes it 5 s. */
export async function startPrometheus(adminPort: number): Promise<Prometheus> {
  const prometheus = new Prometheus(adminPort, await freePort());
  running.add(prometheus);
  await eventually('Prometheus has scraped', () => prometheus.hasScraped(), 15_000);
  return prometheus;
}

/** For `after`: ends all that were started since, and removes their folders. */
export async function endPrometheus(): Promise<void> {
  const all = [...running];
  running.clear();
  await Promise.all(all.map((prometheus) => prometheus.destroy()));
}

export class Prometheus {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'headgate-prometheus-'));
  readonly #child: ChildProcess;
  readonly #url: string;
  #log = '';

  constructor(adminPort: number, port: number) {
    const config = path.join(this.#folder, 'prometheus.yml');
    writeFileSync(
      config,
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s' },
        scrape_configs: [{ job_name: 'headgate', static_configs: [{ targets: [`127.0.0.1:${adminPort}`] }] }],
      }),
    );
    this.#url = `http://127.0.0.1:${port}`;
    const options = {
      'config.file': config,
      'storage.tsdb.path': path.join(this.#folder, 'data'),
      'web.listen-address': `127.0.0.1:${port}`,
      'log.level': 'warn',
    };
    const given = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    this.#child = spawn('prometheus', given, { cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
  }

  /** False until it serves and holds a successful scrape; throws when it has ended. */
  async hasScraped(): Promise<boolean> {
    if (this.#child.exitCode !== null) throw new Error(`Prometheus ended with ${this.#child.exitCode}: ${this.#log}`);
    try {
      const [up] = await this.query('up{job="headgate"}');
      return up?.value === 1;
    } catch {
      // It does not serve yet.
      return false;
    }
  }

  /**
   * Waits for a successful scrape that begins after now, and resolves with its time in seconds. A query as of that
   * very moment extrapolates nothing behind its last sample.
   */
  async nextScrape(): Promise<number> {
    // Prometheus shifts a scrape's time by up to 2 ms, to store it better.
    const nowSeconds = (Date.now() + 5) / 1000;
    return eventually(
      'Prometheus scrapes',
      async () => {
        const [last] = await this.query('timestamp(up{job="headgate"}) and up{job="headgate"} == 1');
        return last !== undefined && last.value > nowSeconds && last.value;
      },
      10_000,
    );
  }

  /** What the HTTP API answers to an expression, as of `atSeconds` or now. */
  async query(expression: string, atSeconds?: number): Promise<readonly Sample[]> {
    const parameters = new URLSearchParams({ query: expression });
    if (atSeconds !== undefined) parameters.set('time', String(atSeconds));
    const answer = await fetch(`${this.#url}/api/v1/query?${parameters}`);
    const { data, error } = (await answer.json()) as {
      data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
      error?: string;
    };
    if (data === undefined) throw new Error(`${expression}: ${error}`);
    return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }

  /** The same as an object: each series' value under that label's value. */
  async valuesBy(label: string, expression: string, atSeconds?: number): Promise<Record<string, number>> {
    const samples = await this.query(expression, atSeconds);
    return Object.fromEntries(samples.map(({ labels, value }) => [labels[label] ?? '', value]));
  }

  async destroy(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
