/** The last hour, for charts. */
import type { Express } from 'express';
import type { AdminActions } from '../admin-actions.ts';
import { refuse } from '../refuse.ts';

/** Adds `/api/history`. */
export function addHistoryRoutes(app: Express, actions: AdminActions): void {
  app.get('/api/history', (request, response) => {
    const { model, provider } = request.query;
    if (model !== undefined && provider !== undefined)
      return refuse(response, 400, 'ask for a model or for a provider');
    response.json(actions.history({ model: nameOf(model), provider: nameOf(provider) }));
  });
}

/** A name that is given twice is a text of both, which no subject has. */
function nameOf(value: unknown): string | null {
  return value === undefined ? null : String(value);
}
