/**
 * The primary is killed under load and a successor of another version starts, whose metrics differ: one more, one less,
 * other buckets. The workers of the old version serve until they are replaced, and every answer is counted.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { type Difference, metricDifferences, OtherVersion } from '../../rig/other-version.ts';
import { Rig } from '../../rig/rig.ts';
import { settled } from '../../rig/settled.ts';
import { type ChaosCase, type ChaosRun, guarantees } from '../chaos-case.ts';
import { countedOn, describeFailed, judgeCounted, judgeResets } from '../judgements.ts';

const WORKERS = 3;
const { oneMore, otherBuckets, otherName, otherProtocol } = metricDifferences;

export const upgrades: ChaosCase = {
  name: 'upgrades',
  about: 'SIGKILL of the primary at 200 requests/s, then a successor with one metric more, one less, other buckets',
  async run(run) {
    await upgrade(run, 'one metric more, another protocol', [oneMore, otherProtocol], true);
    await upgrade(run, 'one metric less', [otherName], true);
    // The histogram with other buckets begins at 0, which is a reset of that one.
    await upgrade(run, 'other buckets', [otherBuckets], false);
  },
};

function upgrade(run: ChaosRun, what: string, differences: readonly Difference[], noResets: boolean): Promise<void> {
  return Rig.with(async (rig) => {
    const provider = await rig.provider();
    await provider.shape({ latencyMs: 20 });
    const config = oneProviderConfig(provider.port, WORKERS);
    const old = await rig.gateway(config);
    const prometheus = await rig.prometheus(old.adminPort);
    const load = await rig.load({ url: old.url, perSecond: 200, freshShare: 0.2 });
    await pause(3_000);
    old.signal('SIGKILL');
    await old.exited;
    const other = rig.add(new OtherVersion(differences, true));
    const samePorts = { ...config, server: { port: old.port }, admin: { port: old.adminPort } };
    const successor = await rig.gateway(samePorts, { after: old, program: other.program });
    await settled(successor, WORKERS, 60_000);
    await pause(2_000);
    const tally = await load.stop();
    await prometheus.nextScrape();
    run.find(guarantees.withoutPrimary, `${what}: ${describeFailed(tally)}`, tally.failed === 0);
    judgeCounted(run, tally, countedOn(await successor.metrics()));
    if (noResets) await judgeResets(run, prometheus);
  });
}
