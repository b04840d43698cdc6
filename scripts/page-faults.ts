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
import { freePort } from './processes/free-port.ts';
import { configurationOf, type ProviderName, pictureOf, startCallers, startProviders } from './rig/looked-at.ts';
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
  readonly provider: ProviderName;
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

const only = (provider: ProviderName, model: string) => ({
  price: { input: 1, output: 4 },
  targets: [{ provider, model }],
});
const models = {
  fast: only('azure-eu', 'gpt-5-mini'),
  chat: only('openai', 'gpt-5'),
  large: only('anthropic', 'claude-sonnet-4-5'),
};

mkdirSync(folder, { recursive: true });
for (const [name, { provider, fault }] of Object.entries(trials)) {
  if (flags.only !== undefined && flags.only !== name) continue;
  await Rig.with(async (rig) => {
    const fakes = await startProviders(rig);
    const ports = { 'azure-eu': fakes['azure-eu'].port, openai: fakes.openai.port, anthropic: fakes.anthropic.port };
    if (fault === null) ports[provider] = await freePort();
    const gateway = await rig.gateway({ ...configurationOf(ports), workers: 2, timeouts: { headers: '3s' }, models });
    rig.add(startCallers(gateway, { count: CALLERS, models: Object.keys(models), pauseMs: () => 150 }));
    await sleep(WELL_MS);
    if (fault !== null) await fakes[provider].fault(fault);
    await sleep(FAULTY_MS);
    const { verdict } = await gateway.status();
    const file = join(folder, `${name}.png`);
    writeFileSync(file, await pictureOf(gateway, { viewport: { width: 1280, height: 1000 } }));
    console.log(`${file}\n  ${verdict.sentence}\n  ${verdict.findings[0]?.cure ?? ''}`);
  });
}
