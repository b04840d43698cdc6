/**
 * `headgate completion SHELL`: prints a script that completes commands, their options, and what may follow these, in bash,
 * zsh or fish. Made from the commands themselves, so it knows all that this version has.
 */
import { Argument, type Command, Option } from 'commander';
import {
  type Completable,
  completionScript,
  type NamesFrom,
  namesFrom,
  type Shell,
  shells,
} from './completion-scripts.ts';
import { configuredNames } from './configured-names.ts';
import { CommaListOption } from './listed-option.ts';
import { sayLines } from './say.ts';

/** Adds the command. @param program all others, which it completes */
export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addOption(
      new Option(
        '--names <kind>',
        'print the names that a configuration has instead, as the script asks for them; --config may stand behind --',
      ).choices(namesFrom),
    )
    // The words of the line so far.
    .allowExcessArguments()
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell, { names }: { readonly names?: NamesFrom }, { args }: Command) => {
      if (names !== undefined) sayLines(configuredNames(names, args));
      else process.stdout.write(completionScript(shell, completablesOf(program)));
    });
}

const EXAMPLES = `
  bash:  source <(headgate completion bash)        in ~/.bashrc
  zsh:   source <(headgate completion zsh)         in ~/.zshrc, after compinit
  fish:  headgate completion fish > ~/.config/fish/completions/headgate.fish`;

/** Each command with its words, those of commands within commands too. */
function completablesOf(program: Command, above: readonly string[] = []): Completable[] {
  const own: Completable = {
    words: above,
    about: program.description(),
    commands: program.commands.map((command) => ({ name: command.name(), about: command.description() })),
    options: program
      .createHelp()
      .visibleOptions(program)
      .flatMap((option) => {
        const { long, description: about, argChoices: values = [], required: takesValue } = option;
        const isList = option instanceof CommaListOption;
        const listed = isList ? values.filter((value) => value !== option.alone) : [];
        const from = sourceOf(/<(\w+)>/.exec(option.flags)?.[1]);
        return long === undefined || long === null ? [] : [{ name: long, about, values, listed, takesValue, from }];
      }),
    values: program.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    from: argumentsFrom(program),
  };
  return [own, ...program.commands.flatMap((command) => completablesOf(command, [...above, command.name()]))];
}

/** What stands for a value in the usage says where it comes from. */
function sourceOf(word: string | undefined): NamesFrom | null {
  if (word === 'model') return 'models';
  return word === 'provider' ? 'providers' : null;
}

function argumentsFrom({ registeredArguments: [first] }: Command): Completable['from'] {
  return first?.name() === 'file' ? 'files' : sourceOf(first?.name());
}
