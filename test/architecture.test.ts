/**
 * How the code must be built, held by reading it: which folder may import which, who may touch the clock, the
 * environment and the metrics library, and how long a file may grow. Every exception stands here with its reason.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { arrowsUpward, importedFiles, readSources, rooms, type SourceFile } from '../scripts/rooms/import-graph.ts';
import { dialectOf } from '../src/dialects/registry.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const sources = readSources(root, 'src/**/*.ts');
/** What browsers get as it stands. */
const page = readSources(root, 'src/page/**/*.js');
const all = [...sources, ...page];
const tests = [...readSources(root, 'test/**/*.ts'), ...readSources(root, 'scripts/**/*.ts')];

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

/** The types in a file's comments: what stands between the braces behind a tag. */
function commentedTypes({ text }: SourceFile): string[] {
  const tagged = text.matchAll(/@\w+\s+(\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})/g);
  return Array.from(tagged, ([, type = '']) => type);
}

function folderOf(name: string): string {
  return name.split('/')[1] ?? '';
}

/** What each folder of `src` may import beside itself. */
const allowedImports: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  wire: ['shared'],
  dialects: ['wire', 'shared'],
  providers: ['wire', 'shared'],
  config: ['providers', 'shared'],
  worker: ['dialects', 'providers', 'wire', 'shared'],
  primary: ['shared', 'config', 'providers'],
  mock: ['shared'],
  cli: ['config', 'primary', 'mock', 'dialects', 'providers', 'shared'],
  page: [],
};

/** A room within a folder: which rooms beside it it may import from, and which of its files others may import. */
interface RoomRule {
  readonly uses: readonly string[];
  readonly lends: readonly string[];
}

/** The rooms of the two processes, from the top floor down. */
const roomRules: Readonly<Record<string, Readonly<Record<string, RoomRule>>>> = {
  worker: {
    lifecycle: {
      uses: ['server', 'circuits', 'credentials', 'prices', 'reporting'],
      lends: ['primary-contact', 'worker-lifecycle'],
    },
    server: {
      uses: ['request', 'upstream', 'circuits', 'credentials', 'prices', 'reporting', 'policies'],
      lends: ['server'],
    },
    request: {
      uses: ['upstream', 'names', 'circuits', 'credentials', 'prices', 'reporting', 'policies', 'tracing'],
      lends: ['active-request', 'asked-endpoint', 'model-not-found', 'plane-state', 'refuse', 'request'],
    },
    upstream: {
      uses: ['names', 'policies'],
      lends: [
        'attempt',
        'attempt-failure',
        'byte-meter',
        'cancellation',
        'connectors',
        'live-stream',
        'own-lack',
        'phase-timers',
        'request-id',
        'turn-counter',
        'upstream-pools',
      ],
    },
    names: { uses: [], lends: ['name-cache'] },
    circuits: { uses: [], lends: ['circuit-gate'] },
    credentials: { uses: [], lends: ['worker-credentials'] },
    prices: { uses: [], lends: ['price-book'] },
    tracing: { uses: [], lends: ['request-trace', 'trace-context', 'tracing'] },
    reporting: {
      uses: [],
      lends: [
        'failure-reports',
        'orphan-file',
        'orphan-log',
        'outbox',
        'process-metrics',
        'request-line',
        'request-log',
        'snapshot-writer',
      ],
    },
    policies: {
      uses: [],
      lends: [
        'admission',
        'backoff',
        'cost',
        'latency',
        'retry-after',
        'retry-budget',
        'routing',
        'token-counts',
        'token-estimate',
      ],
    },
  },
  primary: {
    admin: {
      uses: ['certificates', 'credentials', 'failures', 'history', 'reload', 'scrape', 'spend', 'verdict'],
      lends: ['admin-actions', 'admin-app', 'admin-server', 'live-events', 'readiness', 'status'],
    },
    verdict: {
      uses: ['history', 'ledger'],
      lends: ['hour-keeper', 'verdict', 'verdict-watch'],
    },
    history: {
      uses: ['ledger'],
      lends: [
        'catch-up',
        'history',
        'history-answer',
        'past-steps',
        'recent-counts',
        'steps',
        'traffic',
        'unfinished-steps',
      ],
    },
    scrape: {
      uses: ['certificates', 'ledger', 'processes'],
      lends: ['own-metrics', 'primary-gauges', 'scrape'],
    },
    failures: { uses: [], lends: ['failure-book', 'failure-keeper', 'failure-query'] },
    spend: {
      uses: ['ledger'],
      lends: ['spend-books', 'spend-file', 'spend-query', 'spend-report'],
    },
    ledger: {
      uses: ['host'],
      lends: [
        'carry-over',
        'checkpoint',
        'last-counts',
        'metrics-ledger',
        'orphan-files',
        'replay',
        'snapshot-pipes',
        'yield',
      ],
    },
    certificates: { uses: [], lends: ['certificate-watch', 'certificates'] },
    circuits: { uses: [], lends: ['circuit-authority'] },
    credentials: { uses: [], lends: ['credential-authority'] },
    prices: { uses: [], lends: ['price-authority', 'price-list'] },
    reload: { uses: [], lends: ['config-acks', 'last-reload', 'reload', 'roll-progress'] },
    processes: {
      uses: ['host'],
      lends: ['orphan-logs', 'primary-record', 'roll', 'slot', 'slot-sockets', 'supervisor', 'worker-process'],
    },
    host: {
      uses: [],
      lends: ['foreign-listeners', 'gateway-lock', 'listeners', 'process-identity', 'service-notices', 'start-errors'],
    },
  },
};

/** `src/worker/request/reply.ts` → folder `worker`, room `request`, file `reply`; room null for a file in no room. */
function placeOf(name: string): { folder: string; room: string | null; file: string } {
  const [, folder = '', ...rest] = name.replace(/\.ts$/, '').split('/');
  return { folder, room: rest.length > 1 ? (rest[0] ?? null) : null, file: rest.at(-1) ?? '' };
}

/** Imports of a room's files from outside of it, within and beyond its folder: who imports, and what. */
function borrowed(folder: string, room: string): { readonly from: SourceFile; readonly file: string }[] {
  return sources.flatMap((from) => {
    const importer = placeOf(from.name);
    if (importer.folder === folder && importer.room === room) return [];
    const targets = importedFiles(from).map(placeOf);
    return targets
      .filter((target) => target.folder === folder && target.room === room)
      .map(({ file }) => ({ from, file }));
  });
}

/** Names of the files whose code matches, less the exceptions; each exception must still be one. */
function offenders(pattern: RegExp, exceptions: Readonly<Record<string, string>> = {}): string[] {
  const found = sources.filter(({ code }) => pattern.test(code)).map(({ name }) => name);
  const stale = Object.keys(exceptions).filter((name) => !found.includes(name));
  expect(stale, 'exceptions that nothing needs').to.deep.equal([]);
  return found.filter((name) => !(name in exceptions));
}

describe('imports', () => {
  it('point one way between the folders of src', () => {
    const wrong = all.flatMap((file) => {
      const from = folderOf(file.name);
      return importedFiles(file)
        .filter((target) => folderOf(target) !== from && !allowedImports[from]?.includes(folderOf(target)))
        .map((target) => `${file.name} → ${target}`);
    });
    expect(wrong).to.deep.equal([]);
  });

  it('point one way within every folder: no arrow runs back up', () => {
    const upward = rooms(all, 'src').flatMap((room) =>
      arrowsUpward(room).map(({ from, to }) => `${room.folder}: ${from} → ${to}`),
    );
    expect(upward).to.deep.equal([]);
  });

  it('know every folder of src', () => {
    const folders = new Set(all.map(({ name }) => folderOf(name)));
    expect([...folders].sort()).to.deep.equal(Object.keys(allowedImports).sort());
  });

  it('name existing files by their ending', () => {
    const names = new Set(all.map(({ name }) => name));
    const dangling = all.flatMap((file) => importedFiles(file).filter((target) => !names.has(target)));
    expect(dangling).to.deep.equal([]);
  });

  it('reach prom-client through shared/metrics/prom.ts only', () => {
    const users = sources.filter(({ imports }) => imports.includes('prom-client')).map(({ name }) => name);
    expect(users).to.deep.equal(['src/shared/metrics/prom.ts']);
  });

  it('reach the price list through primary/prices only: it is large, and no worker loads it', () => {
    const users = sources.filter(({ imports }) => imports.includes('@pydantic/genai-prices')).map(({ name }) => name);
    expect(users.every((name) => name.startsWith('src/primary/prices/'))).to.equal(true);
    const loading = sources.filter(({ code }) => /await import\('@pydantic\/genai-prices'\)/.test(code));
    expect(loading.map(({ name }) => name)).to.deep.equal(['src/primary/prices/price-list.ts']);
  });

  it('reach OpenTelemetry through worker/tracing/open-telemetry.ts only, which is loaded where it is configured', () => {
    const users = sources.filter(({ imports }) => imports.some((name) => name.startsWith('@opentelemetry/')));
    expect(users.map(({ name }) => name)).to.deep.equal(['src/worker/tracing/open-telemetry.ts']);
    const eager = sources.filter(({ code }) => /^import (?!type).*@opentelemetry/m.test(code));
    expect(eager.map(({ name }) => name)).to.deep.equal([]);
    const loading = sources.filter(({ code }) => /from '.*open-telemetry\.ts'/.test(code)).map(({ name }) => name);
    expect(loading).to.deep.equal([]);
  });

  it('use no package that is not a dependency', () => {
    const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const { dependencies, peerDependencies } = manifest as Record<string, Record<string, string>>;
    const used = new Set(
      sources.flatMap(({ imports }) => imports).filter((name) => !name.startsWith('.') && !name.startsWith('node:')),
    );
    expect([...used].sort()).to.deep.equal(Object.keys({ ...dependencies, ...peerDependencies }).sort());
  });
});

describe('the rooms of the two processes', () => {
  for (const [folder, rules] of Object.entries(roomRules)) {
    it(`are those of the rules: ${folder}`, () => {
      const found = sources.map(({ name }) => placeOf(name)).filter((place) => place.folder === folder);
      const names = new Set(found.map(({ room }) => room).filter((room) => room !== null));
      expect([...names].sort()).to.deep.equal(Object.keys(rules).sort());
    });

    it(`import from rooms below them alone, and never from the files above: ${folder}`, () => {
      const wrong = sources.flatMap((file) => {
        const place = placeOf(file.name);
        if (place.folder !== folder || place.room === null) return [];
        const allowed = [place.room, ...(rules[place.room]?.uses ?? [])];
        return importedFiles(file)
          .filter((target) => folderOf(target) === folder && !allowed.includes(placeOf(target).room ?? ''))
          .map((target) => `${file.name} → ${target}`);
      });
      expect(wrong).to.deep.equal([]);
    });

    for (const [room, { lends }] of Object.entries(rules)) {
      it(`lend to others what is named, and all of that: ${folder}/${room}`, () => {
        const taken = new Set(borrowed(folder, room).map(({ file }) => file));
        expect([...taken].sort()).to.deep.equal([...lends].sort());
      });
    }
  }
});

describe('the outside world', () => {
  it('is timed in shared/clock.ts only', () => {
    // A socket's own `.setTimeout` is none of the process's timers.
    const clocks = /(?<![.\w])(?:Date\.now|performance\.now|setTimeout|setInterval)\b/;
    expect(
      offenders(clocks, {
        'src/shared/clock.ts': 'the clock itself',
      }),
    ).to.deep.equal([]);
  });

  it('is configured through src/config: nobody else reads the environment', () => {
    expect(
      offenders(/\bprocess\.env\b/, {
        'src/cli/import.ts': 'which of several variables LiteLLM takes',
        'src/cli/main.ts': 'an empty NO_COLOR, which a library would take for one',
        'src/cli/colour.ts': 'TERM, of a terminal that takes no codes',
        'src/config/load.ts': 'variables in a configuration',
        'src/config/source/load-source.ts': 'HEADGATE_CONFIG, API keys, NODE_ENV',
        'src/providers/credentials/refresh/open-tools.ts': "variables of the clouds' own SDKs",
        'src/primary/host/service-notices.ts': 'NOTIFY_SOCKET: where systemd listens',
        'src/worker/main.ts': 'the mark of a forked worker',
      }),
    ).to.deep.equal([]);
  });

  it('gets console output from the command line only', () => {
    expect(offenders(/\bconsole\.\w+\(/).filter((name) => folderOf(name) !== 'cli')).to.deep.equal([]);
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
    const ofPage = page.filter((file) => commentedTypes(file).some((type) => /\bany\b/.test(type)));
    expect(ofPage.map(({ name }) => name)).to.deep.equal([]);
    const silenced = [...all, ...tests].filter(({ text }) => /@ts-|biome-ignore|c8 ignore/.test(text));
    expect(silenced.map(({ name }) => name).filter((name) => name !== 'test/architecture.test.ts')).to.deep.equal([]);
  });

  it('begins with a comment that says what it is for', () => {
    const headless = all.filter(({ text }) => !/^(?:#!.*\n)?\/\*\*/.test(text)).map(({ name }) => name);
    expect(headless).to.deep.equal([]);
  });

  it('has at most 400 lines, a test 600', () => {
    const limits = [...all.map((file) => [file, 400] as const), ...tests.map((file) => [file, 600] as const)];
    const long = limits.filter(([{ text }, limit]) => text.split('\n').length - 1 > limit);
    expect(long.map(([{ name }]) => name)).to.deep.equal([]);
  });

  it('is named in kebab-case, and not for being a drawer of odds and ends', () => {
    const names = all.map(({ name }) => name);
    expect(names.filter((name) => !/^src(?:\/[a-z0-9-]+)+\.(?:ts|js)$/.test(name))).to.deep.equal([]);
    expect(names.filter((name) => /(?:utils?|helpers?|common|misc|manager)\b/.test(name))).to.deep.equal([]);
  });

  it('exports by name', () => {
    expect(all.filter(({ code }) => /^export default\b/m.test(code)).map(({ name }) => name)).to.deep.equal([]);
  });

  it('exports nothing that nobody imports', () => {
    const taken = new Set([...all, ...tests].flatMap(takenNames));
    const offered = all.flatMap((file) => exportedNames(file).map((name) => `${file.name} ${name}`));
    const alone = offered.filter((name) => !taken.has(name));
    expect(alone).to.deep.equal([]);
  });

  it('sets up and clears away within a describe: hooks outside of one are those of all files in the run', () => {
    const loose = tests.filter(({ code }) => /^(before|after)(Each)?\(/m.test(code));
    expect(loose.map(({ name }) => name)).to.deep.equal([]);
  });

  it('leaves nothing to be done', () => {
    expect(all.filter(({ text }) => /\b(?:TODO|FIXME|XXX)\b/.test(text)).map(({ name }) => name)).to.deep.equal([]);
  });
});

describe('a file of the status page', () => {
  it('needs nothing but a browser and the files beside it', () => {
    const packages = page.filter(({ imports }) => imports.some((name) => !name.startsWith('.')));
    expect(packages.map(({ name }) => name)).to.deep.equal([]);
    // Its types come from the primary's, so the type checker knows Node's globals too.
    const ofNode = page.filter(({ code }) => /\b(?:process|global|require|Buffer|setImmediate)\b/.test(code));
    // The programs that it gives to paste are for Node.
    expect(ofNode.map(({ name }) => name)).to.deep.equal(['src/page/try/snippets.js']);
  });

  it('says of each export what it is', () => {
    const silent = page.filter(({ text }) => /(?<!\*\/\n)^export /m.test(text));
    expect(silent.map(({ name }) => name)).to.deep.equal([]);
  });
});

/** The file that holds each direction of a dialect, by what its `index.ts` offers. */
const directions: Readonly<Record<string, string>> = {
  arrive: 'arrive.ts',
  inspect: 'inspect.ts',
  watch: 'watch.ts',
  readRequest: 'read-request.ts',
  writeAnswer: 'write-answer.ts',
  writeStream: 'write-stream.ts',
  writeRequest: 'write-request.ts',
  readAnswer: 'read-answer.ts',
  readStream: 'read-stream.ts',
};

/** Folders with more than one dialect, each with its reason. */
const families: Readonly<Record<string, string>> = {
  'pass-through': 'its dialects differ in a few words alone',
  'openai-response-input': 'its dialects differ in what their answers must have',
  'openai-stored': 'its dialects differ in what their bodies are',
};

describe('dialects', () => {
  const folders = new Map<string, string[]>();
  for (const { name } of sources) {
    const [, folder, file] = /^src\/dialects\/([^/]+)\/([^/]+)$/.exec(name) ?? [];
    if (folder !== undefined && file !== undefined) folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }

  it('are folders', () => expect(folders.size).to.be.above(0));

  it('share a folder for a reason only', () => {
    expect([...folders.keys()]).to.include.members(Object.keys(families));
  });

  // Of a dialect that is only passed through there is less than a file for each.
  const isRead = (folder: string) => 'readRequest' in dialectOf(folder) || 'readStream' in dialectOf(folder);
  for (const [folder, files] of folders) {
    if (folder in families || !isRead(folder)) continue;
    it(`have the same names for the same things, and a file for each direction that they offer: ${folder}`, () => {
      const dialect = dialectOf(folder);
      expect(files).to.include.members(['errors.ts', 'facts.ts', 'index.ts']);
      const offered = Object.entries(directions).filter(([direction]) => direction in dialect);
      const all = Object.values(directions);
      expect(files.filter((file) => all.includes(file)).sort()).to.deep.equal(offered.map(([, file]) => file).sort());
    });
  }
});
