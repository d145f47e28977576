/** Hydra's short forms of two letters, which look like two flags of one letter each. */
const longForms: Readonly<Record<string, string>> = {
  "-cn": "--config-name",
  "-cd": "--config-dir",
  "-cp": "--config-path",
  "-sc": "--shell-completion",
};

/** The same arguments with Hydra's two-letter flags in their long form. */
export function inLongForm(args: readonly string[]): readonly string[] {
  return args.map((word) => {
    const [, short = "", rest = ""] = /^(-(?:cn|cd|cp|sc))(=.*)?$/s.exec(word) ?? [];
    return short === "" ? word : `${longForms[short]}${rest}`;
  });
}

/** What to do in place of a flag that Hydra has and `cello` has not. */
const hints: Readonly<Record<string, string>> = {
  "--config-path": "Give the folder with --config-dir DIR: it is searched before our own.",
  "--shell-completion": "cello completion bash (or zsh, or fish) prints what the shell needs.",
  "--hydra-help": "Hydra's flags that are here are in the verb's --help.",
  "--experimental-rerun": "The same command goes on with its run; run.json in its folder has it.",
  "--run": "Leave it away: one run is what is started without --multirun.",
};

export const hintOfHydraFlag = (flag: string): string | undefined =>
  Object.hasOwn(hints, flag) ? hints[flag] : undefined;

/** `cello --config-name=x`, as one typed `python manager.py --config-name=x`. */
export const hintOfNoVerb = (message: string): string | undefined =>
  /unknown option '--config-(?:name|dir)/.test(message)
    ? "A verb comes first: cello manager --config-name=... does what the config says, cello train trains."
    : undefined;
