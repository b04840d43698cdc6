import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { z } from 'zod';
import { valuesInForce } from '../../../../src/config/in-force.ts';
import { loadWithSource } from '../../../../src/config/load.ts';
import { configJsonSchema } from '../../../../src/config/schema/json-schema.ts';
import { mapping, secret } from '../../../../src/config/schema/schema-values.ts';
import { mayBeSecret, secretPaths, secretPathsOf } from '../../../../src/config/schema/secret-paths.ts';
import { formatPath } from '../../../../src/config/source/faults.ts';
import type { LoadedConfig } from '../../../../src/config/warnings/warning.ts';
import { weakSecrets } from '../../../../src/config/warnings/weak-secrets.ts';
import { describeChanges } from '../../../../src/primary/reload/config-changes.ts';
import { fixedDifferences } from '../../../../src/primary/reload/reload.ts';
import { providers } from '../../../../src/providers/registry.ts';
import { Redactor } from '../../../../src/shared/secrets/redactor.ts';
import { linesOf } from '../../../helpers/config-text.ts';
import { withSecret } from '../../../helpers/config-with-secret.ts';

/** A value of a secret with this text in it. */
function formed(path: readonly string[], text: string): string {
  return path.at(-1) === 'credentials' ? JSON.stringify({ private_key: text }) : text;
}

function loadWith(path: readonly string[], value: string): LoadedConfig {
  return loadWithSource({ source: { kind: 'object', name: 'test', input: withSecret(path, value).input } });
}

describe('the paths of secrets', () => {
  it('are found in every form in which a schema can hold one', () => {
    const one = () => secret({ description: 'One.' });
    const schema = mapping({
      plain: one(),
      optional: mapping({ a: one() }).partial().optional(),
      nullable: one().nullable(),
      refined: one().refine((text) => text !== 'x', 'another'),
      described: one().meta({ description: 'Another.' }),
      changed: one().transform((text) => text.length),
      list: z.array(one()),
      named: z.record(z.string(), mapping({ b: one(), open: z.string() })),
      either: z.union([z.number(), mapping({ c: one() })]),
      none: z.string(),
    });
    expect(secretPathsOf(schema).map((path) => path.join('.'))).to.deep.equal([
      'plain',
      'optional.a',
      'nullable',
      'refined',
      'described',
      'changed',
      'list.*',
      'named.*.b',
      'either.c',
    ]);
  });

  it('are those of every secret() in the files of the schema', () => {
    const declared = ['schema.ts', 'schema-blocks.ts'].flatMap((file) => {
      const text = readFileSync(new URL(`../../../../src/config/schema/${file}`, import.meta.url), 'utf8');
      return [...text.matchAll(/\bsecret\(\{/g)];
    });
    const settings = providers.flatMap((provider) => Object.entries(provider.settings ?? {}));
    const secretSettings = new Set(settings.flatMap(([key, { secret = false }]) => (secret ? [key] : [])));
    expect(secretPaths).to.have.lengthOf(declared.length + secretSettings.size);
    expect(secretPaths.map((path) => path.join('.'))).to.include.members([
      'server.keys.*',
      'admin.token',
      'providers.*.api_key',
    ]);
  });

  it('say nothing of other values', () => {
    const open = [
      ['server', 'host'],
      ['providers', 'api_key', 'type'],
      ['models', 'token'],
      ['log', 'level'],
    ];
    expect(open.filter(mayBeSecret)).to.deep.equal([]);
  });

  it('are not told to editors', () => {
    expect(JSON.stringify(configJsonSchema())).not.to.contain('"secret"');
  });
});

for (const path of secretPaths) {
  describe(`the secret ${path.join('.')}`, () => {
    it('is redacted', () => {
      const value = formed(path, 'canary-0123456789-abcdef');
      const { config } = loadWith(path, value);
      expect(config.secrets).to.deep.equal([value]);
      expect(new Redactor(config.secrets).redact(`it is ${value}.`)).to.equal('it is [redacted].');
    });

    it('is not shown in a fault, nor is what stands in its place', () => {
      for (const wrong of ['canary canary', 4_711_471_147, { canary: 'canary' }, ['canary']]) {
        const lines = linesOf(JSON.stringify(withSecret(path, wrong).input));
        expect(lines).to.have.lengthOf(1);
        expect(lines[0]).not.to.match(/got .*(?:canary|4711)/);
      }
      expect(linesOf(JSON.stringify(withSecret(path, 'a b').input))[0]).to.match(
        /got a text \(not shown, since it may be a secret\)$/,
      );
    });

    // What must have a form cannot be short.
    if (formed(path, '') === '') {
      it('is warned of by its name if it is short', () => {
        const { config, secrets } = loadWith(path, 'canary');
        const found = weakSecrets(config, secrets).map(({ message }) => message);
        expect(found).to.have.lengthOf(1);
        expect(found[0]?.startsWith(`${formatPath(withSecret(path, '').at)} has 6 characters`)).to.equal(true);
        expect(found[0]).not.to.contain('canary');
      });
    }

    it('makes another account of its provider, and of no other block', () => {
      const [first, second] = ['first', 'second'].map(
        (value) => loadWith(path, formed(path, value)).config.providers.one?.account,
      );
      expect(first === second).to.equal(path[0] !== 'providers');
    });

    it('is not in what a reload tells of its changes, nor is what is made from it', () => {
      const loaded = (text: string) => {
        const whole = loadWith(path, formed(path, text));
        const digests = new Map<string, string>();
        return { config: whole.config, values: valuesInForce(whole, (each) => each, digests), digests };
      };
      const [before, after] = [loaded('canary-1'), loaded('canary-2')] as const;
      const changes = describeChanges(before, after);
      expect(changes).to.have.lengthOf.above(0);
      const told = [...changes, ...fixedDifferences(before.config, after.config)];
      expect(told.join('\n')).not.to.match(/canary|account|secrets/);
    });
  });
}
