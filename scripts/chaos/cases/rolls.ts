/** All workers are replaced, five times, while long streams are open. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Tally } from '../../load/protocol.ts';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { settled } from '../../rig/settled.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { countedOn, judgeCounted, judgeResets } from '../judgements.ts';

const WORKERS = 4;
const CHUNKS = 40;
const STREAM_MS = 10_000;

export const rolls: ChaosCase = {
  name: 'rolls',
  about: '5 rolling restarts of 4 workers, with streams of 10 s and plain requests in flight',
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      await provider.shape({ chunks: CHUNKS, chunkMs: STREAM_MS / (CHUNKS - 1), contentBytes: 1_000 });
      const gateway = await rig.gateway(oneProviderConfig(provider.port, WORKERS));
      const prometheus = await rig.prometheus(gateway.adminPort);
      const before = await settled(gateway, WORKERS);
      const streams = await rig.load({ url: gateway.url, perSecond: 10, stream: true, timeoutMs: 60_000 });
      const plain = await rig.load({ url: gateway.url, perSecond: 100, freshShare: 0.2 });
      await pause(3_000);
      const times = run.short ? 2 : 5;
      for (let roll = 0; roll < times; roll += 1) {
        const answer = await fetch(`${gateway.adminUrl}/api/restart`, { method: 'POST' });
        if (!answer.ok) throw new Error(`the restart was refused: ${await answer.text()}`);
        await pause(3_000);
      }
      const [ofStreams, ofPlain] = await Promise.all([streams.stop(), plain.stop()]);
      const after = await settled(gateway, WORKERS, 60_000);
      const replaced = after.every(({ pid }) => before.every((worker) => worker.pid !== pid));
      await prometheus.nextScrape();
      run.find(
        guarantees.reload,
        `${times} rolls: ${described('streams', ofStreams)}; ${described('plain', ofPlain)}`,
        replaced && [ofStreams, ofPlain].every(({ failed, byStatus, sent }) => failed === 0 && byStatus[200] === sent),
      );
      judgeCounted(run, [ofStreams, ofPlain], countedOn(await gateway.metrics()));
      await judgeResets(run, prometheus);
    }),
};

function described(what: string, { sent, failed, cut, byStatus, failures }: Tally): string {
  const why = failed === 0 ? '' : ` ${JSON.stringify(failures)}`;
  return `${sent} ${what}, ${byStatus[200] ?? 0} whole, ${failed} failed, ${cut} cut${why}`;
}
