/** The spend books over HTTP. */
import type { Express } from 'express';
import type { Clock } from '../../../shared/clock.ts';
import { spendQuery } from '../../spend/spend-query.ts';
import { spendReport } from '../../spend/spend-report.ts';
import type { AdminActions } from '../admin-actions.ts';
import { askedText } from './asked-text.ts';

/** Adds `/api/spend`. */
export function addSpendRoutes(app: Express, actions: AdminActions, clock: Clock): void {
  app.get('/api/spend', async (request, response) => {
    const { by, since, until } = request.query;
    const asked = { by: askedText(by), since: askedText(since), until: askedText(until) };
    const query = spendQuery(asked, clock.wallMs());
    response.json(spendReport(query, await actions.spend(query)));
  });
}
