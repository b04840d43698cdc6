/** The outside world of sources, with variables of a test's own and files that are only names. */
import { CredentialsError, type FetchTools } from '../../src/providers/credentials/fetching.ts';
import { openTools } from '../../src/providers/credentials/refresh/open-tools.ts';
import { systemClock } from '../../src/shared/clock.ts';

interface Outside {
  readonly variables?: Readonly<Record<string, string>>;
  /** Contents by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Requests are real ones. */
export function fetchTools({ variables = {}, files = {} }: Outside): FetchTools {
  return {
    ...openTools(() => systemClock.wallMs()),
    variable: (name) => variables[name] ?? null,
    readFile: async (path) => files[path] ?? null,
  };
}

/** The message with which something that fetches fails. Throws if it does not fail so. */
export async function reasonOf(fetching: Promise<unknown>): Promise<string> {
  try {
    await fetching;
  } catch (error) {
    if (error instanceof CredentialsError) return error.message;
    throw error;
  }
  throw new Error('it was fetched');
}
