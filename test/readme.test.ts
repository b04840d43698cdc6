/**
 * The README must match the project: its configuration loads, and every metric, command, flag, script and file that it
 * names exists.
 */
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { describedMetrics } from '../scripts/references/metrics.ts';
import { createProgram } from '../src/cli/program.ts';
import { loadConfig } from '../src/config/load.ts';
import { providers } from '../src/providers/registry.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
const documents = [
  'README.md',
  'src/README.md',
  'CHANGELOG.md',
  'deploy/alerts.yml',
  'deploy/alerts.md',
  'deploy/coming-from.md',
  'deploy/kubernetes.md',
  'deploy/operate.md',
  'deploy/security.md',
  '.github/SECURITY.md',
].map((name) => ({
  name,
  text: readFileSync(path.join(root, name), 'utf8'),
}));

/** The texts of all code blocks in a language. */
function blocks(language: string): string[] {
  return Array.from(readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm))
    .filter(([, found]) => found === language)
    .map(([, , text = '']) => text);
}

function matches(text: string, pattern: RegExp): string[] {
  return [...new Set(Array.from(text.matchAll(pattern), ([whole, part]) => part ?? whole))];
}

describe('the README', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'headgate-readme-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('shows a configuration that loads', () => {
    const configurations = blocks('yaml').filter((text) => text.includes('providers:'));
    const [whole = ''] = configurations;
    expect(configurations).to.have.length(1);
    const file = path.join(folder, 'headgate.yaml');
    writeFileSync(file, whole);
    writeFileSync(path.join(folder, 'anthropic.key'), 'sk-ant-test\n');
    const config = loadConfig({ source: { kind: 'file', path: file }, environment: { OPENAI_API_KEY: 'sk-test' } });
    expect(Object.keys(config.models)).to.deep.equal(['gpt-4', 'small']);
    expect(config.providers.anthropic?.keys[0]?.key).to.equal('sk-ant-test');
    expect(config.providers.local?.baseUrl).to.equal('http://127.0.0.1:8000');
    expect(config.providers.aws?.settings.region).to.equal('eu-central-1');
  });

  it('leads to an example of all that a model can have, which loads', () => {
    const file = path.join(root, 'deploy', 'headgate.example.yaml');
    const config = loadConfig({ source: { kind: 'file', path: file }, environment: {} });
    expect(Object.keys(config.models)).to.include.members(['coder', 'chat', 'long', 'claude-*', 'openai/*']);
    const types = Object.values(config.providers).map(({ type }) => type);
    expect(types).to.include.members(providers.map(({ type }) => type));
    expect(readme).to.include('deploy/headgate.example.yaml');
  });

  it('names commands and flags that exist', () => {
    const commands = createProgram().commands;
    const names = matches(readme, /\bheadgate ([a-z]+)\b(?= |`|$)/gm);
    expect(names).to.include('check').and.to.include('doctor');
    expect(names.filter((name) => !commands.some((command) => command.name() === name))).to.deep.equal([]);
    const flags = new Set(commands.flatMap((command) => command.options.map((option) => option.long)));
    expect(matches(readme, /`(--[a-z-]+)`/g).filter((flag) => !flags.has(flag))).to.deep.equal([]);
  });

  it('is one page: at most 1,700 words', () => {
    expect(readme.split(/\s+/).filter((word) => word !== '').length).to.be.at.most(1_700);
  });

  it('runs npm scripts that exist', () => {
    const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const { scripts } = manifest as { scripts: Record<string, string> };
    const used = [...matches(readme, /npm run ([\w:]+)/g), ...matches(readme, /npm (start|test)\b/g)];
    expect(used).to.include.members(['check', 'start', 'test']);
    expect(used.filter((name) => scripts[name] === undefined)).to.deep.equal([]);
  });
});

describe('the documents', () => {
  const metrics = new Set(describedMetrics().map(({ name }) => name));

  for (const { name, text } of documents) {
    it(`name metrics that exist: ${name}`, () => {
      // The first is named as missing in this version. The second is part of a name, in a grep command.
      const others = new Set(['llm_cost_usd_total', 'llm_request_duration']);
      const named = matches(text, /\bllm_[a-z_]+[a-z]\b/g).map((metric) =>
        metric.replace(/_(?:bucket|sum|count)$/, ''),
      );
      expect(named.filter((metric) => !metrics.has(metric) && !others.has(metric))).to.deep.equal([]);
    });

    it(`link to files that exist: ${name}`, () => {
      const links = matches(text, /\]\((?!https?:)([^)#]+)\)/g);
      const dangling = links.filter((link) => !existsSync(path.join(root, path.dirname(name), link)));
      expect(dangling).to.deep.equal([]);
    });
  }

  it('map every folder of src, and only files that exist', () => {
    const text = readFileSync(path.join(root, 'src/README.md'), 'utf8');
    const map = text.slice(text.indexOf('## The map'), text.indexOf('## The lifecycle of a request'));
    const sections = map.split(/^\*\*`(?=\w+\/`)/m).slice(1);
    const folders = sections.map((section) => section.slice(0, section.indexOf('/')));
    const all = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.toSorted()).to.deep.equal(all.map(({ name }) => name).sort());
    const named = sections.flatMap((section, index) =>
      matches(section, /`([a-z/-]+\.ts)`/g).map((file) => `src/${folders[index]}/**/${file}`),
    );
    expect(named.length).to.be.above(0);
    expect(named.filter((pattern) => globSync(pattern, { cwd: root }).length === 0)).to.deep.equal([]);
  });
});
