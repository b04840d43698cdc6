/**
 * The entry point of a worker process, which the primary forks by path. It does first what must not wait until the rest
 * is loaded, which takes seconds on a starved host. Therefore it imports the rest dynamically.
 */
import cluster from 'node:cluster';
import { startThreadPool } from '../shared/host/thread-pool.ts';
import { WORKER_MARK } from '../shared/host/worker-mark.ts';

const isWorkerOfPrimary = cluster.isWorker && process.env[WORKER_MARK] !== undefined;

if (isWorkerOfPrimary) {
  // They reach the whole process group, and are meant for the primary.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => undefined);
  startThreadPool();
  const { runWorker } = await import('./worker-program.ts');
  runWorker(process.env.pm_id !== undefined);
} else {
  process.stderr.write('this is the program of a headgate worker; start the gateway with `headgate serve`\n');
  process.exitCode = 1;
}
