import { ConfigOverrideError } from "../faults/errors.ts";
import type { Faults } from "../faults/faults.ts";
import { isNull } from "../node/node.ts";
import type { Override } from "../override/parse-override.ts";
import type { SearchPath } from "../search/search-path.ts";
import { Choices } from "./choices.ts";
import type { GroupEntry } from "./defaults-entry.ts";

export interface ChosenOptions {
  readonly choices: Choices;
  /** Lines that `+group=option` adds to the primary config's list. */
  readonly added: readonly GroupEntry[];
  /** Whether an override says something about a group; the others are about keys. */
  readonly isOfGroup: (override: Override) => boolean;
}

/** What the command line says about groups: `db=mysql`, `+db=mysql`, `~db`. */
export function chooseOptions(
  overrides: readonly Override[],
  searchPath: SearchPath,
  faults: Faults,
): ChosenOptions {
  const isOfGroup = ({ key, value }: Override) => value?.kind !== "map" && searchPath.hasGroup(key);
  const choices = new Choices();
  const added: GroupEntry[] = [];
  for (const override of overrides.filter(isOfGroup)) {
    faults.attempt(() => choose(override, choices, added), undefined);
  }
  return { choices, added, isOfGroup };
}

function choose(override: Override, choices: Choices, added: GroupEntry[]): void {
  const { operation, key, source, package: pkg } = override;
  const full = pkg === null ? key : `${key}@${pkg === "" ? "_global_" : pkg}`;
  if (operation === "delete") choices.delete(full, nameOf(override), source);
  else if (operation === "change") choices.choose(full, optionOf(override), source);
  else if (operation === "add") added.push(addedEntry(override));
  else {
    const message = "a group cannot be added by force";
    throw new ConfigOverrideError(override.text, message, `Write +${key}=OPTION.`);
  }
}

/** From the root, wherever the primary config lies: the command line has no folder. */
function addedEntry(override: Override): GroupEntry {
  const { key, package: pkg, source } = override;
  const option = optionOf(override);
  const rest = { package: pkg, isOptional: false, isOverride: false, source };
  return { kind: "group", group: `/${key}`, option, ...rest };
}

function optionOf({ key, value, text }: Override): string | readonly string[] {
  if (value?.kind === "scalar" && typeof value.value === "string" && value.value !== "") {
    return value.value;
  }
  const names = value?.kind === "list" ? value.items : [];
  const options = names.flatMap((name) =>
    name.kind === "scalar" && typeof name.value === "string" ? [name.value] : [],
  );
  if (value?.kind === "list" && options.length === names.length) return options;
  const hint = `Write ${key}=[a,b] for several, ${key}='1' for a name like a number, ~${key} for none.`;
  throw new ConfigOverrideError(text, "expected an option by its name", hint);
}

/** null: whatever was chosen. */
function nameOf({ value, text }: Override): string | null {
  if (value === null || isNull(value)) return null;
  if (value.kind === "scalar" && typeof value.value === "string") return value.value;
  throw new ConfigOverrideError(text, "expected one option", "Write ~group, or ~group=option.");
}
