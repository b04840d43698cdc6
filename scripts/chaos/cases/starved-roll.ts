/** All workers are replaced on a host whose cores are taken by busy loops, while clients keep their connections. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { atExit } from '../../processes/clean-up.ts';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { settled } from '../../rig/settled.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { countedOn, judgeCounted } from '../judgements.ts';

const WORKERS = 2;
const CLIENTS = 40;
const LOOPS_PER_CORE = 3;
const CHUNKS = 25;
/** Longer than the keep-alive time: such a stream ends after the connections that were idle before are closed. */
const STREAM_MS = 6_000;

export const starvedRoll: ChaosCase = {
  name: 'starved-roll',
  about: `rolling restarts beside busy loops, with ${CLIENTS} clients that send on as soon as their stream ends`,
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      await provider.shape({ chunks: CHUNKS, chunkMs: STREAM_MS / (CHUNKS - 1) });
      const gateway = await rig.gateway(
        oneProviderConfig(provider.port, WORKERS, { server: { port: 0, keep_alive: '3s' } }),
      );
      const before = await settled(gateway, WORKERS);
      const endLoops = startLoops(LOOPS_PER_CORE * availableParallelism());
      try {
        const streams = await rig.load({ url: gateway.url, clients: CLIENTS, stream: true, timeoutMs: 120_000 });
        const plain = await rig.load({ url: gateway.url, perSecond: 50, timeoutMs: 120_000 });
        const times = run.short ? 2 : 4;
        for (let roll = 0; roll < times; roll += 1) {
          await pause(STREAM_MS / 2);
          const answer = await fetch(`${gateway.adminUrl}/api/restart`, { method: 'POST' });
          if (!answer.ok) throw new Error(`the restart was refused: ${await answer.text()}`);
          await pause(STREAM_MS);
        }
        const tallies = await Promise.all([streams.stop(), plain.stop()]);
        endLoops();
        const after = await settled(gateway, WORKERS, 60_000);
        const replaced = after.every(({ pid }) => before.every((worker) => worker.pid !== pid));
        const [failed, sent] = [sum(tallies.map((tally) => tally.failed)), sum(tallies.map((tally) => tally.sent))];
        const why = failed === 0 ? '' : ` ${JSON.stringify(tallies.map(({ failures }) => failures))}`;
        run.find(
          guarantees.reload,
          `${times} rolls beside busy loops: ${failed} of ${sent} requests failed${why}`,
          replaced && tallies.every((tally) => tally.failed === 0 && tally.byStatus[200] === tally.sent),
        );
        judgeCounted(run, tallies, countedOn(await gateway.metrics()));
      } finally {
        endLoops();
      }
    }),
};

/** Starts processes that use all the CPU time they get. Returns what ends them. */
function startLoops(count: number): () => void {
  const loops = Array.from({ length: count }, () => spawn(process.execPath, ['-e', 'for (;;);']));
  const end = () => {
    for (const loop of loops) loop.kill('SIGKILL');
  };
  const cancel = atExit(end);
  return () => {
    end();
    cancel();
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
