import { verb } from "./verb.ts";

/** What each shell needs to ask `cello complete` when Tab is pressed. */
const scripts = {
  // Words that bash takes apart at = : @ are completed from the last of these on.
  bash: `_cello() {
  local line="\${COMP_LINE:0:COMP_POINT}" word prefix
  word="\${line##*[[:space:]]}"
  prefix="\${word%"\${word##*[=:@]}"}"
  local IFS=$'\\n'
  COMPREPLY=($(cello complete -- "$line" 2>/dev/null))
  COMPREPLY=("\${COMPREPLY[@]#"$prefix"}")
}
complete -o default -o nospace -F _cello cello`,
  zsh: `#compdef cello
_cello() {
  local -a found
  found=("\${(@f)$(cello complete -- "\${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
  found=("\${(@)found:#}")
  if (( \${#found} == 0 )); then
    compset -P '--*='
    _files
    return
  fi
  compadd -Q -S '' -- "\${found[@]}"
}
compdef _cello cello`,
  fish: `function __cello
  set -l found (cello complete -- (commandline -cp) 2>/dev/null | string trim --right)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    set -l flag (string match -r '^--[a-z-]+=' -- (commandline -ct); or printf '')
    __fish_complete_path (string replace -- "$flag" '' (commandline -ct)) | string replace -r -- '^' "$flag"
  end
end
complete -c cello -f -a '(__cello)'`,
} as const;

const shells = Object.keys(scripts) as (keyof typeof scripts)[];

export const completion = verb({
  name: "completion",
  summary: "print what a shell needs to complete verbs, groups, options and keys",
  description: [
    "It completes verbs, flags, names of configs, groups and their options, keys of the config that",
    "the line names, and their values; where there is none of these, files. The shell must find cello on its PATH:",
    "docs/how-to/configure-a-run.md has two lines for it.",
  ].join("\n"),
  examples: [
    "cello completion fish > ~/.config/fish/completions/cello.fish",
    'eval "$(cello completion bash)"      # in ~/.bashrc',
    "source <(cello completion zsh)       # in ~/.zshrc, after compinit",
  ],
  flags: {},
  operands: [{ name: "SHELL", help: shells.join(", "), choices: async () => shells }],
  async run({ operands: [asked = ""], output }) {
    const shell = shells.find((name) => name === asked);
    if (shell === undefined) {
      const { UsageError } = await import("./usage-error.ts");
      const { didYouMean } = await import("../config/index.ts");
      throw new UsageError(
        `there is no completion for ${asked}${didYouMean(asked, shells)}`,
        `There is one for ${shells.join(", ")}.`,
      );
    }
    output.json({ shell, script: scripts[shell] });
    output.line(scripts[shell]);
    return 0;
  },
});
