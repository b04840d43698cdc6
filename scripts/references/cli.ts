/** The reference of the command line, generated from the commands as commander knows them. */
import type { Command } from 'commander';
import { faultwallGuide } from '../../src/cli/faultwall.ts';
import { createProgram } from '../../src/cli/program.ts';
import { code, GENERATED, table } from './markdown.ts';

const intro = `# The command line

\`headgate\` is \`dist/cli/main.js\`; in a checkout: \`node_modules/.bin/node dist/cli/main.js …\`.

The configuration is looked for in this order: \`--config\`, \`$HEADGATE_CONFIG\`, \`./headgate.yaml\`, the variables of
providers in the environment (\`headgate models\` lists them), the demo (under \`NODE_ENV=production\` only with \`--demo\`).
Commands that talk to a running gateway find its admin port and token the same way.

| exit code | means |
| --- | --- |
| 0 | done; for \`serve\`: stopped cleanly |
| 69 | the port is taken, or another gateway has this address or this state folder |
| 78 | the configuration is bad, or names an address that cannot be listened on; nothing was started |
| 1 | anything else |`;

/** What a command's help says below its options. */
const guides: Readonly<Record<string, string>> = { 'headgate faultwall': faultwallGuide };

/** The whole document. */
export function cliReference(): string {
  return `${[GENERATED, intro, ...createProgram().commands.flatMap((command) => sections(command, 'headgate'))].join('\n\n')}\n`;
}

function sections(command: Command, parent: string): string[] {
  const name = `${parent} ${command.name()}`;
  if (command.commands.length > 0) return command.commands.flatMap((child) => sections(child, name));
  const args = command.registeredArguments
    .map((argument) => (argument.required ? ` <${argument.name()}>` : ` [${argument.name()}]`))
    .join('');
  const options = command.options.map((option) => {
    const initial = option.defaultValue === undefined ? '' : ` (default: ${String(option.defaultValue)})`;
    return [code(option.flags), `${option.description}${initial}`];
  });
  const parts = [`## ${code(`${name}${args}`)}`, sentence(command.description())];
  if (options.length > 0) parts.push(table(['option', 'meaning'], options).join('\n'));
  const guide = guides[name];
  if (guide !== undefined) parts.push(`\`\`\`text\n${guide.trim()}\n\`\`\``);
  return [parts.join('\n\n')];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
