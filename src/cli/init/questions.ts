/** The questions of `headgate init`. Each has an answer that Enter gives. */
import type { Choices } from './config-text.ts';
import type { FoundProvider } from './found-providers.ts';

/** Shows a question; resolves with the line that is typed. */
export type Ask = (question: string) => Promise<string>;

const PORTS = { least: 1, most: 65_535 } as const;

/** What Enter gives. */
export type UsualPorts = Pick<Choices, 'port' | 'adminPort'>;

/** Asks until each answer can be used. */
export async function askChoices(found: readonly FoundProvider[], ask: Ask, usual: UsualPorts): Promise<Choices> {
  const types = found.map(({ type }) => type);
  const wanted = await until(ask, `Which providers, in order of preference? [${types.join(' ')}] `, (line) => {
    const names = line.split(/[\s,]+/).filter((name) => name !== '');
    const chosen = names.length === 0 ? types : [...new Set(names)];
    const unknown = chosen.filter((name) => !types.includes(name));
    return unknown.length === 0 ? chosen : `${unknown.join(', ')} is not among ${types.join(', ')}`;
  });
  const port = await until(ask, `Port for clients? [${usual.port}] `, (line) => portIn(line, usual.port));
  const adminPort = await until(ask, `Port for the status page and metrics? [${usual.adminPort}] `, (line) => {
    const answer = portIn(line, usual.adminPort);
    return answer === port ? 'clients have that port' : answer;
  });
  return { port, adminPort, providers: wanted.flatMap((type) => found.filter((each) => each.type === type)) };
}

/** Asks again while `read` answers with a text: what is wrong. */
async function until<T extends number | readonly string[]>(
  ask: Ask,
  question: string,
  read: (line: string) => T | string,
): Promise<T> {
  let wrong = '';
  for (;;) {
    const answer = read((await ask(wrong + question)).trim());
    if (typeof answer !== 'string') return answer;
    wrong = `${answer}\n`;
  }
}

function portIn(line: string, otherwise: number): number | string {
  if (line === '') return otherwise;
  const port = /^\d{1,5}$/.test(line) ? Number(line) : 0;
  return port >= PORTS.least && port <= PORTS.most ? port : `a port is a number from ${PORTS.least} to ${PORTS.most}`;
}
