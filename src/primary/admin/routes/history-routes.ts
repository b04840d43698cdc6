/** The last hour, for charts. */
import type { Express } from 'express';
import type { AdminActions } from '../admin-actions.ts';
import { refuse } from '../refuse.ts';
import { askedText } from './asked-text.ts';

/** Adds `/api/history`: the last hour in steps of ten seconds. Those that are `approximate` were partly told by totals, and spread. */
export function addHistoryRoutes(app: Express, actions: AdminActions): void {
  app.get('/api/history', (request, response) => {
    const { model, provider } = request.query;
    if (model !== undefined && provider !== undefined)
      return refuse(response, 400, 'ask for a model or for a provider');
    response.json(actions.history({ model: askedText(model) ?? null, provider: askedText(provider) ?? null }));
  });
}
