/** The dashboard that is shipped, and its queries as Grafana sends them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/rig/checkout.ts';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly targets?: readonly { readonly expr: string }[];
}

interface Dashboard {
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr?: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

export const dashboardText = readFileSync(path.join(root, 'deploy/grafana-dashboard.json'), 'utf8');
export const dashboard = JSON.parse(dashboardText) as Dashboard;

/** Those of panels and of annotations. */
export const dashboardQueries: readonly { readonly title: string; readonly expr: string }[] = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr }))),
  ...dashboard.annotations.list.flatMap(({ name, expr }) => (expr === undefined ? [] : [{ title: name, expr }])),
];

/** What Grafana puts in place of its variables while everything is chosen. */
export function filledIn(expression: string): string {
  return expression
    .replaceAll('$__rate_interval', '5m')
    .replaceAll('$__range', '5m')
    .replaceAll(/\$(?:instance|model|provider)\b/g, '.*');
}
