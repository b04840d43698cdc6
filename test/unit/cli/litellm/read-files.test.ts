/** Reading LiteLLM's files: what they include, and what is said of a file that is none. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { inTheirFiles, readLitellmFiles } from '../../../../src/cli/litellm/read-files.ts';

describe('a file of LiteLLM', () => {
  let temporary: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    temporary = temporaryFolder('litellm');
  });
  afterEach(() => temporary.remove());

  /** Writes files, and reads the first of them. */
  function read(files: Readonly<Record<string, string>>) {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(temporary.folder, name)), { recursive: true });
      writeFileSync(path.join(temporary.folder, name), content);
    }
    return readLitellmFiles(path.join(temporary.folder, Object.keys(files)[0] ?? ''));
  }

  it('has the lists of those that it includes behind its own, and their other blocks in place of its own', () => {
    const { tree } = read({
      'config.yaml': 'include: [more.yaml]\nmodel_list: [a]\nrouter_settings: { num_retries: 1 }\n',
      'more.yaml': 'model_list: [b]\nrouter_settings: { timeout: 2 }\n',
    });
    expect(tree).to.deep.equal({ model_list: ['a', 'b'], router_settings: { timeout: 2 } });
  });

  it('is read once, beside the file that names it or beside the first one', () => {
    const { tree } = read({
      'config.yaml': 'include: parts/one.yaml\n',
      'parts/one.yaml': 'include: [two.yaml, ../config.yaml, three.yaml]\nmodel_list: [a]\n',
      'parts/two.yaml': 'model_list: [b]\n',
      'three.yaml': 'include: [parts/two.yaml]\nmodel_list: [c]\n',
    });
    expect(tree.model_list).to.deep.equal(['a', 'b', 'c']);
  });

  it('names what was left by the place in its own file, and includes that are not there', () => {
    const files = read({
      'config.yaml': 'include: [more.yaml, gone.yaml]\nmodel_list: [a]\n',
      'more.yaml': 'model_list: [b]\n',
    });
    const left = ['model_list[0].x', 'model_list[1].x', 'general_settings.y'].map((each) => ({ path: each, why: 'w' }));
    expect(inTheirFiles(left, files).map((each) => each.path)).to.deep.equal([
      'include',
      'model_list[0].x',
      `${path.join(temporary.folder, 'more.yaml')} model_list[0].x`,
      'general_settings.y',
    ]);
  });

  it('may have a byte order mark, CRLF, and an anchor that is used often', () => {
    const models = `model_list:\r\n${'  - { <<: *common, model_name: m }\r\n'.repeat(150)}`;
    const { tree } = read({ 'config.yaml': `\ufeffx-common: &common { a: 1 }\r\n${models}` });
    expect((tree.model_list as unknown[]).at(-1)).to.deep.equal({ a: 1, model_name: 'm' });
  });

  const faults: readonly [string, string, RegExp][] = [
    ['is empty', '# nothing\n', /config\.yaml is empty: .*model_list/],
    ['is a list', '- secret\n', /should be a mapping with a model_list/],
    ['has a key twice', 'a: 1\nmodel_list: []\na: secret\n', /config\.yaml:3:1 is a key that stands there already/],
    ['is indented with a tab', 'model_list:\n\t- secret\n', /config\.yaml:2:1 is indented with a tab/],
    ['has two documents', 'a: 1\n---\nb: secret\n', /config\.yaml:2:1 begins a second document/],
    ['has a tag', 'a: !secret b\n', /config\.yaml:1:4 has a tag/],
    ['lacks a bracket', 'secret: [\n', /config\.yaml:\d+:\d+ is not indented like the lines around it, or a bracket/],
    ['names no anchor', 'a: *secret\n', /an alias \(\*name\) without its anchor/],
    ['merges what is no mapping', 'a: { <<: secret }\n', /a merge key \(<<\) whose value is no mapping/],
    ['includes no path', 'include: [{ secret: 1 }]\n', /include: should be a list of paths/],
    ['is huge', `secret: ${'x'.repeat(9 * 2 ** 20)}\n`, /more than 8 MiB/],
  ];
  for (const [what, text, words] of faults) {
    it(`is refused with its place and a cure where it ${what}`, () => {
      const thrown = () => read({ 'config.yaml': text });
      expect(thrown).to.throw(words);
      expect(thrown).not.to.throw(/secret/);
    });
  }

  it('is refused where it multiplies itself by its aliases', () => {
    const rows = Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index},`.repeat(9)}]`);
    expect(() => read({ 'config.yaml': `a0: &a0 [x]\n${rows.join('\n')}\n` })).to.throw(/aliases more than/);
  });

  it('is refused where there is none, or a folder', () => {
    expect(() => readLitellmFiles(temporary.folder)).to.throw(/is a folder: name the file in it/);
    expect(() => readLitellmFiles(path.join(temporary.folder, 'none.yaml'))).to.throw(/there is no such file/);
  });
});
