/**
 * The status page: static files under a strict content security policy. All that it shows comes from the other routes, but
 * for the small tables of browsers without JavaScript.
 */
import type { Express } from 'express';
import type { AdminActions } from '../admin-actions.ts';
import { readPageFiles } from '../page-files.ts';
import { withPlainStatus } from '../plain-page.ts';
import { refuse } from '../refuse.ts';

/** Only files and answers of this server, no script or style in the markup, and no other page around it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

/** Adds `/` and `/page/…`. Throws if the files are not there. */
export function addPageRoutes(app: Express, actions: Pick<AdminActions, 'status'>): void {
  const files = readPageFiles();
  const index = files.get('index.html');
  if (index === undefined) throw new Error('the files of the status page are not there: build again');
  const page = index.body.toString('utf8');

  app.get('/', (_request, response) => {
    response.setHeader('content-security-policy', policy);
    response.setHeader('content-type', index.type);
    response.end(withPlainStatus(page, actions.status()));
  });

  app.get('/page/*name', (request, response) => {
    const file = files.get(request.path.slice('/page/'.length));
    if (file === undefined) return refuse(response, 404, `there is no GET ${request.path} here`);
    response.setHeader('content-type', file.type);
    response.end(file.body);
  });
}
