/**
 * The primary is killed under load, five times, and a real pm2 restarts it. Once with the kernel's present value of
 * `net.ipv4.tcp_migrate_req`, and once with the other value, in a network namespace of its own.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { processStart } from '../../../src/primary/host/process-identity.ts';
import { eventually } from '../../processes/eventually.ts';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { settled } from '../../rig/settled.ts';
import { type ChaosCase, type ChaosRun, guarantees } from '../chaos-case.ts';
import { judgeSpend } from '../judge-spend.ts';
import { countedOn, describeFailed, judgeCounted, judgeMoney, judgeResets, paidShape } from '../judgements.ts';
import { migratesRequests, otherState } from '../migrate-req.ts';

const WORKERS = 3;

export const primaryKilled: ChaosCase = {
  name: 'primary-killed',
  about: 'SIGKILL of the primary under pm2 at 200 requests/s, 5 times, with both values of tcp_migrate_req',
  async run(run) {
    await killings(run);
    if (!run.asItIs) await otherState(run, 'primary-killed');
  },
};

function killings(run: ChaosRun): Promise<void> {
  return Rig.with(async (rig) => {
    const provider = await rig.provider();
    await provider.shape({ ...paidShape, latencyMs: 20 });
    const gateway = await rig.gatewayUnderPm2(oneProviderConfig(provider.port, WORKERS));
    const prometheus = await rig.prometheus(gateway.adminPort);
    const load = await rig.load({ url: gateway.url, perSecond: 200, freshShare: 0.2 });
    const times = run.short ? 2 : 5;
    const readyAfterMs: number[] = [];
    let orphansLeft = 0;
    for (let kill = 0; kill < times; kill += 1) {
      await pause(3_000);
      const { primary, workers } = await gateway.status();
      const killedAt = performance.now();
      process.kill(primary.pid, 'SIGKILL');
      await eventually(
        'the successor is ready',
        async () => (await gateway.successorOf(primary.pid))?.ready ?? false,
        30_000,
      );
      readyAfterMs.push(performance.now() - killedAt);
      await settled(gateway, WORKERS, 60_000);
      orphansLeft += workers.filter(({ pid }) => processStart(pid) !== null).length;
    }
    await pause(2_000);
    const tally = await load.stop();
    await prometheus.nextScrape();
    run.find(
      guarantees.withoutPrimary,
      `tcp_migrate_req ${migratesRequests()}, ${times} kills: ${describeFailed(tally)}, all workers new after at most ${Math.max(...readyAfterMs).toFixed(0)} ms, orphans left after the drain ${orphansLeft}`,
      tally.failed === 0 && tally.byStatus[200] === tally.sent && orphansLeft === 0,
    );
    const page = await gateway.metrics();
    judgeCounted(run, tally, countedOn(page));
    judgeMoney(run, page);
    await judgeSpend(run, gateway);
    await judgeResets(run, prometheus);
  });
}
