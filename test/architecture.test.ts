/**
 * How the code must be built, held by reading it: which folder may import which, who may touch the clock, the
 * environment and the metrics library, and how long a file may grow. Every exception stands here with its reason.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A source file as the rules see it. */
interface SourceFile {
  /** From the checkout's root, with forward slashes. */
  readonly name: string;
  readonly text: string;
  /** `text` without comments. */
  readonly code: string;
  /** Specifiers of static and dynamic imports and re-exports. */
  readonly imports: readonly string[];
}

function read(pattern: string): SourceFile[] {
  return globSync(pattern, { cwd: root })
    .sort()
    .map((name) => {
      const text = readFileSync(path.join(root, name), 'utf8');
      // Good enough for formatted code: no string of ours holds a comment's beginning after a space.
      const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
      const found = code.matchAll(/^(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*'([^']+)'|\bimport\('([^']+)'\)/gm);
      const imports = Array.from(found, ([, fixed, dynamic]) => fixed ?? dynamic ?? '');
      return { name, text, code, imports };
    });
}

const sources = read('src/**/*.ts');
const tests = [...read('test/**/*.ts'), ...read('scripts/**/*.ts')];

/** The files of ours that a file imports, by name. */
function importedFiles({ name, imports }: SourceFile): string[] {
  return imports
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => path.posix.join(path.posix.dirname(name), specifier));
}

/** Names in braces: of `{ type A, b as c, d: e }` the names A, b, d. */
function namesIn(braces: string): string[] {
  const names = braces.split(',').map((part) => /^\s*(?:type )?(\w+)/.exec(part)?.[1] ?? '');
  return names.filter((name) => name !== '');
}

/** What a file offers to others. */
function exportedNames({ code }: SourceFile): string[] {
  const declared = code.matchAll(/^export (?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm);
  const listed = code.matchAll(/^export (?:type )?\{([^}]*)\}/gm);
  return [
    ...Array.from(declared, ([, name = '']) => name),
    ...Array.from(listed, ([, names = '']) => namesIn(names)),
  ].flat();
}

/** What a file takes from others, each as the other's name and the export's. */
function takenNames({ name, code }: SourceFile): string[] {
  const fixed = code.matchAll(/^(?:import|export) (?:type )?\{([^}]*)\} from\s*'(\.[^']+)'/gm);
  const dynamic = code.matchAll(/\{([^{}]*)\} = await import\('(\.[^']+)'\)/g);
  return [...fixed, ...dynamic].flatMap(([, names = '', specifier = '']) => {
    const target = path.posix.join(path.posix.dirname(name), specifier);
    return namesIn(names).map((taken) => `${target} ${taken}`);
  });
}

function folderOf(name: string): string {
  return name.split('/')[1] ?? '';
}

/** What each folder may import beside itself; `config/types` stands for that one file. */
const allowedImports: Readonly<Record<string, readonly string[]>> = {
  wire: ['shared'],
  shared: ['config/types'],
  config: ['shared'],
  providers: ['wire', 'shared', 'config/types'],
  worker: ['providers', 'wire', 'shared', 'config/types'],
  primary: ['shared', 'config'],
  mock: ['shared'],
  cli: ['config', 'primary', 'mock', 'shared'],
};

/** Names of the files whose code matches, less the exceptions; each exception must still be one. */
function offenders(pattern: RegExp, exceptions: Readonly<Record<string, string>> = {}): string[] {
  const found = sources.filter(({ code }) => pattern.test(code)).map(({ name }) => name);
  const stale = Object.keys(exceptions).filter((name) => !found.includes(name));
  expect(stale, 'exceptions that nothing needs').to.deep.equal([]);
  return found.filter((name) => !(name in exceptions));
}

describe('imports', () => {
  it('point one way between the folders', () => {
    const wrong = sources.flatMap((file) => {
      const from = folderOf(file.name);
      const allowed = allowedImports[from] ?? [];
      return importedFiles(file)
        .filter((target) => {
          const to = folderOf(target);
          if (to === from || allowed.includes(to)) return false;
          return !(target === 'src/config/types.ts' && allowed.includes('config/types'));
        })
        .map((target) => `${file.name} → ${target}`);
    });
    expect(wrong).to.deep.equal([]);
  });

  it('know every folder of src', () => {
    const folders = new Set(sources.map(({ name }) => folderOf(name)));
    expect([...folders].sort()).to.deep.equal(Object.keys(allowedImports).sort());
  });

  it('form no cycle, not even of types', () => {
    const graph = new Map(sources.map((file) => [file.name, importedFiles(file)]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (name: string, trail: readonly string[]): void => {
      if (done.has(name)) return;
      const start = trail.indexOf(name);
      if (start >= 0) {
        cycles.push([...trail.slice(start), name].join(' → '));
        return;
      }
      for (const target of graph.get(name) ?? []) visit(target, [...trail, name]);
      done.add(name);
    };
    for (const name of graph.keys()) visit(name, []);
    expect(cycles).to.deep.equal([]);
  });

  it('name existing files by their .ts ending', () => {
    const names = new Set(sources.map(({ name }) => name));
    const dangling = sources.flatMap((file) => importedFiles(file).filter((target) => !names.has(target)));
    expect(dangling).to.deep.equal([]);
  });

  it('reach prom-client through shared/prom.ts only', () => {
    const users = sources.filter(({ imports }) => imports.includes('prom-client')).map(({ name }) => name);
    expect(users).to.deep.equal(['src/shared/prom.ts']);
  });

  it('use no package that is not a dependency', () => {
    const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const { dependencies } = manifest as { dependencies: Record<string, string> };
    const used = new Set(
      sources.flatMap(({ imports }) => imports).filter((name) => !name.startsWith('.') && !name.startsWith('node:')),
    );
    expect([...used].sort()).to.deep.equal(Object.keys(dependencies).sort());
  });
});

describe('the outside world', () => {
  it('is timed in shared/clock.ts only', () => {
    // A socket's own `.setTimeout` is none of the process's timers.
    const clocks = /(?<![.\w])(?:Date\.now|performance\.now|setTimeout|setInterval)\b/;
    expect(
      offenders(clocks, {
        'src/shared/clock.ts': 'the clock itself',
        'src/primary/status-page-script.ts': 'runs in a browser',
      }),
    ).to.deep.equal([]);
  });

  it('is configured through src/config: nobody else reads the environment', () => {
    expect(
      offenders(/\bprocess\.env\b/, {
        'src/config/load.ts': 'variables in a configuration',
        'src/config/load-source.ts': 'HEADGATE_CONFIG, API keys, NODE_ENV',
        'src/worker/main.ts': 'the mark of a forked worker',
      }),
    ).to.deep.equal([]);
  });

  it('hears from the command line only: no console elsewhere', () => {
    expect(offenders(/\bconsole\./).filter((name) => folderOf(name) !== 'cli')).to.deep.equal([]);
  });

  it('sets arguments of the process in cli only, and the demo process its own', () => {
    expect(
      offenders(/\bprocess\.argv\b/, { 'src/cli/main.ts': 'the command', 'src/mock/main.ts': 'told by its parent' }),
    ).to.deep.equal([]);
  });
});

describe('a source file', () => {
  it('has no any, no non-null assertion, and silences no tool', () => {
    expect(offenders(/(?:[:<,(|&]|\bas)\s*any\b|\bany\[\]/)).to.deep.equal([]);
    expect(offenders(/[\w)\]]!(?:[.;,)\]]|\s*$)/m)).to.deep.equal([]);
    const silenced = [...sources, ...tests].filter(({ text }) => /@ts-|biome-ignore|c8 ignore/.test(text));
    expect(silenced.map(({ name }) => name).filter((name) => name !== 'test/architecture.test.ts')).to.deep.equal([]);
  });

  it('begins with a comment that says what it is for', () => {
    const headless = sources.filter(({ text }) => !/^(?:#!.*\n)?\/\*\*/.test(text)).map(({ name }) => name);
    expect(headless).to.deep.equal([]);
  });

  it('has at most 400 lines, a test 600', () => {
    const limits = [...sources.map((file) => [file, 400] as const), ...tests.map((file) => [file, 600] as const)];
    const long = limits.filter(([{ text }, limit]) => text.split('\n').length - 1 > limit);
    expect(long.map(([{ name }]) => name)).to.deep.equal([]);
  });

  it('is named in kebab-case, and not for being a drawer of odds and ends', () => {
    const names = sources.map(({ name }) => name);
    expect(names.filter((name) => !/^src(?:\/[a-z0-9-]+)+\.ts$/.test(name))).to.deep.equal([]);
    expect(names.filter((name) => /(?:utils?|helpers?|common|misc|manager)\b/.test(name))).to.deep.equal([]);
  });

  it('exports by name', () => {
    expect(offenders(/^export default\b/m)).to.deep.equal([]);
  });

  it('exports nothing that nobody imports', () => {
    const taken = new Set([...sources, ...tests].flatMap(takenNames));
    const offered = sources.flatMap((file) => exportedNames(file).map((name) => `${file.name} ${name}`));
    const alone = offered.filter((name) => !taken.has(name));
    expect(alone).to.deep.equal([]);
  });

  it('sets up and clears away within a describe: hooks outside of one are those of all files in the run', () => {
    const loose = tests.filter(({ code }) => /^(before|after)(Each)?\(/m.test(code));
    expect(loose.map(({ name }) => name)).to.deep.equal([]);
  });

  it('leaves nothing to be done', () => {
    expect(sources.filter(({ text }) => /\b(?:TODO|FIXME|XXX)\b/.test(text)).map(({ name }) => name)).to.deep.equal([]);
  });
});

describe('dialects', () => {
  it('have the same files in each folder', () => {
    const required = ['errors.ts', 'index.ts', 'request.ts', 'response.ts', 'stream.ts'];
    for (const folder of ['openai', 'anthropic']) {
      const names = sources.map(({ name }) => name);
      for (const file of required) expect(names).to.include(`src/providers/${folder}/${file}`);
    }
  });
});
