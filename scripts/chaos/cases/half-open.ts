/** A half-open circuit lets exactly one probe through on the whole host, however many workers request one. */
import { setTimeout as pause } from 'node:timers/promises';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { openMoment } from '../half-opens.ts';

const WORKERS = 4;
const PER_SECOND = 500;
const OPEN_MS = 250;
/** Duration of a probe; meanwhile the other workers request one in vain. */
const PROBE_MS = 100;

export const halfOpen: ChaosCase = {
  name: 'half-open',
  about: `a circuit half-open 100 times over 4 workers at ${PER_SECOND} requests/s`,
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      const gateway = await rig.gateway(
        oneProviderConfig(provider.port, WORKERS, {
          retry: { attempts: 1 },
          circuit: { open_for: `${OPEN_MS}ms`, max_open_for: `${OPEN_MS}ms` },
        }),
      );
      await provider.shape({ latencyMs: PROBE_MS });
      await provider.fault({ kind: 'status', status: 500 });
      const load = await rig.load({ url: gateway.url, perSecond: PER_SECOND });
      const first = await openMoment(gateway, provider, 'openai');
      const wanted = run.short ? 20 : 100;
      let last = first;
      while (last.halfOpens - first.halfOpens < wanted) {
        await pause(OPEN_MS + PROBE_MS);
        last = await openMoment(gateway, provider, 'openai');
      }
      await load.stop();
      const [times, probes] = [last.halfOpens - first.halfOpens, last.requests - first.requests];
      run.find(
        guarantees.oneCircuit,
        `${times} times half-open, ${probes} requests reached the provider`,
        probes === times,
      );
    }),
};
