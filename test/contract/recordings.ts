/**
 * Recorded answers of providers: the project's own under `payloads/`, and those in a folder of fixtures next to the
 * checkout, if that folder exists. `NAME.json` is a whole answer; `NAME.chunks.txt` has one payload of a stream per
 * line.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const roots = [new URL('payloads/', import.meta.url), new URL('../../../shared/fixtures/', import.meta.url)];

/** Recordings of other endpoints, and of errors. */
const others = /openai-(?:completion|embedding)|error|429/;

export interface Recording {
  readonly name: string;
  readonly text: string;
}

/** The whole answers in these folders. */
export function wholeAnswers(...folders: readonly string[]): Recording[] {
  return recordings(folders, '.json').filter(({ name }) => !others.test(name));
}

/** The streams in these folders, one payload per line. */
export function streams(...folders: readonly string[]): Recording[] {
  return recordings(folders, '.chunks.txt').filter(({ name }) => !others.test(name));
}

/** The bytes of one error, if it was recorded. */
export function errorBodies(path: string): Buffer[] {
  const files = roots.map((root) => new URL(path, root)).filter((file) => existsSync(file));
  return files.map((file) => readFileSync(file));
}

/** The lines of a stream. */
export function linesOf({ text }: Recording): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

function recordings(folders: readonly string[], ending: string): Recording[] {
  return roots.flatMap((root, origin) =>
    folders.flatMap((folder) => {
      const url = new URL(`${folder}/`, root);
      if (!existsSync(url)) return [];
      const files = readdirSync(url).filter((file) => file.endsWith(ending));
      return files.map((file) => ({
        name: `${origin === 0 ? 'own ' : ''}${folder}/${file.slice(0, -ending.length)}`,
        text: readFileSync(new URL(file, url), 'utf8'),
      }));
    }),
  );
}

/** Each of the answers that were recorded one after the other, as OpenAI frames it. */
export function answersIn(recording: Recording): { readonly name: string; readonly upstream: Buffer }[] {
  const answers: string[] = [];
  for (const line of linesOf(recording)) {
    const { type } = JSON.parse(line);
    const event = `event: ${type}\ndata: ${line}\n\n`;
    const before = type === 'response.created' ? undefined : answers.pop();
    answers.push((before ?? '') + event);
  }
  return answers.map((text, index) => ({ name: `${recording.name}, ${index}`, upstream: Buffer.from(text) }));
}
