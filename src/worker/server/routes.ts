/**
 * The data port's routes outside the hot path: models, health, the relay of the primary's metrics, and unknown paths.
 */
import type http from 'node:http';
import express from 'express';
import { asGatewayError, GatewayError } from '../../shared/errors.ts';
import type { WorkerInit } from '../../shared/ipc.ts';
import { errorEnvelope } from '../../wire/error-envelope.ts';
import type { PlaneState } from '../request/plane-state.ts';
import { relayMetrics } from './metrics-relay.ts';

/** A request listener for everything except POSTs under `/v1/`. */
export function routes(plane: PlaneState, init: WorkerInit): http.RequestListener {
  const app = express();
  const { metricsPath } = init.config.server;
  app.enable('case sensitive routing');
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/health', (_request, response) => {
    response.status(plane.draining ? 503 : 200).json({ status: plane.draining ? 'draining' : 'ok' });
  });
  // Only clients with a key learn what there is.
  app.use((request, _response, next) => {
    plane.authenticate(request.headers.authorization);
    if (!isDecodable(request.path)) throw new GatewayError('malformed_request', 'The path is no valid URL.');
    next();
  });
  app.get('/v1/models', (_request, response) => {
    response.json({ object: 'list', data: Object.keys(plane.config.models).map(describeModel) });
  });
  app.get('/v1/models/:id', (request, response) => {
    const { id } = request.params;
    if (!Object.hasOwn(plane.config.models, id)) {
      throw new GatewayError('model_not_found', 'The model is not known to this gateway.', { param: 'model' });
    }
    response.json(describeModel(id));
  });
  if (metricsPath !== null) {
    app.get(metricsPath, async (_request, response) => {
      await relayMetrics(init, response);
    });
  }
  app.all('/v1/chat/completions', (_request, response) => {
    response.set('allow', 'POST');
    throw new GatewayError('method_not_allowed', 'This endpoint accepts only POST.');
  });
  app.use(() => {
    throw new GatewayError(
      'not_found',
      'There is no such path. Known: POST /v1/chat/completions, GET /v1/models, GET /health.',
    );
  });
  app.use((thrown: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    const error = asGatewayError(thrown);
    if (error.code === 'internal_error') plane.log.error({ err: thrown }, 'a route failed');
    if (error.retryAfterMs !== null) response.set('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
    response.status(error.status).json(errorEnvelope(error));
  });
  return app;
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    // The only way in which this function tells of a fault.
    return false;
  }
}

function describeModel(id: string) {
  return { id, object: 'model', created: 0, owned_by: 'headgate' } as const;
}
