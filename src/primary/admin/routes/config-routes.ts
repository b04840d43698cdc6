/** The configuration in force, for people. What is secret in it was masked where it was read (`config/in-force.ts`). */
import type { Express } from 'express';
import type { AdminActions } from '../admin-actions.ts';

/** Adds `/api/config`. */
export function addConfigRoutes(app: Express, actions: AdminActions): void {
  app.get('/api/config', (_request, response) => {
    response.json(actions.config());
  });
}
