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
    /** Those of them that may stand in a list, with commas; empty where one value is all. */
    readonly listed: readonly string[];
    readonly takesValue: boolean;
    readonly from: NamesFrom | null;
  }[];
  /** What an argument may be; empty for any text. */
  readonly values: readonly string[];
  /** Where else its arguments come from. */
  readonly from: NamesFrom | 'files' | null;
}

/** Names that only the configuration knows: the script asks the command for them. */
export const namesFrom = ['models', 'providers'] as const;
export type NamesFrom = (typeof namesFrom)[number];

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
  const cases = tree.map(({ words, commands, options, values, from }) => {
    const names = [...commands.map(({ name }) => name), ...values, ...options.map(({ name }) => name)];
    return `    ${quoted(words.join(' '))}) names=${quoted(names.join(' '))}${from === null ? '' : ` from=${from}`} ;;`;
  });
  const named = tree.flatMap(({ words, options }) =>
    options.flatMap(({ name, from }) =>
      from === null ? [] : [`    ${quoted(`${words.join(' ')} ${name}`)}) from=${from} ;;`],
    ),
  );
  const known = tree
    .filter(({ words }) => words.length > 0)
    .map(({ words }) => `      ${quoted(words.join(' '))}) at=$next ;;`);
  const choices = optionsWithValues(tree).map(({ name, values, listed }) => {
    const list = listed.length === 0 ? '' : ` listed=${quoted(listed.join(' '))}`;
    return `    ${name}) names=${quoted(values.join(' '))} from=''${list} ;;`;
  });
  return `# headgate: completion of commands and options
_headgate() {
  local word before here=$COMP_CWORD cut='' lead='' at='' next='' names='' listed='' from='' name index
  # bash parts a name at its colons too, and puts in place of the last part what is offered.
  while ((here > 1)) && [[ \${COMP_WORDS[here]} == ':' || \${COMP_WORDS[here-1]} == ':' ]]; do
    here=$((here - 1)) cut=\${COMP_WORDS[here]}$cut
  done
  word=$cut\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[here-1]}
  if [[ \${COMP_WORDS[COMP_CWORD]} == ':' ]]; then cut=$word; fi
  # bash parts --option=value into three words, unless COMP_WORDBREAKS is set otherwise; zsh does not.
  if [[ $word == '=' ]]; then
    word=''
  elif [[ $before == '=' && here -ge 2 ]]; then
    before=\${COMP_WORDS[here-2]}
  elif [[ $word == --*=* ]]; then
    before=\${word%%=*} lead=\${word%%=*}= word=\${word#*=}
  fi
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
${[...choices, `    ${takingText(tree)}) names='' from='' ;;`].join('\n')}
  esac
  case "$at $before" in
${named.join('\n')}
  esac
  if [[ $word == -* ]]; then
    from=''
  elif [[ $from == files ]]; then
    names=''
  elif [[ -n $from ]]; then
    names="$names $(headgate completion bash --names $from -- "\${COMP_WORDS[@]}" 2>/dev/null)"
  fi
  if [[ -n $listed ]]; then
    if [[ $word == *,* ]]; then
      names=''
      for name in $listed; do
        [[ ,\${word%,*}, == *,$name,* ]] || names="$names $name"
      done
      lead=$lead\${word%,*}, word=\${word##*,}
    fi
    # A comma may follow.
    compopt -o nospace 2>/dev/null || true
  fi
  COMPREPLY=($(compgen -P "$lead" -W "$names" -- "$word"))
  if [[ -z $names && -z $listed ]]; then
    # A line each, since a name may have spaces; bash itself adds what they need, and the slash of a folder.
    local IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$word"))
    if [[ -n $lead ]]; then
      # In zsh, compgen looks for files by the whole word.
      COMPREPLY=()
      for name in "$word"*; do
        if [[ -e $name ]]; then COMPREPLY+=("$lead$name"); fi
      done
    fi
    compopt -o filenames 2>/dev/null || true
  fi
  if [[ -n $cut ]]; then COMPREPLY=("\${COMPREPLY[@]#"$cut"}"); fi
}
complete -F _headgate headgate
`;
}

/** Each name once. */
function optionsWithValues(tree: readonly Completable[]): Completable['options'] {
  const options = tree.flatMap((each) => each.options).filter(({ values }) => values.length > 0);
  return [...new Map(options.map((option) => [option.name, option])).values()];
}

/** Options that a text follows, as a pattern of a case. */
function takingText(tree: readonly Completable[]): string {
  const options = tree
    .flatMap((each) => each.options)
    .filter(({ takesValue, values }) => takesValue && values.length === 0);
  return [...new Set(options.map(({ name }) => name))].join('|');
}

function fish(tree: readonly Completable[]): string {
  const lines = tree.flatMap(({ words, commands, options, values, from }) => {
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
      ...(from === null
        ? []
        : [
            `complete -c headgate -n ${quoted(condition)} ${from === 'files' ? '-F' : `-f -a ${quoted(askedNames(from))}`}`,
          ]),
      ...options.map(({ name, about, values: choices, listed, takesValue, from: source }) => {
        const few = listed.length === 0 ? choices.join(' ') : listFunction(choices, listed);
        const among = source === null ? few : askedNames(source);
        const value = among !== '' ? ` -x -a ${quoted(among)}` : takesValue ? ' -r' : ' -f';
        return `complete -c headgate -n ${quoted(condition)} -l ${name.slice(2)}${value} -d ${quoted(about)}`;
      }),
    ];
  });
  return `# headgate: completion of commands and options\n${FISH_LIST}${lines.join('\n')}\n`;
}

/** Offers one more for a list with commas: those behind the first word, without what is there. */
const FISH_LIST = `function __headgate_list
    set -l token (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    set -l lead (string match -r '^.*,' -- $token)
    set -l given (string split , -- $token)
    set -e given[-1]
    for name in $argv
        contains -- $name $given
        or echo "$lead$name"
    end
end
`;

/** Asks the command, which is told the line for its --config. */
function askedNames(from: NamesFrom): string {
  return `(headgate completion fish --names ${from} -- (commandline -opc) 2>/dev/null)`;
}

function listFunction(choices: readonly string[], listed: readonly string[]): string {
  const alone = choices.filter((choice) => !listed.includes(choice));
  return `(__headgate_list ${listed.join(' ')}; string match -q '*,*' -- (commandline -ct); or printf '%s\\n' ${alone.join(' ')})`;
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
