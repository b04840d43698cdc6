/** nginx with one worker, as an upstream or as a proxy. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../processes/eventually.ts';
import { freePort } from '../../processes/free-port.ts';
import { processTree } from '../../processes/proc-files.ts';
import { type Program, startOnPort } from '../../processes/program.ts';
import { temporaryFolder } from '../../processes/temporary-folder.ts';

interface RunningNginx extends Omit<Program, 'pid'> {
  readonly port: number;
  /** Of the master and its worker. */
  readonly pids: readonly number[];
}

/** Starts it. @param serve returns the lines of the `http` block for the port to listen on */
export async function startNginx(serve: (port: number) => string): Promise<RunningNginx> {
  const { folder, remove } = temporaryFolder('nginx');
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
      port,
      pids: await masterAndWorker(nginx.pid),
      bootMs: nginx.bootMs,
      end: async () => {
        await nginx.end();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The master listens, and so accepts connections, before it has forked its worker. */
function masterAndWorker(master: number): Promise<number[]> {
  return eventually('nginx has a worker', () => {
    const pids = processTree(master);
    return pids.length > 1 && pids;
  });
}
