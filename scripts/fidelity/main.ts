/**
 * What clients read of what providers meant, as a table: every dialect of clients before every dialect of targets, every
 * kind of answer, whole, streamed, and broken at every byte. The clients are the official libraries; the gateway is a
 * built one with a worker. Then, for each pair, what the provider read of what was asked. Exits with 1 if anything was lost,
 * doubled or left hanging.
 *
 *   npm run fidelity -- [--samples N] [--face F] [--outbound O] [--content C]
 *
 * `--samples`: break each answer at so many of its bytes only. In a cell: clients that read all of it, and behind a `+`
 * those that got an error instead, which is right for an answer that broke.
 */
import { parseArgs } from 'node:util';
import { type RunningGateway, startGateway } from '../rig/gateway.ts';
import { cellsOf, type Pair } from './cells.ts';
import { contents } from './contents.ts';
import { pairs } from './pairs.ts';
import { Provider } from './providers/provider.ts';
import { asks, tryAsk } from './requests.ts';
import { runCells } from './run.ts';
import { Tally } from './tally.ts';

/** More failures than there are in its window, so that no circuit opens. */
const NEVER = { min_failures: 10_000, outcomes: 10_000, failure_share: 1, window: '1s' };

const { values: flags } = parseArgs({
  options: {
    samples: { type: 'string', default: 'Infinity' },
    face: { type: 'string', multiple: true },
    outbound: { type: 'string', multiple: true },
    content: { type: 'string', multiple: true },
  },
});

function startedBefore({ port }: Provider): Promise<RunningGateway> {
  const address = `http://127.0.0.1:${port}`;
  const calm = { api_key: 'sk-test', circuit: NEVER };
  const types = {
    'openai-chat': { ...calm, type: 'openai', base_url: `${address}/v1` },
    'openai-responses': { ...calm, type: 'openai', base_url: `${address}/v1`, dialects: ['openai-responses'] },
    'anthropic-messages': { ...calm, type: 'anthropic', base_url: address },
    'bedrock-converse': { ...calm, type: 'bedrock', region: 'eu-central-1', base_url: address },
  };
  const named = Object.entries(types).flatMap(([name, type]) => [
    [name, { ...type, retry: { attempts: 1 } }] as const,
    [`${name}-again`, { ...type, retry: { attempts: 2, base_delay: '1ms', max_delay: '4ms', budget: 1 } }] as const,
  ]);
  const models = named.map(([name]) => [name, { targets: [{ provider: name, model: modelOf(name) }] }] as const);
  const config = {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    workers: 1,
    log: { requests: 'none' },
    providers: Object.fromEntries(named),
    models: Object.fromEntries(models),
  };
  return startGateway(config, { built: true });
}

/** Of Bedrock's models, one that has all that others have. */
function modelOf(provider: string): string {
  return provider.startsWith('bedrock') ? 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0' : 'upstream';
}

/** What the provider has read of each request: a line for each. */
async function askedOf(pair: Pair, provider: Provider, url: string): Promise<string[]> {
  const lines: string[] = [];
  for (const ask of asks) {
    if (ask.notIn?.includes(pair.face)) continue;
    const { outcome, fault } = await tryAsk(pair, ask, provider, url);
    const said = { same: 'as it was asked', named: 'left out by name', refused: 'refused by name', wrong: 'WRONG' }[
      outcome
    ];
    lines.push(`${pair.face} → ${pair.outbound}: ${ask.name}: ${said}${outcome === 'wrong' ? ` ${fault}` : ''}`);
    if (outcome === 'wrong') process.exitCode = 1;
  }
  return lines;
}

async function main(): Promise<boolean> {
  const samples = Number(flags.samples);
  if (!(samples >= 1)) throw new Error('--samples takes a number from 1');
  const chosen = pairs.filter(
    ({ face, outbound }) => (flags.face?.includes(face) ?? true) && (flags.outbound?.includes(outbound) ?? true),
  );
  const kinds = contents.filter(({ name }) => flags.content?.includes(name) ?? true);
  if (chosen.length === 0 || kinds.length === 0) throw new Error('there is no such pair, or no such kind of answer');
  const provider = await Provider.start();
  const gateway = await startedBefore(provider);
  const tally = new Tally();
  const requests: string[] = [];
  try {
    for (const pair of chosen) {
      const startedAt = performance.now();
      await runCells(cellsOf(pair, samples, kinds), provider, gateway.url, (tried) => tally.add(tried));
      requests.push(...(await askedOf(pair, provider, gateway.url)));
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
      console.error(`${pair.face} before ${pair.outbound}: ${seconds} s`);
    }
  } finally {
    await gateway.end();
    await provider.stop();
  }
  console.log(tally.lines().join('\n'));
  console.log(`\n${requests.join('\n')}\n`);
  for (const { face, outbound, content, mode, at, fault } of tally.wrong.slice(0, 50)) {
    console.log(`WRONG ${face} before ${outbound}, ${content}, ${mode} at ${at}: ${fault}`);
  }
  console.log(tally.total());
  return tally.wrong.length === 0;
}

if (!(await main())) process.exitCode = 1;
