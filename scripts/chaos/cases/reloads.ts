/**
 * Good and broken configurations in turn, under load: good ones are in force immediately, broken ones change nothing.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { RunningGateway } from '../../rig/gateway.ts';
import { type ConfigInput, oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { settled } from '../../rig/settled.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';
import { countedOn, judgeCounted, sumOf } from '../judgements.ts';

const WORKERS = 4;
const TIMES = 20;

/** Twenty broken configurations, derived from a good one. Those given as text are not even YAML mappings. */
function brokenOnes(good: ConfigInput): readonly (ConfigInput | string)[] {
  const provider = { type: 'openai', base_url: 'http://127.0.0.1:1/v1' };
  const model = (target: object) => ({ models: { 'gpt-4': { targets: [target] } } });
  return [
    '',
    '{ "version": 1, ',
    'version: 1\n\tmodels: {}',
    ...[
      { version: 2 },
      { surprise: true },
      { workers: WORKERS + 1 },
      { server: { port: 1 } },
      { admin: { port: 1 } },
      { state_dir: 'elsewhere' },
      { providers: {} },
      { providers: { openai: { ...provider, type: 'opnai' } } },
      { providers: { openai: { ...provider, base_url: 'ftp://127.0.0.1' } } },
      { providers: { openai: { ...provider, api_key: `\${HEADGATE_CHAOS_NOT_SET:?is needed}` } } },
      { providers: { openai: { ...provider, api_key: `\${file:/nonexistent/key}` } } },
      { models: {} },
      model({ provider: 'nobody', model: 'gpt-4' }),
      model({ provider: 'openai' }),
      { retry: { attempts: 0 } },
      { circuit: { failure_share: 2 } },
      { timeouts: { connect: 'soon' } },
    ].map((wrong) => ({ ...good, ...wrong })),
  ];
}

export const reloads: ChaosCase = {
  name: 'reloads',
  about: `${TIMES} broken and ${TIMES} good configurations under load`,
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      const good = oneProviderConfig(provider.port, WORKERS);
      const gateway = await rig.gateway(good);
      const before = await settled(gateway, WORKERS);
      const load = await rig.load({ url: gateway.url, perSecond: 200, freshShare: 0.1 });
      await pause(2_000);
      const broken = brokenOnes(good);
      let [refused, changed, applied] = [0, 0, 0];
      for (const [time, wrong] of broken.entries()) {
        const was = await stateOf(gateway);
        if ((await reload(gateway, wrong)) === 422) refused += 1;
        const successful = sumOf(await gateway.metrics(), /llm_config_last_reload_successful/);
        if (!isDeepStrictEqual(await stateOf(gateway), was) || successful !== 0) changed += 1;

        const name = `model-${time}`;
        const models = { ...(good.models as object), [name]: { targets: [{ provider: 'openai', model: name }] } };
        const status = await reload(gateway, { ...good, models, retry: { attempts: 1 + (time % 5) } });
        const now = await stateOf(gateway);
        const served = await complete(gateway, name);
        if (status === 200 && now.version === was.version + 1 && now.models.includes(name) && served === 200)
          applied += 1;
        await pause(100);
      }
      await pause(1_000);
      const tally = await load.stop();
      const after = await settled(gateway, WORKERS);
      const same = after.every(({ pid }) => before.some((worker) => worker.pid === pid));
      run.find(
        guarantees.reload,
        `${refused} of ${broken.length} broken ones refused, ${changed} of them changed anything; ${applied} of ${broken.length} good ones in force immediately`,
        broken.length === TIMES && refused === TIMES && changed === 0 && applied === TIMES && same,
      );
      run.find(
        guarantees.reload,
        `meanwhile ${tally.sent} requests, ${tally.failed} failed, ${tally.byStatus[200] ?? 0} answered with 200`,
        tally.failed === 0 && tally.byStatus[200] === tally.sent,
      );
      const { acknowledged } = tally;
      judgeCounted(run, { ...tally, acknowledged: acknowledged + TIMES }, countedOn(await gateway.metrics()));
    }),
};

async function stateOf(gateway: RunningGateway): Promise<{ version: number; models: readonly string[] }> {
  const { config, models } = await gateway.status();
  return { version: config.version, models: models.map(({ name }) => name) };
}

/** Writes a configuration, asks for a reload and returns the status of the answer. */
async function reload({ folder, adminUrl }: RunningGateway, config: ConfigInput | string): Promise<number> {
  writeFileSync(join(folder, 'headgate.yaml'), typeof config === 'string' ? config : JSON.stringify(config));
  const answer = await fetch(`${adminUrl}/api/reload`, { method: 'POST' });
  await answer.arrayBuffer();
  return answer.status;
}

async function complete({ url }: RunningGateway, model: string): Promise<number> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await answer.arrayBuffer();
  return answer.status;
}
