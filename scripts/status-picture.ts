/**
 * Takes the README's picture of the status page: a built gateway before three fake providers, some minutes of traffic, and
 * one provider that begins to fail near the end. Needs a Chromium. The longer it runs, the fuller are the charts.
 *
 *   npm run picture -- [--minutes 60]
 */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { smallPng } from './browser/small-png.ts';
import { root } from './rig/checkout.ts';
import { configurationOf, type ProviderName, pictureOf, startCallers, startProviders } from './rig/looked-at.ts';
import { Rig } from './rig/rig.ts';

const PICTURE = join(root, 'deploy', 'status-page.png');
const MOST_BYTES = 150 * 1024;
const CALLERS = 8;
/** The outage at the end, long enough for circuits to open and for findings. */
const OUTAGE_MS = 75_000;

const { values: flags } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });

const target = (provider: ProviderName, model: string) => ({ provider, model });
const models = {
  fast: {
    price: { input: 0.25, output: 2 },
    targets: [target('azure-eu', 'gpt-5-mini'), target('openai', 'gpt-5-mini')],
  },
  large: {
    price: { input: 3, output: 15 },
    targets: [target('anthropic', 'claude-sonnet-4-5'), target('openai', 'gpt-5')],
  },
  summaries: { price: { input: 0.25, output: 2 }, targets: [target('azure-eu', 'gpt-5-nano')] },
};

/** Traffic that comes and goes. */
const pauseMs = () => (200 + 600 * Math.random()) * (1 + 0.5 * Math.sin(Date.now() / 240_000));

// The name of this machine is nobody's matter, and a style of ours is not of the page.
const hidden = '#hostname { font-size: 0; } #hostname::after { content: "gw-1"; font-size: 13px; }';
const shown = { viewport: { width: 1280, height: 1400 }, deviceScaleFactor: 0.75, bypassCSP: true };

await Rig.with(async (rig) => {
  const { 'azure-eu': azure, openai, anthropic } = await startProviders(rig);
  for (const [provider, latencyMs] of [
    [azure, 180],
    [openai, 260],
    [anthropic, 420],
  ] as const) {
    await provider.shape({ latencyMs, chunks: 30, chunkMs: 12 });
  }
  const ports = { 'azure-eu': azure.port, openai: openai.port, anthropic: anthropic.port };
  const gateway = await rig.gateway({ ...configurationOf(ports), workers: 4, models });
  rig.add(startCallers(gateway, { count: CALLERS, models: ['fast', 'fast', 'large', 'summaries'], pauseMs }));
  await sleep(Number(flags.minutes) * 60_000 - OUTAGE_MS);
  await azure.fault({ kind: 'status', status: 500 });
  await sleep(OUTAGE_MS);
  writeFileSync(PICTURE, smallPng(await pictureOf(gateway, shown, hidden)));
});

const { size } = statSync(PICTURE);
console.log(`${PICTURE}: ${Math.round(size / 1024)} KB`);
if (size > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES / 1024} KB`);
