/**
 * Which model serves a request: the one that its client has named, and after it those that this one falls back to. The
 * name that was asked for stays the request's own, in metrics and in the log.
 */
import type { RequestOutline } from '../../../dialects/types.ts';
import type { ModelConfig } from '../../../shared/config.ts';
import { GatewayError } from '../../../shared/errors.ts';
import { findName, upstreamName } from '../../../shared/model-names.ts';
import type { ActiveRequest } from '../active-request.ts';
import type { LastFailure } from '../attempt-history.ts';
import { canServe } from '../codec-to.ts';
import { modelNotFound } from '../model-not-found.ts';
import { bindToState } from './bind-to-state.ts';

const NO_NAMES: readonly string[] = [];

/** The way of one request from model to model. */
export class Route {
  #model: ModelConfig;
  readonly #isBound: boolean;
  /** Names of models that it may still move to. */
  #waiting = NO_NAMES;
  /** Where it has been. */
  #visited = NO_NAMES;

  /** @param isBound whether the request goes on from what one target keeps */
  constructor(model: ModelConfig, isBound: boolean) {
    this.#model = model;
    this.#isBound = isBound;
  }

  /** The one whose targets are tried now. */
  get model(): ModelConfig {
    return this.#model;
  }

  /**
   * Moves a request whose context was too long on to the next model that has such an API: each has its own fallbacks
   * first, and no model is asked twice. False if it stays with its last failure.
   */
  fallBack(request: ActiveRequest, { judgement }: LastFailure): boolean {
    const hasMoved = this.#visited.length > 0;
    if (judgement.fallback === null && (!hasMoved || judgement.next === 'final')) return false;
    while (!this.#isBound && this.#next(request)) {
      if (leaveOut(request, this.#model)) return true;
    }
    return false;
  }

  /** Moves to the next model; false if there is none. */
  #next(request: ActiveRequest): boolean {
    const { config, matched } = request;
    this.#visited = [...this.#visited, placeOf(this.#model, matched)];
    this.#waiting = [...this.#model.fallbacks.context, ...this.#waiting];
    for (;;) {
      const [name, ...rest] = this.#waiting;
      if (name === undefined) return false;
      this.#waiting = rest;
      const found = findName(config, name);
      const model = found === null ? undefined : config.models[found.name];
      if (found === null || model === undefined || this.#visited.includes(placeOf(model, found.matched))) continue;
      this.#model = model;
      request.moved(found.matched);
      return true;
    }
  }
}

/** The route of a request, without the targets that have no such API. Throws `GatewayError`. */
export function routeOf(request: ActiveRequest, outline: RequestOutline): Route {
  const { config } = request;
  const found = findName(config, outline.model);
  const model = found === null ? undefined : config.models[found.name];
  if (found === null || model === undefined) throw unknownModel(request, outline);
  request.routed(model, outline.stream, found.matched);
  if (!leaveOut(request, model)) throw noSuchApi(request, model);
  bindToState(request, model, outline);
  return new Route(model, outline.continues !== null);
}

/** What tells apart where a request has been. */
function placeOf({ name }: ModelConfig, matched: string | null): string {
  return `${name} ${matched ?? ''}`;
}

function unknownModel(request: ActiveRequest, { model, isModelImplied = false }: RequestOutline): GatewayError {
  const { plane, config } = request;
  if (isModelImplied) {
    const text = `Missing required parameter: 'model'. Without it, ${model} is asked for, which is not configured.`;
    return new GatewayError('missing_parameter', text, { param: 'model' });
  }
  plane.outbox.push({ type: 'label-overflow', label: 'model' });
  request.isForUnknown(model);
  return modelNotFound(config, model);
}

/** Leaves out the targets whose providers have no such API; false if that is all of them. */
function leaveOut({ config, dialect, history, matched }: ActiveRequest, model: ModelConfig): boolean {
  model.targets.forEach(({ provider, model: name }, index) => {
    const asked = config.providers[provider];
    if (asked === undefined || !canServe(asked, upstreamName(name, matched), dialect)) history.skip(index);
  });
  return history.tried.length < model.targets.length;
}

function noSuchApi({ endpoint }: ActiveRequest, { name, targets }: ModelConfig): GatewayError {
  const names = [...new Set(targets.map(({ provider }) => provider))].join(', ');
  const text = `The model ${name} cannot be asked for ${endpoint.label}: ${names} has no such API.`;
  return new GatewayError('unsupported_endpoint', text, { param: 'model' });
}
