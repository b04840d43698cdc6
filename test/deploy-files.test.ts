/**
 * The files that people copy agree with the program and with each other: the configurations in them load, and their
 * ports, paths, users, commands and times are those of the gateway.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { parse, parseAllDocuments } from 'yaml';
import { isInstalled } from '../scripts/processes/program.ts';
import { root } from '../scripts/rig/checkout.ts';
import { createProgram } from '../src/cli/program.ts';
import { fill } from '../src/config/fill.ts';
import { loadConfig } from '../src/config/load.ts';
import { defaults as written } from '../src/config/schema/defaults.ts';
import type { Config } from '../src/shared/config.ts';

type Tree = Readonly<Record<string, unknown>>;

const text = (name: string) => readFileSync(path.join(root, 'deploy', name), 'utf8');
const keys = {
  OPENAI_API_KEY: 'sk-of-the-test',
  ANTHROPIC_API_KEY: 'sk-ant-of-the-test',
  AZURE_API_KEY: 'azure-key-of-the-test',
  OPENAI_A: 'sk-a-of-the-test',
  OPENAI_B: 'sk-b-of-the-test',
  MASTER_KEY: 'key-of-a-client',
  HEADGATE_KEY: 'key-of-a-client',
  HEADGATE_ADMIN_TOKEN: 'token-of-the-test',
};

/** What is found in a tree by `spec.template`, with numbers for the places of lists. */
function at(tree: unknown, place: string): unknown {
  return place.split('.').reduce<unknown>((node, key) => (node as Tree | undefined)?.[key], tree);
}

describe('the files of deploy', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'headgate-deploy-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const load = (content: unknown): Config => {
    const file = path.join(folder, 'headgate.yaml');
    writeFileSync(file, String(content));
    return loadConfig({ source: { kind: 'file', path: file }, environment: keys });
  };
  const defaults = fill({ providers: {}, models: {} }, '/');
  const { timeouts } = written;
  const seconds = (duration: unknown) => Number(/^(\d+)s$/.exec(String(duration))?.[1]);

  it('are at most six pages, all in Markdown with one title', () => {
    const pages = readdirSync(path.join(root, 'deploy')).filter((name) => name.endsWith('.md'));
    expect(pages).to.have.length.within(1, 6);
    const titles = pages.map(
      (page) =>
        text(page)
          .replaceAll(/^```[\s\S]*?^```$/gm, '')
          .match(/^# /gm)?.length,
    );
    expect(titles).to.deep.equal(pages.map(() => 1));
  });

  it('show configurations of other gateways, and those of ours beside them load', () => {
    const page = text('coming-from.md');
    const ours = Array.from(page.matchAll(/^```yaml\n(version: 1\n[\s\S]*?)^```$/gm), ([, block]) => load(block));
    expect(ours.map(({ models }) => Object.keys(models))).to.deep.equal([['fast', 'careful'], ['small'], ['openai/*']]);
    for (const [, theirs = ''] of page.matchAll(/^```json\n([\s\S]*?)^```$/gm)) JSON.parse(theirs);
  });

  describe('the manifests for Kubernetes', () => {
    const documents = parseAllDocuments(text('kubernetes.yaml')).map((document) => document.toJS() as Tree);
    const ofKind = (kind: string) => documents.find((document) => document.kind === kind);
    const pod = at(ofKind('Deployment'), 'spec.template.spec');
    const container = at(pod, 'containers.0') as Tree;

    it('have a configuration that loads, with the ports and the state folder of the pod', () => {
      const config = load((at(ofKind('ConfigMap'), 'data') as Tree)['headgate.yaml']);
      const ports = container.ports as readonly Tree[];
      expect(ports.map(({ name, containerPort }) => [name, containerPort])).to.deep.equal([
        ['http', config.server.port],
        ['admin', config.admin.port],
      ]);
      expect([config.server.host, config.admin.host]).to.deep.equal(['0.0.0.0', '0.0.0.0']);
      const mounts = container.volumeMounts as readonly Tree[];
      const state = mounts.find(({ name }) => name === 'state');
      expect(path.dirname(config.stateDir), 'a folder of its own below the volume').to.equal(state?.mountPath);
      expect(at(pod, 'terminationGracePeriodSeconds')).to.be.above(
        (config.drain.announceMs + config.drain.stopMs) / 1000,
      );
    });

    it('probe the admin port by paths that need no token', () => {
      const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'].map((name) =>
        at(container, `${name}.httpGet`),
      );
      expect(probes).to.deep.equal([
        { path: '/readyz', port: 'admin' },
        { path: '/readyz', port: 'admin' },
        { path: '/livez', port: 'admin' },
      ]);
    });

    it('restrict the pod as far as it goes, and take keys from a secret', () => {
      expect(at(pod, 'securityContext')).to.include({ runAsNonRoot: true, runAsUser: 1000 });
      expect(container.securityContext).to.deep.equal({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.envFrom).to.deep.equal([{ secretRef: { name: 'headgate' } }]);
      expect(at(ofKind('PodMonitor'), 'spec.podMetricsEndpoints.0.authorization.credentials')).to.deep.equal({
        name: 'headgate',
        key: 'HEADGATE_ADMIN_TOKEN',
      });
    });

    it('select each other by labels that the pods have, and give the job the name that alerts expect', () => {
      const labels = at(ofKind('Deployment'), 'spec.template.metadata.labels') as Tree;
      const selectors = ['Deployment', 'PodDisruptionBudget', 'PodMonitor'].map((kind) =>
        at(ofKind(kind), 'spec.selector.matchLabels'),
      );
      for (const selector of [...selectors, at(ofKind('Service'), 'spec.selector')])
        expect(labels).to.include(selector);
      expect(labels[String(at(ofKind('PodMonitor'), 'spec.jobLabel'))]).to.equal('headgate');
    });
  });

  describe('the compose file', () => {
    const compose = parse(text('compose.yaml')) as Tree;
    const content = (name: string) => String(at(compose, `configs.${name}.content`)).replaceAll('$$', '$');

    it('has a configuration that loads, whose ports are published on loopback, and time for its drain', () => {
      const config = load(content('headgate'));
      const { server, admin, drain, stateDir } = config;
      expect(at(compose, 'services.headgate.ports')).to.deep.equal(
        [server.port, admin.port].map((port) => `127.0.0.1:${port}:${port}`),
      );
      expect(at(compose, 'services.headgate.volumes')).to.deep.equal([`state:${stateDir}`]);
      const isInline = at(compose, 'configs.headgate.content') !== undefined;
      expect(at(compose, 'services.headgate.build.args'), 'so that its image can have traces').to.deep.equal({
        TRACING: `\${TRACING:-}`,
      });
      expect(isInline && at(compose, 'services.headgate.read_only') === true, 'Compose could not copy it').to.equal(
        false,
      );
      const grace = seconds(at(compose, 'services.headgate.stop_grace_period'));
      expect(grace).to.be.above((drain.announceMs + drain.stopMs) / 1000);
    });

    it('has a Prometheus that scrapes it as the job headgate, with the rules, and a Grafana with the dashboard', () => {
      const prometheus = parse(content('prometheus')) as Tree;
      expect(at(prometheus, 'scrape_configs.0.job_name')).to.equal('headgate');
      expect(at(prometheus, 'scrape_configs.0.static_configs.0.targets')).to.deep.equal(['headgate:9464']);
      expect(at(prometheus, 'rule_files')).to.deep.equal(['alerts.yml']);
      const mounted = at(compose, 'services.grafana.configs') as readonly Tree[];
      const folder = at(parse(content('dashboards')), 'providers.0.options.path');
      const dashboard = mounted.find(({ source }) => source === 'dashboard');
      expect(path.dirname(String(dashboard?.target))).to.equal(folder);
      for (const name of ['alerts', 'dashboard']) {
        expect(existsSync(path.join(root, 'deploy', String(at(compose, `configs.${name}.file`))))).to.equal(true);
      }
    });
  });

  it('have an image that copies what exists, runs commands that exist, and is not root', () => {
    const file = text('Dockerfile');
    const sources = Array.from(file.matchAll(/^COPY (?!--)(.+) \S+$/gm), ([, names = '']) => names.split(' ')).flat();
    expect(sources).to.include('src');
    expect(sources.filter((name) => !existsSync(path.join(root, name)))).to.deep.equal([]);
    const commands = createProgram().commands.map((command) => command.name());
    const check = /^HEALTHCHECK [^\\]*\\\n {2}CMD (\[.*\])$/m.exec(file)?.[1] ?? '[]';
    const [node, script, command = ''] = JSON.parse(check) as string[];
    expect([node, script]).to.deep.equal(['node', 'dist/cli/main.js']);
    expect(commands).to.include(command);
    expect(file).to.match(/^USER [1-9]\d*$/m);
    // The packages for traces, on demand: those that the package names, so that no list of its own grows old.
    expect(file)
      .to.match(/^ARG TRACING=$/m)
      .and.include('require("./package.json").peerDependencies');
    const { server, admin } = defaults;
    expect(file).to.include(`EXPOSE ${server.port} ${admin.port}`);
  });

  it('have a proxy whose limits come after those of the gateway', () => {
    const { server } = defaults;
    const conf = text('nginx.conf');
    const value = (name: string) => Number.parseInt(new RegExp(`^ *${name} (\\d+)`, 'm').exec(conf)?.[1] ?? '', 10);
    for (const name of ['proxy_read_timeout', 'proxy_send_timeout']) {
      expect(value(name)).to.be.above(seconds(timeouts.total)).and.above(seconds(timeouts.stall));
    }
    expect(value('send_timeout')).to.be.above(seconds(timeouts.stall));
    expect(value('keepalive_timeout')).to.be.below(server.keepAliveMs / 1000);
    expect(value('client_max_body_size') * 1024 * 1024).to.be.above(server.maxBodyBytes);
    expect(conf).to.include(`server 127.0.0.1:${server.port};`);
  });

  it('have a unit that waits longer than a drain, and than a slow boot', () => {
    const { drain } = defaults;
    const [, stop] = /^TimeoutStopSec=(\d+)$/m.exec(text('headgate.service')) ?? [];
    expect(Number(stop)).to.be.above((drain.announceMs + drain.stopMs) / 1000);
  });

  const installed = isInstalled('promtool');
  const run = installed ? it : it.skip;
  run(`have a configuration of Prometheus that promtool takes${installed ? '' : ' (it is not installed)'}`, () => {
    const args = ['check', 'config', path.join(root, 'deploy/prometheus.yml')];
    const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
    expect(status, `${stdout}${stderr}`).to.equal(0);
  });
});
