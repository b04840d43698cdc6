/**
 * What viewers of the status page cost the primary: its CPU for a second at 1,000 requests/s, with ten viewers and with none,
 * in turn. A viewer does what the page does: it follows `/api/events`, and asks for the history and the last failures every
 * ten seconds. All on loopback; takes about two minutes.
 *
 *   npm run build && node scripts/viewers-cost.ts [--rate 1000] [--viewers 10] [--rounds 4]
 */
import { parseArgs } from 'node:util';
import { sleep, systemClock } from '../src/shared/clock.ts';
import { percentile } from './load/percentile.ts';
import { cpuMicroseconds } from './processes/cpu-time.ts';
import { oneProviderConfig } from './rig/gateway-config.ts';
import { Rig } from './rig/rig.ts';

const { values: flags } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    viewers: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '4' },
  },
});
const [perSecond, viewers, rounds] = [flags.rate, flags.viewers, flags.rounds].map(Number) as [number, number, number];

/** Of one measurement. */
const SECONDS = 12;

/** As `src/page` asks. */
const ASKS_EACH_MS = 10_000;

/** Views the page until the signal. */
async function view(adminUrl: string, signal: AbortSignal): Promise<void> {
  const events = await fetch(`${adminUrl}/api/events`, { signal });
  const asking = (async () => {
    for (;;) {
      for (const path of ['/api/history', '/api/errors'])
        await (await fetch(adminUrl + path, { signal })).arrayBuffer();
      await sleep(systemClock, ASKS_EACH_MS, signal);
      if (signal.aborted) return;
    }
  })();
  const reading = (async () => {
    for await (const _ of events.body ?? []) if (signal.aborted) return;
  })();
  await Promise.allSettled([asking, reading]);
}

/** CPU of the primary for a second of load, in ms. */
async function measure(rig: Rig, port: number, primary: number): Promise<number> {
  const load = await rig.load();
  const bodies = [JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }] })];
  const target = { port, headers: {}, bodies };
  const [before, beganMs] = [cpuMicroseconds([primary]), systemClock.nowMs()];
  const { failed } = await load.pace({ target, perSecond, seconds: SECONDS });
  const spent = (cpuMicroseconds([primary]) - before) / (systemClock.nowMs() - beganMs);
  if (failed > 0) throw new Error(`${failed} requests failed: the machine is too busy for ${perSecond} a second`);
  return spent;
}

await Rig.with(async (rig) => {
  const provider = await rig.provider();
  const gateway = await rig.gateway(oneProviderConfig(provider.port, 2));
  const port = Number(new URL(gateway.url).port);
  const without: number[] = [];
  const watched: number[] = [];
  // The first seconds of a process are dearer: its code is not compiled yet.
  await measure(rig, port, gateway.pid);
  for (let round = 0; round < rounds; round += 1) {
    without.push(await measure(rig, port, gateway.pid));
    const leaving = new AbortController();
    const all = Array.from({ length: viewers }, () => view(gateway.adminUrl, leaving.signal));
    watched.push(await measure(rig, port, gateway.pid));
    leaving.abort();
    await Promise.all(all);
  }
  const [alone, shown] = [percentile(without, 0.5), percentile(watched, 0.5)];
  const shownAs = (ms: number) => `${ms.toFixed(1)} ms of CPU per second`;
  console.log(`primary at ${perSecond} requests/s, nobody looks   ${shownAs(alone)}`);
  console.log(
    `the same with ${viewers} viewers                  ${shownAs(shown)} (${(shown / alone).toFixed(2)} times)`,
  );
});
