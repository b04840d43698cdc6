/**
 * What a failover costs: the time of a request whose first target answers 500 immediately, compared with a request to
 * the healthy target alone, asked in turn in the same run. By default a request repeats its attempt once before it moves
 * on, as long as the retry budget lasts, so failovers with and without that retry are shown apart. No circuit opens. On
 * loopback; takes a quarter of a minute. Exits with 1 if the median of either costs 50 ms or more.
 *
 *   npm run failover -- [--requests 300]
 */
import { parseArgs } from 'node:util';
import { percentile } from './load/percentile.ts';
import type { FakeProvider } from './rig/fake-provider.ts';
import type { RunningGateway } from './rig/gateway.ts';
import { Rig } from './rig/rig.ts';

const LIMIT_MS = 50;
const WARM_UP = 50;
/** More failures than there are in a minute, so that no circuit opens. */
const NEVER = 10_000;

const { values: flags } = parseArgs({ options: { requests: { type: 'string', default: '300' } } });
const requests = Number(flags.requests);

/** Milliseconds of each request, by what was done for it. */
const times = { alone: [] as number[], 'without a retry': [] as number[], 'after a retry': [] as number[] };

function configuration(broken: FakeProvider, healthy: FakeProvider) {
  const provider = (port: number) => ({
    type: 'openai',
    base_url: `http://127.0.0.1:${port}/v1`,
    api_key: 'sk-test',
    circuit: { min_failures: NEVER, outcomes: NEVER },
  });
  return {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    workers: 1,
    providers: { broken: provider(broken.port), healthy: provider(healthy.port) },
    models: {
      alone: { targets: [{ provider: 'healthy', model: 'gpt-4' }] },
      failover: {
        targets: [
          { provider: 'broken', model: 'gpt-4' },
          { provider: 'healthy', model: 'gpt-4' },
        ],
      },
    },
  };
}

/** Asks once. Resolves with the time, and with how many attempts the request took. */
async function timed(gateway: RunningGateway, model: string): Promise<{ ms: number; attempts: number }> {
  const startedAt = performance.now();
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${model} was answered ${answer.status}: ${text}`);
  const attempts = answer.headers.get('x-headgate-attempts')?.split(', ').length ?? 0;
  return { ms: performance.now() - startedAt, attempts };
}

async function measure(gateway: RunningGateway): Promise<void> {
  for (let request = -WARM_UP; request < requests; request += 1) {
    const alone = await timed(gateway, 'alone');
    const failover = await timed(gateway, 'failover');
    if (request < 0) continue;
    times.alone.push(alone.ms);
    times[failover.attempts > 2 ? 'after a retry' : 'without a retry'].push(failover.ms);
  }
}

function show(what: string, p50: number, p99: number, note = ''): void {
  console.log(`${what.padEnd(34)} p50 ${p50.toFixed(1).padStart(5)} ms   p99 ${p99.toFixed(1).padStart(5)} ms${note}`);
}

await Rig.with(async (rig) => {
  const [broken, healthy] = [await rig.provider(), await rig.provider()];
  await broken.fault({ kind: 'status', status: 500 });
  await measure(await rig.gateway(configuration(broken, healthy)));
});
const [p50, p99] = [percentile(times.alone, 0.5), percentile(times.alone, 0.99)];
show('the healthy target alone', p50, p99, `   ${times.alone.length} requests`);
for (const kind of ['without a retry', 'after a retry'] as const) {
  if (times[kind].length === 0) continue;
  const [with500, slowest] = [percentile(times[kind], 0.5), percentile(times[kind], 0.99)];
  show(`failover ${kind}`, with500, slowest, `   ${times[kind].length} requests`);
  show(`  it costs`, with500 - p50, slowest - p99);
  if (with500 - p50 < LIMIT_MS) continue;
  console.error(`the median of a failover ${kind} costs ${LIMIT_MS} ms or more`);
  process.exitCode = 1;
}
