/**
 * Edits the parameters of a request as its model is configured: what the client did not send is set, and what the model
 * cannot take is taken out. The edited bytes are read again like those of a client, so that whatever follows agrees on
 * them. Forms keep their fields.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { editParameters, otherNameOf, takes, withFieldRules } from '../../dialects/parameters.ts';
import type { ArrivedRequest } from '../../dialects/types.ts';
import { providerOf, speaks } from '../../providers/registry.ts';
import type { ModelConfig, ProviderConfig } from '../../shared/config.ts';
import { asGatewayError, GatewayError } from '../../shared/errors.ts';
import { type FieldRules, namesIn } from '../../wire/field-rules.ts';
import { type Bytes, inOneBuffer } from '../../wire/pieced-bytes.ts';
import { TopFields } from '../../wire/top-fields.ts';
import type { ActiveRequest } from './active-request.ts';
import { type HeldBody, TURN_BYTES } from './arrival/body.ts';

const NO_NAMES: readonly string[] = [];

/** A request as a model's targets get it. */
export interface ServedRequest {
  readonly arrived: ArrivedRequest;
  /** As it came. */
  readonly original: ArrivedRequest;
  /** Names of the client's parameters that were taken out. */
  readonly dropped: readonly string[];
  /** Names of the parameters that were set. */
  readonly set: readonly string[];
}

/** A request whose model edits nothing. */
export function unedited(arrived: ArrivedRequest): ServedRequest {
  return { arrived, original: arrived, dropped: NO_NAMES, set: NO_NAMES };
}

/** Whether a model edits the parameters of a request: there is something to take out, or to set in its dialect. */
export function edits({ dialect }: ActiveRequest, model: ModelConfig, { contentType }: ArrivedRequest): boolean {
  const { defaults, drop } = model;
  if (contentType !== undefined) return false;
  return drop.length > 0 || defaults.some(({ name }) => takes(dialect.name, name));
}

/** Names of parameters that no target of the model takes, as far as that is known: where it has only one. */
export function refusedByAll(request: ActiveRequest, { targets }: ModelConfig): readonly string[] {
  const [only, another] = targets;
  const provider = only && request.config.providers[only.provider];
  if (only === undefined || provider === undefined || another !== undefined) return NO_NAMES;
  return request.plane.refusedParameters.of(provider, only, request.matched);
}

/**
 * The request with the parameters of its model. Throws `JsonFault` if one of them stands too often in it, `internal_error`
 * if the configuration makes it invalid, and `overloaded` if there is no room for it.
 *
 * @param refused names of parameters that are not set, since the target does not take them
 */
export async function withParameters(
  request: ActiveRequest,
  { name, defaults, drop }: ModelConfig,
  arrived: ArrivedRequest,
  body: HeldBody,
  refused: readonly string[] = NO_NAMES,
): Promise<ServedRequest> {
  const own = defaults.filter((each) => takes(request.dialect.name, each.name) && !refused.includes(each.name));
  if (own.length === 0 && drop.length === 0) return unedited(arrived);
  const set = own.map((each) => each.name);
  const fields = new TopFields([...drop, ...set, ...set.flatMap((each) => otherNameOf(each) ?? [])]);
  await pushed(fields, arrived.bytes);
  const { bytes, dropped, set: added } = editParameters(arrived.bytes, fields, drop, own);
  if (bytes === arrived.bytes) return unedited(arrived);
  try {
    return { arrived: await readAgain(request, bytes, body), original: arrived, dropped, set: added };
  } catch (cause) {
    const text = `The parameters that are configured for the model ${name} make this request invalid: `;
    throw new GatewayError('internal_error', text + asGatewayError(cause).message, { cause });
  }
}

/**
 * What a target's server does not know of the fields of a request that goes on in the client's dialect; null for nothing.
 *
 * @param model its name at the provider
 */
export function foreignFields(
  { dialect }: ActiveRequest,
  config: ProviderConfig,
  model: string,
  { contentType }: ArrivedRequest,
): FieldRules | null {
  const rules = providerOf(config.type).fields?.[dialect.name];
  if (rules === undefined || contentType !== undefined) return null;
  return speaks(config, dialect.name, model) ? rules : null;
}

/** The request as such a server knows it. Throws `JsonFault` if one of the names stands too often in it, and `overloaded`. */
export async function withKnownFields(
  request: ActiveRequest,
  served: ServedRequest,
  rules: FieldRules,
  body: HeldBody,
): Promise<ServedRequest> {
  const { bytes: before } = served.arrived;
  const fields = new TopFields(namesIn(rules));
  await pushed(fields, before);
  const { bytes, dropped } = withFieldRules(before, fields, rules);
  if (bytes === before) return served;
  const arrived = await readAgain(request, bytes, body);
  return { ...served, arrived, dropped: [...served.dropped, ...dropped] };
}

/** Edited bytes, read like those of a client. */
async function readAgain(request: ActiveRequest, bytes: Bytes, body: HeldBody): Promise<ArrivedRequest> {
  body.alsoHold(bytes.length);
  const again = request.dialect.arrive(request.incoming.headers);
  const whole = inOneBuffer(bytes);
  await pushed(again, whole);
  return again.read(whole);
}

/** Scans a whole body; others have their turns meanwhile. Rejects with what the scan throws. */
export async function pushed(scan: { push(chunk: Buffer): void; end(): void }, bytes: Buffer): Promise<void> {
  for (let from = 0; from < bytes.length; from += TURN_BYTES) {
    if (from > 0) await turn();
    scan.push(bytes.subarray(from, from + TURN_BYTES));
  }
  scan.end();
}
