import { ConfigDefaultsError, type ConfigError, ConfigOverrideError } from "../faults/errors.ts";
import { didYouMean } from "../faults/nearest.ts";
import { type Source, showSource } from "../node/source.ts";

/** An option of a group, several, or none. */
export type Option = string | readonly string[] | null;

interface Choice {
  readonly option: Option;
  readonly source: Source;
  isUsed: boolean;
}

interface Deletion {
  /** null: whatever was chosen. */
  readonly option: string | null;
  readonly source: Source;
  isUsed: boolean;
}

/**
 * Who chose which option of which group: the command line first, then `override` lines in
 * defaults lists, the outermost first. Keys are `group` or `group@package`.
 */
export class Choices {
  readonly #chosen = new Map<string, Choice>();
  readonly #deletions = new Map<string, Deletion>();
  readonly #known = new Map<string, string | null>();
  readonly #places = new Map<string, Source>();

  /** Of the command line the last wins; of all others the first, and never over the command line. */
  choose(key: string, option: Option, source: Source): void {
    if (source.kind === "file" && this.#chosen.has(key)) return;
    this.#chosen.set(key, { option, source, isUsed: false });
  }

  delete(key: string, option: string | null, source: Source): void {
    this.#deletions.set(key, { option, source, isUsed: false });
  }

  /** What was chosen for a group that a list names, and by whom; null where nobody has. */
  chosenFor(key: string): { readonly option: Option; readonly source: Source } | null {
    const choice = this.#chosen.get(key);
    if (!choice) return null;
    choice.isUsed = true;
    return choice;
  }

  isDeleted(key: string, option: Option): boolean {
    const deletion = this.#deletions.get(key);
    if (!deletion || (deletion.option !== null && deletion.option !== option)) return false;
    deletion.isUsed = true;
    return true;
  }

  /** Remembers that a group is in the tree; it has one option, wherever it is named. */
  note(key: string, option: string | null, source: Source): void {
    const before = this.#known.get(key);
    const beforeAt = this.#places.get(key);
    if (before !== undefined && before !== option) {
      throw beforeAt?.kind === "override"
        ? addedTwice(key, beforeAt.text, { option, source })
        : new ConfigDefaultsError(
            source,
            `${key} is ${option} here, and ${before} elsewhere in the defaults lists`,
            `To change what another list chose, write: override ${key}: ${option}`,
          );
    }
    this.#known.set(key, option);
    this.#places.set(key, source);
  }

  /** Group key to option, as it was composed. */
  get known(): ReadonlyMap<string, string | null> {
    return this.#known;
  }

  /** Choices that have not met their group, and would silently be without effect. */
  *unused(): Generator<ConfigError> {
    for (const [key, choice] of this.#chosen) {
      if (!choice.isUsed) yield this.#unused(key, choice);
    }
    for (const [key, { isUsed, source }] of this.#deletions) {
      if (!isUsed) yield this.#unused(key, { source, option: null });
    }
  }

  #unused(key: string, { source, option }: Pick<Choice, "source" | "option">) {
    const [group] = key.split("@");
    const known = [...this.#known.keys()];
    const same = known.filter((one) => one.split("@")[0] === group || one.startsWith(`${group}/`));
    const advice =
      same.length > 0 ? `; did you mean ${same.join(" or ")}?` : didYouMean(key, known);
    const message = `no defaults list has the group ${key}${advice}`;
    if (source.kind === "file") return new ConfigDefaultsError(source, message);
    const hint = `To add the group to the list, write +${key}=${option ?? "OPTION"}.`;
    return new ConfigOverrideError(source.text, message, hint);
  }
}

function addedTwice(key: string, text: string, inList: Pick<Choice, "option" | "source">) {
  const message = `${key} is in a defaults list already, as ${inList.option} at ${showSource(inList.source)}`;
  return new ConfigOverrideError(text, message, `To change it, write ${text.replace(/^\+/, "")}.`);
}
