/**
 * The browser's files (`src/page`, and in a build also what it puts beside them), read once. They are plain: what is served
 * is what stands in the folder, and only that, so a path in a request never becomes a path of the file system.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../page/', import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/** A file as it is served. */
interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

/** Those of the folder by their path in it, such as `main.js`. Throws what the file system throws. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const name of globSync('**/*.*', { cwd: folder })) {
    const type = types[path.extname(name)];
    if (type !== undefined) files.set(name, { type, body: readFileSync(path.join(folder, name)) });
  }
  return files;
}
