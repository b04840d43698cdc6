/**
 * The primary is killed under load, five times, with a real pm2 that brings it back. Once with the kernel as it is, and
 * once with the other state of `net.ipv4.tcp_migrate_req`, in a network namespace that nobody else sees.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processStart } from '../../../src/primary/process-identity.ts';
import type { Status } from '../../../src/primary/status.ts';
import { eventually } from '../../../test/helpers/eventually.ts';
import { Pm2 } from '../../../test/helpers/pm2.ts';
import { freePort } from '../../../test/helpers/prometheus.ts';
import { type ChaosCase, type ChaosRun, guarantees } from '../chaos-case.ts';
import { countedOn, judgeCounted, judgeResets, settled } from '../judgements.ts';
import { migratesRequests, otherState } from '../migrate-req.ts';
import { chaosConfig, Rig } from '../rig.ts';

const WORKERS = 3;

export const primaryKilled: ChaosCase = {
  name: 'primary-killed',
  about: 'SIGKILL of the primary under pm2 at 200 requests/s, 5 times, in both states of tcp_migrate_req',
  async run(run) {
    await killings(run);
    if (!run.asItIs) await otherState(run, 'primary-killed');
  },
};

function killings(run: ChaosRun): Promise<void> {
  return Rig.with(async (rig) => {
    const provider = await rig.provider();
    await provider.shape({ latencyMs: 20 });
    const ports = { port: await freePort(), admin: await freePort() };
    const gateway = await startUnderPm2(rig, {
      ...chaosConfig(provider, WORKERS),
      server: { port: ports.port },
      admin: { port: ports.admin },
    });
    const prometheus = await rig.prometheus(ports.admin);
    const startedAt = performance.now();
    const load = await rig.load({ url: `http://127.0.0.1:${ports.port}`, perSecond: 200, freshShare: 0.2 });
    const times = run.short ? 2 : 5;
    let orphansLeft = 0;
    const readyAfterMs: number[] = [];
    for (let kill = 0; kill < times; kill += 1) {
      await pause(3_000);
      const { primary, workers } = await gateway.status();
      process.kill(primary.pid, 'SIGKILL');
      const killedAt = performance.now();
      await eventually('the successor is ready', () => isReady(ports.admin, primary.pid, gateway.status), 30_000);
      readyAfterMs.push(performance.now() - killedAt);
      run.note(`kill ${kill + 1}: ready after ${(performance.now() - killedAt).toFixed(0)} ms`);
      await settled(gateway, WORKERS, 60_000);
      orphansLeft += workers.filter(({ pid }) => processStart(pid) !== null).length;
    }
    await pause(2_000);
    const tally = await load.stop();
    await prometheus.nextScrape();
    const state = `tcp_migrate_req ${migratesRequests()}`;
    const why = tally.failed === 0 ? '' : ` ${JSON.stringify(tally.failures)}`;
    run.find(
      guarantees.withoutPrimary,
      `${state}, ${times} kills: ${tally.failed} of ${tally.sent} failed${why}, ready again after at most ${Math.max(...readyAfterMs).toFixed(0)} ms, orphans left after the drain ${orphansLeft}`,
      tally.failed === 0 && tally.byStatus[200] === tally.sent && orphansLeft === 0,
    );
    const page = await (await fetch(`http://127.0.0.1:${ports.admin}/metrics`)).text();
    judgeCounted(run, tally, countedOn(page));
    await judgeResets(run, prometheus, (performance.now() - startedAt) / 1000 + 5);
  });
}

async function startUnderPm2(rig: Rig, config: Readonly<Record<string, unknown>> & { admin: { port: number } }) {
  const pm2 = new Pm2();
  rig.atEnd(() => pm2.end());
  writeFileSync(join(pm2.folder, 'headgate.yaml'), JSON.stringify(config));
  await pm2.start();
  const status = async (): Promise<Status> => {
    const answer = await fetch(`http://127.0.0.1:${config.admin.port}/api/status`);
    return (await answer.json()) as Status;
  };
  return { status };
}

/** Whether another primary than that one serves with all its workers. */
async function isReady(adminPort: number, before: number, status: () => Promise<Status>): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
    return answer.ok && (await status()).primary.pid !== before;
  } catch {
    // Nobody listens yet.
    return false;
  }
}
