/** Completion in real shells: what bash offers for a line, and that zsh and fish, where they are, take the script. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { temporaryFolder } from '../../../scripts/processes/temporary-folder.ts';
import { type Completable, completionScript, shells } from '../../../src/cli/completion-scripts.ts';
import { configuredNames } from '../../../src/cli/configured-names.ts';
import { createProgram } from '../../../src/cli/program.ts';

const tree: readonly Completable[] = [
  {
    words: [],
    about: '',
    commands: [
      { name: 'serve', about: "the gateway's own" },
      { name: 'circuit', about: 'circuits' },
      { name: 'mock', about: 'fake' },
    ],
    options: [{ name: '--help', about: 'help', values: [], listed: [], takesValue: false, from: null }],
    values: [],
    from: null,
  },
  {
    words: ['serve'],
    about: '',
    commands: [],
    options: [
      { name: '--config', about: 'file', values: [], listed: [], takesValue: true, from: null },
      { name: '--demo', about: 'demo', values: [], listed: [], takesValue: false, from: null },
    ],
    values: [],
    from: null,
  },
  { words: ['circuit'], about: '', commands: [{ name: 'reset', about: 'close' }], options: [], values: [], from: null },
  { words: ['circuit', 'reset'], about: '', commands: [], options: [], values: ['all', 'none'], from: null },
  {
    words: ['mock'],
    about: '',
    commands: [],
    options: [
      { name: '--dialect', about: 'API', values: ['openai', 'gemini'], listed: [], takesValue: true, from: null },
      {
        name: '--by',
        about: 'parts',
        values: ['all', 'day', 'month'],
        listed: ['day', 'month'],
        takesValue: true,
        from: null,
      },
    ],
    values: [],
    from: null,
  },
];

/** What bash offers when Tab is pressed behind the last of these words. */
function offered(script: string, ...words: string[]): string[] {
  const line = ['headgate', ...words].map((word) => JSON.stringify(word)).join(' ');
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _headgate; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', `${script}\n${ask}`], { encoding: 'utf8', cwd: '/' })
    .split('\n')
    .filter((word) => word !== '');
}

/** What fish offers behind a line, or null where there is no fish. */
function offeredByFish(script: string, line: string): string | null {
  const asked = `${script}\ncomplete -C ${JSON.stringify(`headgate ${line}`)}`;
  const { status, stdout } = spawnSync('fish', ['--no-config', '-c', asked], { encoding: 'utf8' });
  const words = stdout?.split('\n').flatMap((each) => each.split('\t')[0] || []);
  return status === null ? null : words.join(' ');
}

/** What the function says in zsh, which does not part a word at its equals sign; null where there is no zsh. */
function offeredByZsh(script: string, word: string): string | null {
  // The words that zsh gives to functions of bash, under the options that it sets for them.
  const asked = `autoload -U compinit; compinit -D; ${script}
ask() { emulate -L sh; setopt kshglob noshglob braceexpand; COMP_WORDS=(headgate x ${word}); COMP_CWORD=2; _headgate; print -r -- "\${COMPREPLY[@]}"; }
ask`;
  const { status, stdout } = spawnSync('zsh', ['-f', '-c', asked], { encoding: 'utf8' });
  // It offers those that begin with the word.
  const words = stdout?.split(/\s+/).filter((each) => each.startsWith(word));
  return status === null ? null : words.join(' ');
}

describe('completion in bash', () => {
  const script = completionScript('bash', tree);

  it('offers commands, and those that begin with what is typed', () => {
    expect(offered(script, '')).to.deep.equal(['serve', 'circuit', 'mock', '--help']);
    expect(offered(script, 'se')).to.deep.equal(['serve']);
  });

  it("offers a command's options, its commands, and values of arguments and options", () => {
    expect(offered(script, 'serve', '--')).to.deep.equal(['--config', '--demo']);
    expect(offered(script, 'circuit', '')).to.deep.equal(['reset']);
    expect(offered(script, 'circuit', 'reset', 'a')).to.deep.equal(['all']);
    expect(offered(script, 'mock', '--dialect', '')).to.deep.equal(['openai', 'gemini']);
  });

  it('offers values behind an equals sign, as bash parts the words and as it does not', () => {
    expect(offered(script, 'mock', '--dialect', '=')).to.deep.equal(['openai', 'gemini']);
    expect(offered(script, 'mock', '--dialect', '=', 'g')).to.deep.equal(['gemini']);
    expect(offered(script, 'mock', '--dialect=g')).to.deep.equal(['--dialect=gemini']);
    expect(offered(script, 'mock', '--dialect=')).to.deep.equal(['--dialect=openai', '--dialect=gemini']);
    expect(offered(script, 'serve', '--config', '=', 'et')).to.deep.equal(['etc']);
    expect(offered(script, 'serve', '--config=et')).to.deep.equal(['--config=etc']);
  });

  it('offers one more of a list behind a comma, and none twice', () => {
    expect(offered(script, 'mock', '--by', '')).to.deep.equal(['all', 'day', 'month']);
    expect(offered(script, 'mock', '--by', 'day,')).to.deep.equal(['day,month']);
    expect(offered(script, 'mock', '--by', '=', 'month,d')).to.deep.equal(['month,day']);
    expect(offered(script, 'mock', '--by=month,')).to.deep.equal(['--by=month,day']);
    expect(offered(script, 'mock', '--by', 'day,month,')).to.deep.equal([]);
  });

  it('offers files where an option takes a text', () => {
    expect(offered(script, 'serve', '--config', 'et')).to.deep.equal(['etc']);
    expect(offered(script, 'serve', '--config', 'x', '--d')).to.deep.equal(['--demo']);
  });

  it('offers a file whose name has spaces as one, and lets bash quote it and go on into folders', () => {
    const place = temporaryFolder('completion');
    try {
      writeFileSync(path.join(place.folder, 'my gateway.yaml'), '');
      const typed = path.join(place.folder, 'my');
      expect(offered(script, 'serve', '--config', typed)).to.deep.equal([`${typed} gateway.yaml`]);
      const asked = `compopt() { echo "$1 $2"; }; COMP_WORDS=(headgate serve --config ${typed}); COMP_CWORD=3; _headgate`;
      expect(execFileSync('bash', ['-c', `${script}\n${asked}`], { encoding: 'utf8' })).to.equal('-o filenames\n');
    } finally {
      place.remove();
    }
  });
});

describe('completion of what a configuration names', () => {
  const place = temporaryFolder('completion');
  after(() => place.remove());
  const named: Completable = {
    ...{ words: ['explain'], about: '', commands: [], values: [], from: 'models' as const },
    options: [{ name: '--provider', about: '', values: [], listed: [], takesValue: true, from: 'providers' }],
  };
  const importing: Completable = { ...named, words: ['import'], from: 'files' };
  // In place of the command: what it would be asked, and some names.
  const asked = path.join(place.folder, 'asked');
  const command = `headgate() { echo "$*" > ${asked}; echo gpt-4 llama3:8b llama3:70b; }`;
  const script = `${command}\n${completionScript('bash', [...tree, named, importing])}`;

  it('asks the command for names, where they may stand', () => {
    expect(offered(script, 'explain', 'g')).to.deep.equal(['gpt-4']);
    expect(readFileSync(asked, 'utf8')).to.equal('completion bash --names models -- headgate explain g\n');
    expect(offered(script, 'explain', '--provider', 'gp')).to.deep.equal(['gpt-4']);
    expect(readFileSync(asked, 'utf8')).to.match(/^completion bash --names providers /);
    expect(offered(script, 'explain', '--')).to.deep.equal(['--provider']);
    expect(offered(script, 'import', 'et')).to.deep.equal(['etc']);
    expect(offered(script, 'import', '--')).to.deep.equal(['--provider']);
  });

  it('offers the rest of a name behind its colon', () => {
    expect(offered(script, 'explain', 'llama3', ':')).to.deep.equal(['8b', '70b']);
    expect(offered(script, 'explain', 'llama3', ':', '7')).to.deep.equal(['70b']);
    expect(offered(script, 'explain', '--provider', 'llama3', ':', '8')).to.deep.equal(['8b']);
  });

  it('takes names from a file as it is, and says nothing where there is none', () => {
    const file = path.join(place.folder, 'h.yaml');
    const models = 'models: { m: { aliases: [fast] }, "one/*": {}, "$(id)": {} }';
    writeFileSync(file, `providers: { one: { api_key: "\${NOT_SET}" } }\n${models}\n`);
    for (const words of [['--config', file], ['--config', '=', file], [`--config=${file}`]]) {
      expect(configuredNames('models', words)).to.deep.equal(['m', 'fast']);
      expect(configuredNames('providers', words)).to.deep.equal(['one']);
    }
    expect(configuredNames('models', ['--config', path.join(place.folder, 'none.yaml')])).to.deep.equal([]);
  });
});

describe('headgate completion', () => {
  for (const shell of shells) {
    it(`prints a script that ${shell} can read`, () => {
      const printed: string[] = [];
      const { write } = process.stdout;
      process.stdout.write = (text: string | Uint8Array) => printed.push(String(text)) > 0;
      try {
        createProgram().parse(['completion', shell], { from: 'user' });
      } finally {
        process.stdout.write = write;
      }
      const script = printed.join('');
      expect(script).to.include('explain').and.to.include('faultwall');
      if (shell === 'bash') {
        expect(offered(script, 'circuit', '')).to.deep.equal(['reset', '--help']);
        expect(offered(script, 'errors', '--owner', 'p')).to.deep.equal(['policy', 'provider']);
        expect(offered(script, 'spend', '--by', 'm')).to.deep.equal(['month', 'model']);
        expect(offered(script, 'mock', '--dialect', 'o')).to.deep.equal(['openai']);
        expect(offered(script, 'import', 'litellm', 'et')).to.deep.equal(['etc']);
      }
      if (shell === 'fish') {
        expect(offeredByFish(script, 'errors --owner=p')).to.be.oneOf([null, '--owner=policy --owner=provider']);
        expect(offeredByFish(script, 'spend --by hour,day,m')).to.be.oneOf([null, 'hour,day,model hour,day,month']);
        expect(offeredByFish(script, 'spend --by=t')).to.be.oneOf([null, '--by=total']);
        expect(offeredByFish(script, 'spend --by=day,to')).to.be.oneOf([null, '']);
      }
      if (shell === 'zsh') {
        expect(offeredByZsh(script, '--owner=p')).to.be.oneOf([null, '--owner=policy --owner=provider']);
        expect(offeredByZsh(script, '--by=day,m')).to.be.oneOf([null, '--by=day,month --by=day,model']);
        expect(offeredByZsh(script, '--config=/et')).to.be.oneOf([null, '--config=/etc']);
      }
      // Checked by the shell itself where it is installed.
      const { status, stderr } = spawnSync(shell, ['-n', '-c', script], { encoding: 'utf8' });
      if (status !== null) expect([status, stderr]).to.deep.equal([0, '']);
    });
  }
});
