/** What monitoring asks: metrics, and the probes of health. */
import type { Express } from 'express';
import { METRICS_CONTENT_TYPE } from '../../scrape/scrape.ts';
import type { AdminActions } from '../admin-actions.ts';

/** Adds `/livez`, `/readyz` and `/metrics`. */
export function addScrapeRoutes(app: Express, actions: AdminActions): void {
  app.get('/livez', (_request, response) => {
    response.json({ status: 'ok' });
  });

  app.get('/readyz', (_request, response) => {
    const readiness = actions.readiness();
    response.status(readiness.ready ? 200 : 503).json(readiness);
  });

  app.get('/metrics', async (_request, response) => {
    const page = await actions.scrape();
    response.setHeader('content-type', METRICS_CONTENT_TYPE);
    response.send(page);
  });
}
