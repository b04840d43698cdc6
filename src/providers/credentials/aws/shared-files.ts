/**
 * The shared files of AWS: profiles with their keys and values, `~/.aws/credentials` before `~/.aws/config`.
 */
import type { FetchTools } from '../fetching.ts';

/** Values by key, in lower case. */
type Profile = Readonly<Record<string, string>>;

/** A profile of both files; null if neither has it. */
export async function profileNamed(name: string, { variable, readFile }: FetchTools): Promise<Profile | null> {
  const home = variable('HOME');
  const read = async (path: string | null) => (path === null ? '' : ((await readFile(path)) ?? ''));
  const inHome = (file: string) => (home === null ? null : `${home}/.aws/${file}`);
  const config = sections(await read(variable('AWS_CONFIG_FILE') ?? inHome('config')));
  const credentials = sections(await read(variable('AWS_SHARED_CREDENTIALS_FILE') ?? inHome('credentials')));
  const found = [config.get(`profile ${name}`) ?? (name === 'default' ? config.get(name) : undefined)];
  const both = [...found, credentials.get(name)].filter((section) => section !== undefined);
  return both.length === 0 ? null : Object.assign({}, ...both);
}

/** The sections of an INI file. Indented lines are parts of values that no credentials have. */
function sections(text: string): ReadonlyMap<string, Profile> {
  const found = new Map<string, Record<string, string>>();
  let section: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, title] = /^\[\s*(.*?)\s*\]/.exec(line) ?? [];
    if (title !== undefined) {
      section = found.get(title.replace(/\s+/g, ' ')) ?? {};
      found.set(title.replace(/\s+/g, ' '), section);
    }
    const [, key, value] = /^(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) section[key.toLowerCase()] = value;
  }
  return found;
}
