/** The spend books over HTTP. */
import type { Express } from 'express';
import type { Clock } from '../../../shared/clock.ts';
import { spendQuery } from '../../spend/spend-query.ts';
import { spendReport } from '../../spend/spend-report.ts';
import type { AdminActions } from '../admin-actions.ts';

/** Adds `/api/spend`. */
export function addSpendRoutes(app: Express, actions: AdminActions, clock: Clock): void {
  app.get('/api/spend', async (request, response) => {
    const { by, since, until } = request.query;
    const asked = { by: textOf(by), since: textOf(since), until: textOf(until) };
    const query = spendQuery(asked, clock.wallMs());
    response.json(spendReport(query, await actions.spend(query)));
  });
}

/** A parameter of a query; one that is given twice counts as a text of both, which no query takes. */
function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}
