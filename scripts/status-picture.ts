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
import { launchChromium } from './browser/chromium.ts';
import { smallPng } from './browser/small-png.ts';
import { root } from './rig/checkout.ts';
import type { FakeProvider } from './rig/fake-provider.ts';
import type { RunningGateway } from './rig/gateway.ts';
import { Rig } from './rig/rig.ts';

const PICTURE = join(root, 'deploy', 'status-page.png');
const MOST_BYTES = 150 * 1024;
const CALLERS = 8;
/** The outage at the end, long enough for circuits to open and for findings. */
const OUTAGE_MS = 75_000;

const { values: flags } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });

function configuration(ports: Readonly<Record<string, number>>) {
  const provider = (name: string, type: string, path: string) => ({
    ...{ type, base_url: `http://127.0.0.1:${ports[name]}${path}`, api_key: `sk-${name}` },
  });
  const target = (name: string, model: string) => ({ provider: name, model });
  return {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    workers: 4,
    providers: {
      'azure-eu': provider('azure-eu', 'openai', '/v1'),
      openai: provider('openai', 'openai', '/v1'),
      anthropic: provider('anthropic', 'anthropic', ''),
    },
    models: {
      fast: {
        price: { input: 0.25, output: 2 },
        targets: [target('azure-eu', 'gpt-5-mini'), target('openai', 'gpt-5-mini')],
      },
      large: {
        price: { input: 3, output: 15 },
        targets: [target('anthropic', 'claude-sonnet-4-5'), target('openai', 'gpt-5')],
      },
      summaries: { price: { input: 0.25, output: 2 }, targets: [target('azure-eu', 'gpt-5-nano')] },
    },
  };
}

/** Asks until the signal, each time with a pause. */
async function callOn(gateway: RunningGateway, caller: number, signal: AbortSignal): Promise<void> {
  const models = ['fast', 'fast', 'large', 'summaries'];
  for (let turn = 0; !signal.aborted; turn += 1) {
    const model = models[(caller + turn) % models.length];
    const answer = await gateway.complete({ model, stream: true });
    await answer.text().catch(() => '');
    const wave = 1 + 0.5 * Math.sin(Date.now() / 240_000);
    await sleep((200 + 600 * Math.random()) * wave);
  }
}

async function take(gateway: RunningGateway): Promise<void> {
  const browser = await launchChromium();
  try {
    // The name of this machine is nobody's matter, and a style of ours is not of the page.
    const viewport = { width: 1280, height: 1400 };
    const context = await browser.newContext({ viewport, deviceScaleFactor: 0.75, bypassCSP: true });
    const page = await context.newPage();
    await page.goto(gateway.adminUrl);
    await page.locator('.chart').nth(5).waitFor();
    const content = '#hostname { font-size: 0; } #hostname::after { content: "gw-1"; font-size: 13px; }';
    await page.addStyleTag({ content });
    writeFileSync(PICTURE, smallPng(await page.screenshot()));
  } finally {
    await browser.close();
  }
}

await Rig.with(async (rig) => {
  const providers: Record<string, FakeProvider> = {
    'azure-eu': await rig.provider(),
    openai: await rig.provider(),
    anthropic: await rig.provider('anthropic'),
  };
  for (const [name, latencyMs] of Object.entries({ 'azure-eu': 180, openai: 260, anthropic: 420 })) {
    await providers[name]?.shape({ latencyMs, chunks: 30, chunkMs: 12 });
  }
  const ports = Object.fromEntries(Object.entries(providers).map(([name, { port }]) => [name, port]));
  const gateway = await rig.gateway(configuration(ports));
  const leaving = new AbortController();
  const callers = Array.from({ length: CALLERS }, (_, caller) => callOn(gateway, caller, leaving.signal));
  await sleep(Number(flags.minutes) * 60_000 - OUTAGE_MS);
  await providers['azure-eu']?.fault({ kind: 'status', status: 500 });
  await sleep(OUTAGE_MS);
  await take(gateway);
  leaving.abort();
  await Promise.all(callers);
});

const { size } = statSync(PICTURE);
console.log(`${PICTURE}: ${Math.round(size / 1024)} KB`);
if (size > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES / 1024} KB`);
