/** Completion scripts of shells for a tree of commands. Pure. */

/** What may follow some words of a command line. */
export interface Completable {
  /** `circuit reset`; empty for the program itself. */
  readonly words: readonly string[];
  readonly about: string;
  readonly commands: readonly { readonly name: string; readonly about: string }[];
  readonly options: readonly {
    /** With its dashes. */
    readonly name: string;
    readonly about: string;
    /** All that may follow it; empty for any text. */
    readonly values: readonly string[];
    readonly takesValue: boolean;
  }[];
  /** What an argument may be; empty for any text. */
  readonly values: readonly string[];
}

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The script, with a newline at its end. */
export function completionScript(shell: Shell, tree: readonly Completable[]): string {
  switch (shell) {
    case 'bash':
      return bash(tree);
    case 'zsh':
      // zsh reads scripts of bash by a function of its own, which all its installations have.
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(tree)}`;
    case 'fish':
      return fish(tree);
    default:
      return shell satisfies never;
  }
}

/** A case for each command: the words so far, without options, say which. */
function bash(tree: readonly Completable[]): string {
  const cases = tree.map(({ words, commands, options, values }) => {
    const names = [...commands.map(({ name }) => name), ...values, ...options.map(({ name }) => name)];
    return `    ${quoted(words.join(' '))}) names=${quoted(names.join(' '))} ;;`;
  });
  const known = tree
    .filter(({ words }) => words.length > 0)
    .map(({ words }) => `      ${quoted(words.join(' '))}) at=$next ;;`);
  const choices = valuesByOption(tree).map(([name, values]) => `    ${name}) names=${quoted(values.join(' '))} ;;`);
  return `# headgate: completion of commands and options
_headgate() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} at='' next='' names='' index
  for ((index = 1; index < COMP_CWORD; index += 1)); do
    next="\${at:+$at }\${COMP_WORDS[index]}"
    case $next in
${known.join('\n')}
    esac
  done
  case $at in
${cases.join('\n')}
  esac
  case $before in
${[...choices, `    ${takingText(tree)}) names='' ;;`].join('\n')}
  esac
  COMPREPLY=($(compgen -W "$names" -- "$word"))
  if [[ -z $names ]]; then
    # A line each, since a name may have spaces; bash itself adds what they need, and the slash of a folder.
    local IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$word"))
    compopt -o filenames 2>/dev/null || true
  fi
}
complete -F _headgate headgate
`;
}

function valuesByOption(tree: readonly Completable[]): [string, readonly string[]][] {
  const options = tree.flatMap((each) => each.options).filter(({ values }) => values.length > 0);
  return [...new Map(options.map(({ name, values }) => [name, values]))];
}

/** Options that a text follows, as a pattern of a case. */
function takingText(tree: readonly Completable[]): string {
  const options = tree
    .flatMap((each) => each.options)
    .filter(({ takesValue, values }) => takesValue && values.length === 0);
  return [...new Set(options.map(({ name }) => name))].join('|');
}

function fish(tree: readonly Completable[]): string {
  const lines = tree.flatMap(({ words, commands, options, values }) => {
    const condition = conditionOf(
      words,
      commands.map(({ name }) => name),
    );
    return [
      ...commands.map(
        ({ name, about }) => `complete -c headgate -f -n ${quoted(condition)} -a ${name} -d ${quoted(about)}`,
      ),
      ...(values.length === 0
        ? []
        : [`complete -c headgate -f -n ${quoted(condition)} -a ${quoted(values.join(' '))}`]),
      ...options.map(({ name, about, values: choices, takesValue }) => {
        const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesValue ? ' -r' : ' -f';
        return `complete -c headgate -n ${quoted(condition)} -l ${name.slice(2)}${value} -d ${quoted(about)}`;
      }),
    ];
  });
  return `# headgate: completion of commands and options\n${lines.join('\n')}\n`;
}

/** Whether the words were typed, and none of the commands below them. */
function conditionOf(words: readonly string[], below: readonly string[]): string {
  const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
  if (below.length > 0) seen.push(`not __fish_seen_subcommand_from ${below.join(' ')}`);
  return seen.length === 0 ? 'true' : seen.join('; and ');
}

/** As one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
