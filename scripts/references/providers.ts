/** The reference of providers: types, addresses, variables, dialects, differences, known models. */
import { knownModels } from '../../src/providers/models.ts';
import { addressOf, providers } from '../../src/providers/registry.ts';
import type { Provider } from '../../src/providers/types.ts';
import { code, GENERATED, table } from './markdown.ts';

const intro = `# Providers

A block under \`providers\` needs its \`type\` and a key, or what the table says in place of one:

\`\`\`yaml
providers:
  groq: { type: groq, api_key: "\${GROQ_API_KEY}" }
  ollama: { type: ollama }                                # on this host, without a key
  azure: { type: azure, resource: my-resource, api_key: "\${AZURE_OPENAI_API_KEY}" }
\`\`\`

Every other key of a block is in [the reference of the configuration](../config/README.md). What speaks OpenAI's API and
is not here is of type \`openai\`, with a \`base_url\`.

**Without a configuration**, the variables in the table add their provider (those in brackets are optional): all of its
models as \`TYPE/NAME\`, such as \`openrouter/deepseek/deepseek-v4-pro\`, and those that are known (below) under their own names.
Where several providers serve a model of one name, it has all of them as targets, in the order of the table. A server on
this host is used only if its variable says where it is. \`headgate models TYPE\` lists what a provider has.

**Dialects** are spoken where the client's own is among them, else the first of them is translated to. Those in brackets are
spoken only where \`dialects\` of the block lists them, since only some versions of a server have them, or only in part.`;

/** The whole document. */
export function providersReference(): string {
  return `${[GENERATED, intro, overview(), '## What to know', ...notes(), '## Known models', models()].join('\n\n')}\n`;
}

function overview(): string {
  const rows = providers.map((provider) => {
    const { type, about, offer, dialects, ownDialects = {}, optionalDialects = {} } = provider;
    const variables = offer?.variables.map(({ name, optional }) => (optional ? `[${code(name)}]` : code(name))) ?? [];
    const spoken = [
      ...[...Object.keys(dialects), ...Object.keys(ownDialects)].map(code),
      ...Object.keys(optionalDialects).map((name) => `[${code(name)}]`),
    ];
    return [code(type), `[${about.name}](${about.page})`, address(provider), variables.join(', '), spoken.join(', ')];
  });
  return table(['type', 'provider', 'address', 'variables', 'dialects'], rows).join('\n');
}

function address(provider: Provider): string {
  const own = addressOf(provider, {});
  if (own !== null) return code(own);
  const needed = Object.keys(provider.settings ?? {}).filter((key) => ['resource', 'region', 'project'].includes(key));
  return [...needed.map(code), ...(needed.includes('region') ? [] : [code('base_url')])].join(' or ');
}

function notes(): string[] {
  return providers.flatMap(({ about: { name, notes: all } }) => {
    if (all.length === 0) return [];
    return [`**${name}**`, all.map(({ text, source }) => `- ${text} ([source](${source}))`).join('\n')];
  });
}

function models(): string {
  const rows = providers.flatMap(({ type }) => {
    const known = knownModels[type];
    if (known === undefined) return [];
    const ends = Object.entries(known.ends ?? {}).sort(([, one], [, other]) => one.localeCompare(other));
    return [
      [
        code(type),
        known.served.map(code).join(', '),
        ends.map(([name, day]) => `${code(name)} ${day}`).join(', '),
        `[${known.asOf}](${known.page})`,
      ],
    ];
  });
  return table(['type', 'models', 'end, or have ended', 'as of'], rows).join('\n');
}
