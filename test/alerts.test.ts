/**
 * The alerts that are shipped: they are valid, they fire when somebody must act and not when a client makes mistakes, and
 * whoever they wake finds a section of the runbook.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { isInstalled } from '../scripts/processes/program.ts';
import { describedMetrics } from '../scripts/references/metrics.ts';
import { root } from '../scripts/rig/checkout.ts';
import { createOwnMetrics } from '../src/primary/scrape/own-metrics.ts';
import { createPrimaryGauges } from '../src/primary/scrape/primary-gauges.ts';
import { readRegistry } from '../src/shared/metrics/prom.ts';
import { shownNames } from '../src/shared/metrics/shown.ts';
import { load, smallest } from './helpers/config-text.ts';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: { readonly severity: string };
  readonly annotations?: { readonly summary: string; readonly runbook_url: string };
}

interface RuleTests {
  readonly tests: readonly {
    readonly input_series: readonly { readonly series: string }[];
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
    readonly promql_expr_test?: readonly { readonly expr: string; readonly exp_samples: readonly unknown[] }[];
  }[];
}

function text(name: string): string {
  return readFileSync(path.join(root, 'deploy', name), 'utf8');
}

const { groups } = parse(text('alerts.yml')) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const { tests } = parse(text('alerts.test.yml')) as RuleTests;

/** Metrics that are not of the gateway's own making: Prometheus' and Node's. */
const others = new Set(['up', 'primary_process_start_time_seconds']);
const own = new Set(describedMetrics().map(({ name }) => name));

function exists(metric: string): boolean {
  return others.has(metric) || own.has(metric.replace(/_(?:bucket|sum|count)$/, ''));
}

describe('the alerts', () => {
  for (const args of [
    ['check', 'rules', 'deploy/alerts.yml'],
    ['test', 'rules', 'deploy/alerts.test.yml'],
  ]) {
    const installed = isInstalled('promtool');
    const run = installed ? it : it.skip;
    run(`pass promtool ${args[0]} ${args[1]}${installed ? '' : ' (promtool is not installed)'}`, () => {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: root, encoding: 'utf8' });
      expect(status, `${stdout}${stderr}`).to.equal(0);
    });
  }

  it('are all seen firing, and not firing, by the tests of the rules', () => {
    const checks = tests.flatMap((test) => test.alert_rule_test);
    for (const fires of [true, false]) {
      const seen = checks.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname);
      const unseen = alerts.filter(({ alert = '' }) => !seen.includes(alert));
      expect(unseen, fires ? 'firing' : 'not firing').to.deep.equal([]);
    }
  });

  it('stand on recorded series whose values the tests of the rules know', () => {
    const known = tests.flatMap((test) => test.promql_expr_test ?? []).map(({ expr }) => expr);
    const recorded = rules.flatMap(({ record }) => (record === undefined ? [] : [record]));
    expect(recorded).to.not.have.length(0);
    expect(recorded.filter((name) => !known.includes(name))).to.deep.equal([]);
  });

  it('read only metrics that exist, and so do their tests', () => {
    const read = rules.flatMap(({ expr }) => expr.match(/(?<![:\w])(?:llm|primary|process|nodejs)_\w+|\bup\b/g) ?? []);
    const given = tests.flatMap((test) => test.input_series.map(({ series }) => series.replace(/\{.*/, '')));
    expect(read).to.include('llm_request_errors_total');
    expect([...read, ...given].filter((metric) => !exists(metric))).to.deep.equal([]);
  });

  it('take rates of what begins at 0 alone, or of a sum that has been there before', async () => {
    const { registry } = createOwnMetrics(load(smallest));
    createPrimaryGauges(registry, { version: '', providers: ['local'] });
    const shown = (await readRegistry(registry)).map(shownNames);
    const begun = shown.filter(({ values }) => values.length > 0).map(({ name }) => name);
    const rated = rules.flatMap(({ expr }) =>
      Array.from(expr.matchAll(/(?:rate|increase)\((llm_\w+)/g), ([, name = '']) => name),
    );
    expect(rated).to.include('llm_attempts_total');
    expect(rated.filter((name) => !begun.includes(name))).to.deep.equal([]);
  });

  it('have a severity, and a section in the runbook that their runbook_url leads to', () => {
    const sections = Array.from(text('alerts.md').matchAll(/^### (\w+)$/gm), ([, name = '']) => name);
    expect(sections.toSorted()).to.deep.equal(alerts.map(({ alert }) => alert).sort());
    for (const { alert = '', labels, annotations } of alerts) {
      expect(labels?.severity, alert).to.be.oneOf(['page', 'warn']);
      expect(annotations?.runbook_url).to.equal(`deploy/alerts.md#${alert.toLowerCase()}`);
    }
  });

  it('are under Pages or Warnings in the runbook, as their severity says', () => {
    const [, pages = ''] = /^## Pages\n([\s\S]*?)^## Warnings$/m.exec(text('alerts.md')) ?? [];
    const paging = alerts.filter(({ labels }) => labels?.severity === 'page').map(({ alert }) => alert);
    expect(Array.from(pages.matchAll(/^### (\w+)$/gm), ([, name]) => name)).to.have.members(paging);
  });
});
