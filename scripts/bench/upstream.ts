/**
 * What stands behind the proxies: nginx with one fixed answer where it is installed, for plain requests, and the tuned
 * server of `upstream-process.ts` for streams and where there is no nginx.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/helpers/free-port.ts';
import { processTree } from './cpu-time.ts';
import { plainAnswer } from './payloads.ts';
import { isInstalled, startOnPort } from './program.ts';

/** How streams are written. */
export interface Pace {
  /** Between two chunks of a stream, whole ms. */
  readonly everyMs: number;
  /** Chunks with content per stream; 0 for streams without an end. */
  readonly chunks: number;
}

export interface Upstream {
  readonly name: string;
  readonly port: number;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('upstream-process.ts', import.meta.url));

export async function startPlainUpstream(): Promise<Upstream> {
  return isInstalled('nginx') ? startNginx(answering) : startStreamUpstream({ everyMs: 1, chunks: 1 });
}

export async function startStreamUpstream(pace: Pace): Promise<Upstream> {
  const child = fork(program, [String(pace.everyMs), String(pace.chunks)]);
  const [port] = (await once(child, 'message')) as [number];
  return {
    name: 'the tuned Node server',
    port,
    pids: [child.pid ?? 0],
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** nginx with one worker and these lines in its `http` block; `serve` gets the port to listen on. */
export async function startNginx(serve: (port: number) => string): Promise<Upstream & { readonly bootMs: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-nginx-'));
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log crit;
     events { worker_connections 8192; }
     http { access_log off; keepalive_requests 100000000; keepalive_timeout 60s; client_max_body_size 64m;
       client_body_buffer_size 64m; ${paths.join(' ')} ${serve(port)} }\n`,
  );
  try {
    const nginx = await startOnPort('nginx', ['-e', `${folder}/error.log`, '-c', `${folder}/nginx.conf`], port);
    return {
      name: 'nginx',
      port,
      pids: await masterAndWorker(nginx.pid),
      bootMs: nginx.bootMs,
      stop: async () => {
        await nginx.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The master listens, and so takes connections, before it has its worker. */
async function masterAndWorker(master: number): Promise<number[]> {
  for (let tries = 0; tries < 500; tries += 1) {
    const pids = processTree(master);
    if (pids.length > 1) return pids;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error('nginx has no worker');
}

function answering(port: number): string {
  return `server { listen 127.0.0.1:${port} reuseport;
    location / { default_type application/json; return 200 '${plainAnswer}'; } }`;
}
