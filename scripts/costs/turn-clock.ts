/**
 * Preloaded with `--import` into a measured gateway, before `worker-probe.ts`. On SIGUSR2 a worker writes `turns-PID.json`
 * into its working folder: the most CPU time that its main thread took in one turn of its loop since the last signal.
 * Beside the time by the clock, this does not grow when other programs have the processor.
 */
import cluster from 'node:cluster';
import { writeFileSync } from 'node:fs';

/** A timer is due in every turn that is longer. */
const EVERY_MS = 1;

/** After the turn in which the other probe collects garbage. */
const BEGIN_ANEW_AFTER_MS = 20;

if (cluster.isWorker) {
  let before = cpuMs();
  let longestCpuMs = 0;
  setInterval(() => {
    const now = cpuMs();
    longestCpuMs = Math.max(longestCpuMs, now - before);
    before = now;
  }, EVERY_MS).unref();
  process.on('SIGUSR2', () => {
    longestCpuMs = Math.max(longestCpuMs, cpuMs() - before);
    writeFileSync(`turns-${process.pid}.json`, JSON.stringify({ longestCpuMs }));
    setTimeout(() => {
      before = cpuMs();
      longestCpuMs = 0;
    }, BEGIN_ANEW_AFTER_MS).unref();
  });
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
