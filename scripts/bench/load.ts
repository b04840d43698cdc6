/** A measurement's end of its load: wrk for saturation where it is installed, our own process for all else. */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LoadQuestion, Paced, PacedTimes, Saturated, Saturation, StreamTally, Target } from './load-protocol.ts';
import { isInstalled } from './program.ts';

const program = fileURLToPath(new URL('load-process.ts', import.meta.url));

/** What makes saturating load here. */
export const saturator = isInstalled('wrk') ? 'wrk' : 'our own driver';

export class Load {
  readonly #child: ChildProcess = fork(program);
  readonly #ended = once(this.#child, 'exit').then(() => {
    throw new Error('the process that makes load has ended');
  });

  constructor() {
    // Heard by whoever waits for an answer; otherwise its end is wanted.
    this.#ended.catch(() => undefined);
  }

  saturate(spec: Saturation): Promise<Saturated> {
    return saturator === 'wrk' ? wrk(spec) : this.#ask({ ask: 'saturate', spec });
  }

  pace(spec: Paced): Promise<PacedTimes> {
    return this.#ask({ ask: 'pace', spec });
  }

  async hold(target: Target, streams: number): Promise<void> {
    await this.#ask({ ask: 'hold', target, streams });
  }

  tally(): Promise<StreamTally> {
    return this.#ask({ ask: 'tally' });
  }

  async release(): Promise<void> {
    await this.#ask({ ask: 'release' });
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended.catch(() => undefined);
  }

  async #ask<T>(question: LoadQuestion): Promise<T> {
    this.#child.send(question);
    const [message] = await Promise.race([once(this.#child, 'message'), this.#ended]);
    return (message as { given: T }).given;
  }
}

async function wrk({ target, connections, seconds }: Saturation): Promise<Saturated> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-wrk-'));
  try {
    const script = join(folder, 'requests.lua');
    writeFileSync(script, wrkScript(target));
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', script];
    const { stdout } = await promisify(execFile)('wrk', [
      ...args,
      `http://127.0.0.1:${target.port}/v1/chat/completions`,
    ]);
    const [, requests = '0', took = '1', unit = 's'] = /(\d+) requests in ([\d.]+)(m?s)/.exec(stdout) ?? [];
    const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout) ?? [];
    const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
    const failed = errors.slice(1).reduce((total, count) => total + Number(count), refused);
    const measuredSeconds = Number(took) / (unit === 'ms' ? 1000 : 1);
    return { requests: Number(requests), failed, perSecond: Number(requests) / measuredSeconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In Lua's long brackets a body stands as it is. */
function wrkScript({ headers, bodies }: Target): string {
  const fields = Object.entries({ 'content-type': 'application/json', ...headers });
  return [
    'wrk.method = "POST"',
    ...fields.map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`),
    `local bodies = { ${bodies.map((body) => `[==[${body}]==]`).join(', ')} }`,
    'local requests, turn = {}, 0',
    'function init() for i, body in ipairs(bodies) do requests[i] = wrk.format(nil, nil, nil, body) end end',
    'function request() turn = turn % #requests + 1; return requests[turn] end',
  ].join('\n');
}
