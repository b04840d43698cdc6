/** A real Prometheus that scrapes one gateway each second, on a port and in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fetch } from 'undici';
import { eventually } from '../processes/eventually.ts';
import { freePort } from '../processes/free-port.ts';
import { ProcessGroup } from '../processes/process-group.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';

/** One series of an answer: its labels, with the name as `__name__` where it has one, and its value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const running = new Set<Prometheus>();

/**
 * Starts one and waits for its first scrape of each page on `adminPorts`, which takes about 5 s.
 *
 * @param rules files with rules, which are evaluated each second
 */
export async function startPrometheus(
  adminPorts: readonly number[],
  rules: readonly string[] = [],
): Promise<Prometheus> {
  const prometheus = new Prometheus(adminPorts, await freePort(), rules);
  running.add(prometheus);
  try {
    await eventually('Prometheus has scraped', () => prometheus.hasScraped(), 15_000);
  } catch (error) {
    await prometheus.end();
    throw error;
  }
  return prometheus;
}

/** For `after`: ends all of this process, and removes their folders. */
export async function endPrometheus(): Promise<void> {
  await Promise.all([...running].map((prometheus) => prometheus.end()));
}

/** One Prometheus and its HTTP API. */
export class Prometheus {
  readonly #temporary = temporaryFolder('prometheus');
  readonly #child: ChildProcess;
  readonly #group: ProcessGroup;
  readonly #url: string;
  /** How many gateways it scrapes. */
  readonly #count: number;
  #log = '';

  constructor(adminPorts: readonly number[], port: number, rules: readonly string[]) {
    this.#count = adminPorts.length;
    const { folder } = this.#temporary;
    const targets = adminPorts.map((adminPort) => `127.0.0.1:${adminPort}`);
    const config = path.join(folder, 'prometheus.yml');
    writeFileSync(
      config,
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
        rule_files: rules,
        scrape_configs: [{ job_name: 'headgate', static_configs: [{ targets }] }],
      }),
    );
    this.#url = `http://127.0.0.1:${port}`;
    const options = {
      'config.file': config,
      'storage.tsdb.path': path.join(folder, 'data'),
      'web.listen-address': `127.0.0.1:${port}`,
      'log.level': 'warn',
    };
    const given = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    this.#child = spawn('prometheus', given, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    this.#group = new ProcessGroup(this.#child);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text;
    });
  }

  /** False until it serves and holds a successful scrape of each gateway. Throws if it has ended. */
  async hasScraped(): Promise<boolean> {
    if (this.#child.exitCode !== null) throw new Error(`Prometheus ended with ${this.#child.exitCode}: ${this.#log}`);
    try {
      const up = await this.query('up{job="headgate"}');
      return up.length === this.#count && up.every(({ value }) => value === 1);
    } catch {
      // It does not serve yet.
      return false;
    }
  }

  /**
   * Waits for a successful scrape of each gateway that begins after now, and resolves with its time in seconds. A query as of exactly
   * that time extrapolates nothing beyond its last sample.
   */
  async nextScrape(): Promise<number> {
    // Prometheus shifts a scrape's time by up to 2 ms, to store it better.
    const nowSeconds = (Date.now() + 5) / 1000;
    return eventually(
      'Prometheus scrapes',
      async () => {
        const last = await this.query('timestamp(up{job="headgate"}) and up{job="headgate"} == 1');
        const oldest = Math.min(...last.map(({ value }) => value));
        return last.length === this.#count && oldest > nowSeconds && oldest;
      },
      10_000,
    );
  }

  /** The answer of the HTTP API to an expression, as of `atSeconds` or now. */
  async query(expression: string, atSeconds?: number): Promise<readonly Sample[]> {
    const time = atSeconds === undefined ? {} : { time: String(atSeconds) };
    const result = await this.#ask<{ value: [number, string] }>('query', { query: expression, ...time });
    return result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }

  /** What a panel draws of an expression: each value of each series, at each second from `fromSeconds` until now. */
  async valuesSince(fromSeconds: number, expression: string): Promise<readonly number[]> {
    const times = { start: String(fromSeconds), end: String(Date.now() / 1000), step: '1' };
    const result = await this.#ask<{ values: [number, string][] }>('query_range', { query: expression, ...times });
    return result.flatMap(({ values }) => values.map(([, value]) => Number(value)));
  }

  /** The same as an object: the value of each series by its value of that label. */
  async valuesBy(label: string, expression: string, atSeconds?: number): Promise<Record<string, number>> {
    const samples = await this.query(expression, atSeconds);
    return Object.fromEntries(samples.map(({ labels, value }) => [labels[label] ?? '', value]));
  }

  async #ask<Series>(
    call: 'query' | 'query_range',
    parameters: Readonly<Record<string, string>> & { readonly query: string },
  ): Promise<readonly (Series & { readonly metric: Record<string, string> })[]> {
    const answer = await fetch(`${this.#url}/api/v1/${call}?${new URLSearchParams(parameters)}`);
    const { data, error } = (await answer.json()) as {
      data?: { result: (Series & { metric: Record<string, string> })[] };
      error?: string;
    };
    if (data === undefined) throw new Error(`${parameters.query}: ${error}`);
    return data.result;
  }

  async end(): Promise<void> {
    running.delete(this);
    await this.#group.end();
    this.#temporary.remove();
  }
}
