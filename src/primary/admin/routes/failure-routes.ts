/** The last failures over HTTP; those that come are events of `/api/events`. */
import type { Express } from 'express';
import { failureQuery } from '../../failures/failure-query.ts';
import type { AdminActions } from '../admin-actions.ts';

/** Adds `/api/errors`. */
export function addFailureRoutes(app: Express, actions: AdminActions): void {
  app.get('/api/errors', (request, response) => {
    response.json(actions.failures(failureQuery(request.query)));
  });
}
