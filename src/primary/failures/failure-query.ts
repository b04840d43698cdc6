/** Which of the last failures are asked for. Pure. */
import { type ErrorOwner, errorOwners, errorTable } from '../../shared/errors.ts';

/** How many are kept. */
export const MOST_FAILURES = 200;

/** A question that was read and checked. What is left out filters nothing. */
export interface FailureQuery {
  readonly model?: string;
  readonly provider?: string;
  readonly owner?: ErrorOwner;
  readonly code?: string;
  /** From 1 to `MOST_FAILURES`. */
  readonly limit: number;
}

/** A parameter that cannot be read. Its message begins with the parameter's name. */
export class FailureQueryError extends Error {
  override readonly name = 'FailureQueryError';
  readonly status = 400;
}

const filters = ['model', 'provider', 'owner', 'code'] as const;
const parameters: readonly string[] = [...filters, 'limit'];

/** Reads the parameters of a URL, or of a command. Throws `FailureQueryError`. */
export function failureQuery(asked: Readonly<Record<string, unknown>>): FailureQuery {
  for (const name of Object.keys(asked)) {
    if (!parameters.includes(name))
      throw new FailureQueryError(`${name} is no parameter; there are ${parameters.join(', ')}`);
  }
  const given = filters.flatMap((name) => (asked[name] === undefined ? [] : [[name, wordOf(name, asked[name])]]));
  return { ...Object.fromEntries(given), limit: limitOf(asked.limit) };
}

function wordOf(name: (typeof filters)[number], value: unknown): string {
  const known: readonly string[] | null =
    name === 'owner' ? errorOwners : name === 'code' ? Object.keys(errorTable) : null;
  const expected = known === null ? 'should be one name' : `should be one of ${known.join(', ')}`;
  if (typeof value === 'string' && value !== '' && known?.includes(value) !== false) return value;
  throw new FailureQueryError(`${name} ${expected}, got ${JSON.stringify(value)}`);
}

function limitOf(value: unknown): number {
  if (value === undefined) return MOST_FAILURES;
  const limit = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (limit >= 1 && limit <= MOST_FAILURES) return limit;
  throw new FailureQueryError(`limit should be a number from 1 to ${MOST_FAILURES}, got ${JSON.stringify(value)}`);
}

/** What is read of a failure, also of one that another version tells. */
type Filtered = Readonly<Record<(typeof filters)[number], string>> & {
  readonly providers?: readonly string[] | undefined;
};

/** Whether it is asked for. A provider has those too that were not sent to it, since its targets were left out. */
export function isAsked(failure: Filtered, query: FailureQuery): boolean {
  return filters.every((name) => {
    const asked = query[name];
    if (asked === undefined || asked === failure[name]) return true;
    return name === 'provider' && failure.providers?.includes(asked) === true;
  });
}
