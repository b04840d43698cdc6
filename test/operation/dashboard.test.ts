/**
 * The dashboard that is shipped, in front of a real Prometheus with the shipped rules: every query of every panel, and
 * every variable, has data once a gateway has had traffic and trouble of each kind that the panels are about.
 */
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { isInstalled } from '../../scripts/processes/program.ts';
import { temporaryFolder } from '../../scripts/processes/temporary-folder.ts';
import { describedMetrics } from '../../scripts/references/metrics.ts';
import { root } from '../../scripts/rig/checkout.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { ConfigInput } from '../../scripts/rig/gateway-config.ts';
import { endPrometheus, type Prometheus, startPrometheus } from '../../scripts/rig/prometheus.ts';
import { dashboard, dashboardQueries, dashboardText, filledIn } from '../helpers/dashboard.ts';
import { type ProviderPair, startProviderPair } from '../helpers/provider-pair.ts';
import { type CertificateFiles, certificateFiles } from '../helpers/server-certificates.ts';
import { TokenEndpoints } from '../helpers/token-endpoints.ts';

/** An answer with tools that the provider ran, and a tier: the fake providers have none. */
const toolAnswer = JSON.stringify({
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_reason: 'end_turn', stop_sequence: null },
  content: [{ type: 'text', text: 'found' }],
  usage: { input_tokens: 5, output_tokens: 2, service_tier: 'priority', server_tool_use: { web_search_requests: 1 } },
});

const installed = isInstalled('prometheus');
const withPrometheus = installed ? describe : describe.skip;

withPrometheus(`the dashboard${installed ? '' : ' (Prometheus is not installed)'}`, () => {
  let providers: ProviderPair;
  let searching: http.Server;
  let endpoints: TokenEndpoints;
  let place: ReturnType<typeof temporaryFolder>;
  let gateway: RunningGateway;
  let prometheus: Prometheus;
  let certificate: CertificateFiles;
  let startedAtSeconds: number;

  before(async () => {
    startedAtSeconds = Date.now() / 1000;
    providers = await startProviderPair();
    searching = http.createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end(toolAnswer);
    });
    await new Promise<void>((resolve) => searching.listen(0, '127.0.0.1', resolve));
    endpoints = await TokenEndpoints.start();
    place = temporaryFolder('dashboard');
    writeFileSync(path.join(place.folder, 'token'), 'web-token');
    const config = configOf(providers, searching, endpoints, place.folder);
    const environment = { AWS_ENDPOINT_URL_STS: endpoints.origin };
    const first = await startGateway(config, { environment });
    // Rates need a series that was there before it grew.
    await makeTraffic(first, providers);
    certificate = certificateFiles();
    const { cert, key } = certificate.files;
    const secured = await startGateway({ ...config, server: { port: 0, tls: { cert, key } } }, { environment });
    const ports = { server: { port: first.port }, admin: { port: first.adminPort } };
    prometheus = await startPrometheus([first.adminPort, secured.adminPort], [path.join(root, 'deploy/alerts.yml')]);
    first.signal('SIGKILL');
    await first.exited;
    gateway = await startGateway({ ...config, ...ports }, { environment, after: first });
    await prometheus.nextScrape();
    await makeTraffic(gateway, providers);
    await makeTrouble(gateway, providers, { ...config, ...ports });
    await prometheus.nextScrape();
  });

  after(async () => {
    await endPrometheus();
    await endGateways();
    await providers.close();
    endpoints.stop();
    searching.close();
    searching.closeAllConnections();
    place.remove();
    certificate.remove();
  });

  it('has panels with a title and an id each, within the width, in the schema of Grafana 12', () => {
    expect(dashboard.schemaVersion).to.equal(42);
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(dashboard.panels.filter(({ title, gridPos: { x, w } }) => title === '' || x + w > 24)).to.deep.equal([]);
    const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(rows).to.have.length(7);
    expect(dashboard.templating.list.map(({ name }) => name)).to.deep.equal([
      'datasource',
      'instance',
      'model',
      'provider',
    ]);
  });

  it('shows every metric of the gateway', () => {
    const unseen = describedMetrics().filter(({ name }) => !dashboardText.includes(name));
    expect(unseen.map(({ name }) => name)).to.deep.equal([]);
  });

  for (const { title, expr } of dashboardQueries) {
    it(`has data: ${title}: ${expr}`, async () => {
      await eventually(
        'it has',
        async () => (await prometheus.valuesSince(startedAtSeconds, filledIn(expr))).some(Number.isFinite),
        15_000,
        500,
      );
    });
  }

  for (const { name, definition } of dashboard.templating.list) {
    if (definition === undefined) continue;
    it(`offers values of the variable ${name}`, async () => {
      const [, metric = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
      const values = await prometheus.query(`group by (${label}) (${filledIn(metric)})`);
      expect(values.map(({ labels }) => labels[label])).to.not.include(undefined);
      expect(values).to.not.have.length(0);
    });
  }
});

function configOf(
  { openai, anthropic }: ProviderPair,
  searching: http.Server,
  endpoints: TokenEndpoints,
  folder: string,
): ConfigInput {
  const { port } = searching.address() as AddressInfo;
  const api_keys = ['a', 'b'].map((name) => ({ name, key: `sk-of-${name}-openai` }));
  const price = { input: 1, output: 2 };
  return {
    server: { port: 0 },
    admin: { port: 0 },
    workers: 2,
    providers: {
      openai: { type: 'openai', base_url: `http://127.0.0.1:${openai.port}/v1`, api_keys },
      anthropic: { type: 'anthropic', base_url: `http://127.0.0.1:${anthropic.port}`, api_key: 'sk-ant-of-the-test' },
      searching: { type: 'anthropic', base_url: `http://127.0.0.1:${port}`, api_key: 'sk-ant-of-the-test' },
      aws: {
        type: 'bedrock',
        base_url: endpoints.origin,
        region: 'eu-central-1',
        role_arn: 'arn:aws:iam::123456789012:role/gateway',
        web_identity_token_file: path.join(folder, 'token'),
      },
    },
    models: {
      'gpt-4': {
        price,
        targets: [
          { provider: 'openai', model: 'gpt-4' },
          { provider: 'anthropic', model: 'claude-sonnet-4-5', max_tokens: 100 },
        ],
      },
      alone: { price, targets: [{ provider: 'openai', model: 'gpt-4-alone' }] },
      search: { price, targets: [{ provider: 'searching', model: 'm', max_tokens: 100 }] },
      cloud: { targets: [{ provider: 'aws', model: 'm' }] },
    },
  };
}

function asking(gateway: RunningGateway) {
  // A broken stream is among what is wanted.
  return async (body: object = {}) => (await gateway.complete(body)).text().catch(() => 'broken');
}

/** Answers of all kinds, refused requests, and streams that break before they tell their usage. */
async function makeTraffic(gateway: RunningGateway, { openai }: ProviderPair): Promise<void> {
  const ask = asking(gateway);
  openai.control.setShape({ chunks: 20, chunkMs: 10 });
  for (const body of [{}, { stream: true }, { model: 'search' }, { model: 'no-such-model' }]) await ask(body);
  openai.control.setFault({ kind: 'cut', afterChunks: 3, times: 1 });
  await ask({ stream: true, model: 'alone' });
}

/** An outage that opens a circuit, a key that is limited, a reload, and one that is refused. */
async function makeTrouble(gateway: RunningGateway, { openai }: ProviderPair, config: ConfigInput): Promise<void> {
  const ask = asking(gateway);
  openai.control.setFault({ kind: 'status', status: 500 });
  for (let count = 0; count < 8; count += 1) await ask();
  await ask({ model: 'alone' });
  openai.control.setFault({ kind: 'status', status: 429, times: 1 });
  await ask({ model: 'alone' });
  openai.control.clearFaults();
  gateway.signal('SIGHUP');
  await eventually('it reloads', () => gateway.logged('configuration reloaded'));
  gateway.writeConfig({ ...config, models: {} });
  gateway.signal('SIGHUP');
  const refused = 'the configuration was not reloaded; the previous one stays active';
  await eventually('a reload is refused', () => gateway.logged(refused));
}
