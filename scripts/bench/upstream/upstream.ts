/**
 * The server behind the proxies: for plain requests nginx with one fixed answer, where it is installed; for streams,
 * and without nginx, the tuned server of `upstream-process.ts`.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ProcessGroup } from '../../processes/process-group.ts';
import { isInstalled } from '../../processes/program.ts';
import { startNginx } from './nginx.ts';
import { plainAnswer } from './payloads.ts';

/** How streams are written. */
interface Pace {
  /** Between two chunks of a stream, whole ms. */
  readonly everyMs: number;
  /** Chunks with content per stream; 0 for endless streams. */
  readonly chunks: number;
}

/** A running upstream. */
export interface Upstream {
  readonly name: string;
  readonly port: number;
  readonly pids: readonly number[];
  end(): Promise<void>;
}

const program = fileURLToPath(new URL('upstream-process.ts', import.meta.url));

/** For plain requests. */
export async function startPlainUpstream(): Promise<Upstream> {
  if (!isInstalled('nginx')) return startStreamUpstream({ everyMs: 1, chunks: 1 });
  const nginx = await startNginx(answering);
  return { ...nginx, name: 'nginx' };
}

/** For streams, and plain requests as well. */
export async function startStreamUpstream(pace: Pace): Promise<Upstream> {
  const child = fork(program, [String(pace.everyMs), String(pace.chunks)], { detached: true });
  const group = new ProcessGroup(child);
  const [port] = (await once(child, 'message')) as [number];
  return { name: 'the tuned Node server', port, pids: [group.pid], end: () => group.end() };
}

function answering(port: number): string {
  return `server { listen 127.0.0.1:${port} reuseport;
    location / { default_type application/json; return 200 '${plainAnswer}'; } }`;
}
