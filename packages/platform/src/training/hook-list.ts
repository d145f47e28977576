import { CellError } from "../errors/index.ts";
import type { Hook, Priority } from "./hook.ts";

/** Two hooks of one run have the same name, so the state of one would be lost. */
export class HookNameError extends CellError {
  readonly code = "CONFIG_HOOK_NAME";
  readonly hint = "Give each hook of the list its own name.";

  constructor(name: string) {
    super(`expected hooks of different names, got "${name}" twice`);
  }
}

type Point = Exclude<keyof Hook, "name" | "priority" | "saveState" | "loadState" | "verdict">;
type EventOf<P extends Point> = Parameters<NonNullable<Hook[P]>>[0];

const rank: Readonly<Record<Priority, number>> = {
  "very-high": 0,
  high: 1,
  medium: 2,
  low: 3,
  "very-low": 4,
};

/** The hooks of a run, in the order in which they see each event. */
export class HookList {
  readonly #hooks: readonly Hook[];

  constructor(hooks: readonly Hook[]) {
    const names = hooks.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new HookNameError(twice);
    const order = ({ priority = "medium" }: Hook) => rank[priority];
    this.#hooks = hooks.toSorted((a, b) => order(a) - order(b)); // stable: the list's order within
  }

  get names(): readonly string[] {
    return this.#hooks.map(({ name }) => name);
  }

  /** Calls `point` of every hook that has it, one after another. */
  async call<P extends Point>(point: P, event: EventOf<P>): Promise<void> {
    for (const hook of this.#hooks) {
      const method = hook[point] as ((event: EventOf<P>) => void | Promise<void>) | undefined;
      await method?.call(hook, event);
    }
  }

  /** The states of the hooks that have one, by name. */
  saveState(): Readonly<Record<string, unknown>> {
    const stateful = this.#hooks.flatMap((hook): [string, unknown][] =>
      hook.saveState ? [[hook.name, hook.saveState()]] : [],
    );
    return Object.fromEntries(stateful);
  }

  /** Hands each hook the state that it saved; a hook that had none starts afresh. */
  loadState(states: Readonly<Record<string, unknown>>): void {
    for (const hook of this.#hooks) {
      if (hook.name in states) hook.loadState?.(states[hook.name]);
    }
  }

  /** Why training is over, as the first hook has it that says so; null: none does. */
  verdict(): string | null {
    return this.#hooks.map((hook) => hook.verdict?.() ?? null).find((why) => why !== null) ?? null;
  }
}
