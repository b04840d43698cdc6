/**
 * The package as users get it: packed from a checkout without `dist`, unpacked beside its dependencies alone, and started
 * by `npx headgate`; and installed by npm from nothing.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { emptyNpm, firstAnswer } from '../../scripts/first-answer.ts';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type TemporaryFolder, temporaryFolder } from '../../scripts/processes/temporary-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const notCopied = ['.git', 'node_modules', 'dist', '.headgate', 'coverage'];

describe('the package', () => {
  let temporary: TemporaryFolder;
  let project: string;
  let names: readonly string[];
  let file: string;
  const environment = { ...process.env, PATH: `${path.join(root, 'node_modules/.bin')}:${process.env.PATH}` };

  before(() => {
    temporary = temporaryFolder('package');
    const checkout = path.join(temporary.folder, 'checkout');
    cpSync(root, checkout, {
      recursive: true,
      filter: (source) => !notCopied.includes(path.relative(root, source).split(path.sep)[0] ?? ''),
    });
    symlinkSync(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'));
    const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', temporary.folder], {
      cwd: checkout,
      encoding: 'utf8',
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const report = readReport(packed);
    names = report.files.map((file) => file.path);
    file = path.join(temporary.folder, report.filename);
    project = path.join(temporary.folder, 'project');
    const installed = path.join(project, 'node_modules/headgate');
    mkdirSync(installed, { recursive: true });
    execFileSync('tar', ['-xzf', file, '-C', installed, '--strip-components=1']);
    linkDependencies(project, installed);
  });
  after(() => temporary.remove());

  it('holds the program, what operators need, and every document that a document links to', () => {
    const shipped = readdirSync(path.join(root, 'deploy')).map((name) => `deploy/${name}`);
    expect(names).to.include.members(['dist/cli/main.js', 'dist/worker/main.js', 'README.md', ...shipped]);
    for (const name of names.filter((name) => name.endsWith('.md'))) {
      const text = readFileSync(path.join(root, name), 'utf8');
      const targets = Array.from(text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g), ([, target = '']) => target);
      const missing = targets.filter((target) => {
        const place = path.posix.join(path.posix.dirname(name), target);
        return !names.some((held) => held === place || held.startsWith(`${place.replace(/\/$/, '')}/`));
      });
      expect(missing, `links of ${name}`).to.deep.equal([]);
    }
    expect(names.filter((name) => name.startsWith('test/') || name.endsWith('.ts'))).to.deep.equal([]);
  });

  it('has a place for every link to a section of a document', () => {
    const documents = names.filter((name) => name.endsWith('.md'));
    const sections = new Map(documents.map((name) => [name, sectionsOf(readFileSync(path.join(root, name), 'utf8'))]));
    for (const name of documents) {
      const text = readFileSync(path.join(root, name), 'utf8');
      const links = Array.from(text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g));
      const missing = links.filter(([, target = '', section = '']) => {
        const place = target === '' ? name : path.posix.join(path.posix.dirname(name), target);
        return sections.get(place)?.includes(section) !== true;
      });
      expect(
        missing.map(([link]) => link),
        `links of ${name}`,
      ).to.deep.equal([]);
    }
  });

  it('is fetched by npx without any cache, and the demo answers a streamed chat', async () => {
    const folder = path.join(temporary.folder, 'empty');
    mkdirSync(folder);
    const npx = `npx --yes --package=${file} headgate`;
    const npm = emptyNpm(temporary.folder);
    const { text, output } = await firstAnswer({
      command: `${npx} serve --port 0 --admin-port 0`,
      folder,
      environment: { ...npm, NODE_ENV: '' },
    });
    expect(text).to.match(/data: \[DONE\]\n\n$/);
    expect(output).to.contain('"source":"demo"');
    const run = (command: string) => {
      return spawnSync('sh', ['-c', `${npx} ${command}`], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...environment, ...npm },
      });
    };
    expect(JSON.parse(run('schema').stdout)).to.include.keys('properties');
    const example = path.join(project, 'node_modules/headgate/deploy/headgate.example.yaml');
    const check = run(`check --config ${example}`);
    expect(check.status, check.stdout + check.stderr).to.equal(0);
    expect(readdirSync(folder), 'nothing is left there but the state folder').to.have.members(['.headgate']);
  });

  it('is started by npx headgate, serves, and stops', async () => {
    const npx = (...parts: string[]) => ['--offline', '--no', 'headgate', ...parts];
    const version = spawnSync('npx', npx('--version'), { cwd: project, encoding: 'utf8', env: environment });
    expect(version.stdout.trim(), version.stderr).to.match(/^\d+\.\d+\.\d+/);
    const bin = path.join(project, 'node_modules/.bin/headgate');
    expect(existsSync(bin)).to.equal(true);
    const demo = ['serve', '--demo', '--port', '0', '--admin-port', '0', '--workers', '1'];
    const gateway = spawn('npx', npx(...demo), {
      cwd: project,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    let isOver = false;
    try {
      let output = '';
      gateway.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      const port = await eventually('it serves', () => /"port":(\d+).*"msg":"serving"/.exec(output)?.[1]);
      const models = await fetch(`http://127.0.0.1:${port}/v1/models`);
      const { data } = (await models.json()) as { data: { id: string }[] };
      const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: data[0]?.id, messages: [{ role: 'user', content: 'Hello' }] }),
      });
      expect(answer.status, await answer.text()).to.equal(200);
      // npx ends before the gateway does, which then still has the output.
      const closed = once(gateway, 'close');
      process.kill(-(gateway.pid ?? 0), 'SIGTERM');
      await closed;
      isOver = true;
      expect(output).to.contain('"msg":"stopped"');
    } finally {
      if (!isOver) process.kill(-(gateway.pid ?? 0), 'SIGKILL');
    }
  });
});

/** The anchors of a document's headings, as GitHub and npm make them. */
function sectionsOf(text: string): string[] {
  const headings = text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm);
  return Array.from(headings, ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

interface PackReport {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** npm prints one report by name, older ones a list; scripts may print before it. */
function readReport(output: string): PackReport {
  const json: unknown = JSON.parse(output.slice(output.search(/^[[{]/m)));
  const [report] = Object.values(json as Record<string, PackReport>);
  if (report === undefined) throw new Error('npm pack reports no package');
  return report;
}

/** What npm would install: the dependencies of `package.json`, and no development's; and the command. */
function linkDependencies(project: string, installed: string): void {
  const manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    bin: { headgate: string };
  };
  for (const name of Object.keys(manifest.dependencies)) {
    const place = path.join(project, 'node_modules', name);
    // A name may have a scope.
    mkdirSync(path.dirname(place), { recursive: true });
    symlinkSync(path.join(root, 'node_modules', name), place);
  }
  mkdirSync(path.join(project, 'node_modules/.bin'));
  symlinkSync(path.join('../headgate', manifest.bin.headgate), path.join(project, 'node_modules/.bin/headgate'));
}
