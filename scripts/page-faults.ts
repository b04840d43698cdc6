/**
 * What the status page says of faults of providers, for readers who have never seen it: a gateway with traffic before fake
 * providers, one fault at a time, and a picture of the page's top for each. A reader should name model, provider, cause and
 * cure within a minute. Needs a Chromium; takes five minutes.
 *
 *   npm run page-faults -- FOLDER [--only NAME]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { FaultInput } from '../src/mock/faults.ts';
import { launchChromium } from './browser/chromium.ts';
import { freePort } from './processes/free-port.ts';
import type { RunningGateway } from './rig/gateway.ts';
import { Rig } from './rig/rig.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' } },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('say where the pictures go: npm run page-faults -- FOLDER');

/** Before the fault, and with it: long enough for the rules of the verdict. */
const WELL_MS = 8_000;
const FAULTY_MS = 25_000;
const CALLERS = 6;

/** Where a fault is. */
interface Trial {
  readonly provider: 'azure-eu' | 'openai' | 'anthropic';
  /** Null: nothing listens at its address any more. */
  readonly fault: FaultInput | null;
}

const trials: Readonly<Record<string, Trial>> = {
  'refused-key': { provider: 'anthropic', fault: { kind: 'status', status: 401 } },
  'rate-limit': { provider: 'azure-eu', fault: { kind: 'status', status: 429 } },
  silence: { provider: 'openai', fault: { kind: 'hang' } },
  unreachable: { provider: 'azure-eu', fault: null },
  'server-errors': { provider: 'azure-eu', fault: { kind: 'status', status: 500 } },
  'no-such-model': { provider: 'openai', fault: { kind: 'status', status: 404 } },
  'cut-streams': { provider: 'anthropic', fault: { kind: 'cut', afterChunks: 2 } },
};

function configuration(ports: Readonly<Record<string, number>>) {
  const provider = (name: string, type: string, path: string) => ({
    ...{ type, base_url: `http://127.0.0.1:${ports[name]}${path}`, api_key: `sk-${name}` },
  });
  const only = (name: string, model: string) => ({
    price: { input: 1, output: 4 },
    targets: [{ provider: name, model }],
  });
  return {
    ...{ version: 1, server: { port: 0 }, admin: { port: 0 }, workers: 2, timeouts: { headers: '3s' } },
    providers: {
      'azure-eu': provider('azure-eu', 'openai', '/v1'),
      openai: provider('openai', 'openai', '/v1'),
      anthropic: provider('anthropic', 'anthropic', ''),
    },
    models: {
      fast: only('azure-eu', 'gpt-5-mini'),
      chat: only('openai', 'gpt-5'),
      large: { ...only('anthropic', 'claude-sonnet-4-5') },
    },
  };
}

async function callOn(gateway: RunningGateway, caller: number, signal: AbortSignal): Promise<void> {
  const models = ['fast', 'chat', 'large'];
  for (let turn = caller; !signal.aborted; turn += 1) {
    const answer = await gateway.complete({ model: models[turn % models.length], stream: true });
    // A stream that breaks is what a trial is about.
    await answer.text().catch(() => '');
    await sleep(150);
  }
}

async function picture(gateway: RunningGateway, file: string): Promise<void> {
  const browser = await launchChromium();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 1000 } })).newPage();
    await page.goto(gateway.adminUrl);
    await page.locator('.chart').nth(5).waitFor();
    writeFileSync(file, await page.screenshot());
  } finally {
    await browser.close();
  }
}

mkdirSync(folder, { recursive: true });
for (const [name, { provider, fault }] of Object.entries(trials)) {
  if (flags.only !== undefined && flags.only !== name) continue;
  await Rig.with(async (rig) => {
    const fakes = {
      'azure-eu': await rig.provider(),
      openai: await rig.provider(),
      anthropic: await rig.provider('anthropic'),
    };
    const ports: Record<string, number> = Object.fromEntries(
      Object.entries(fakes).map(([each, { port }]) => [each, port]),
    );
    if (fault === null) ports[provider] = await freePort();
    const gateway = await rig.gateway(configuration(ports));
    const leaving = new AbortController();
    const callers = Array.from({ length: CALLERS }, (_, caller) => callOn(gateway, caller, leaving.signal));
    await sleep(WELL_MS);
    if (fault !== null) await fakes[provider].fault(fault);
    await sleep(FAULTY_MS);
    const { verdict } = await gateway.status();
    const file = join(folder, `${name}.png`);
    await picture(gateway, file);
    console.log(`${file}\n  ${verdict.sentence}\n  ${verdict.findings[0]?.cure ?? ''}`);
    leaving.abort();
    await Promise.all(callers);
  });
}
