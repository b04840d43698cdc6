/** The verdict and the alerts that are shipped say the same: names, severities, times and every number. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { root } from '../../../../scripts/rig/checkout.ts';
import { type AlertName, alerts } from '../../../../src/primary/verdict/alerts.ts';
import { rules } from '../../../../src/primary/verdict/rules.ts';
import { createMetrics } from '../../../../src/shared/metrics/metrics.ts';
import { Registry } from '../../../../src/shared/metrics/prom.ts';

interface ShippedRule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: { readonly severity: string };
}

const text = readFileSync(path.join(root, 'deploy', 'alerts.yml'), 'utf8');
const { groups } = parse(text) as { readonly groups: readonly { readonly rules: readonly ShippedRule[] }[] };
const all = groups.flatMap((group) => group.rules);
const shipped = all.filter(({ alert }) => alert !== undefined);
// Whoever can ask for the verdict sees that the gateway is not down.
const judged = shipped.filter(({ alert }) => alert !== 'HeadgateDown');

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

function secondsOf(duration: string): number {
  const [, amount = '', unit = ''] = /^(\d+)([smh])$/.exec(duration) ?? [];
  return Number(amount) * (seconds[unit] ?? Number.NaN);
}

/** Every comparison of an expression, as `> 0.05`. */
function comparisonsIn(expr: string): string[] {
  return Array.from(expr.matchAll(/(==|>=|<|>) ([\d.]+)/g), ([, operator, value]) => `${operator} ${Number(value)}`);
}

/** Every range of an expression in seconds, also of the recording rules that it reads. */
function rangesIn(expr: string): number[] {
  return Array.from(expr.matchAll(/(?:\[|rate|increase)(\d+[smh])\b/g), ([, range = '']) => secondsOf(range));
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)].sort();
}

describe('the verdict', () => {
  it('has a rule for each alert that is shipped, and no other', () => {
    const names = judged.map(({ alert }) => alert);
    expect(Object.keys(alerts)).to.have.members(names);
    expect(Object.keys(rules)).to.have.members(names);
    expect(shipped).to.have.length(judged.length + 1);
  });

  for (const { alert, expr, for: forTime = '0s', labels } of judged) {
    it(`agrees with ${alert} on its severity, its time and all of its numbers`, () => {
      const known = alerts[alert as AlertName];
      expect(known.severity).to.equal(labels?.severity);
      expect(known.forSeconds).to.equal(secondsOf(forTime));
      const bounds = Object.values<readonly [string, number]>(known.bounds).map(
        ([operator, value]) => `${operator} ${value}`,
      );
      expect(unique(bounds)).to.deep.equal(unique(comparisonsIn(expr)));
      expect(unique(Object.values<number>(known.ranges))).to.deep.equal(unique(rangesIn(expr)));
    });
  }

  it('tells findings in an order in which pages come first', () => {
    const severities = Object.values(alerts).map(({ severity }) => severity);
    expect(severities.lastIndexOf('page')).to.be.lessThan(severities.indexOf('warn'));
    expect(Object.keys(rules)).to.deep.equal(Object.keys(alerts));
  });

  it('can tell slow streams by counts alone: the bound is one of the buckets of the metric, and the quantile is a half', () => {
    const { upperBounds } = createMetrics(new Registry()).timeToFirstContent;
    expect(upperBounds).to.include(alerts.HeadgateProviderSlow.bounds.seconds[1]);
    const slow = judged.find(({ alert }) => alert === 'HeadgateProviderSlow');
    expect(slow?.expr).to.match(/^histogram_quantile\(0\.5, rate\(headgate:first_content:bucket\[/);
    const recorded = all.find(({ record }) => record === 'headgate:first_content:bucket');
    expect(recorded?.expr).to.equal('sum by (instance, provider, le) (llm_time_to_first_content_seconds_bucket)');
  });
});
