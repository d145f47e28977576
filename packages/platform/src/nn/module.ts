import { type Device, type Dtype, noGrad, Tensor } from "@cell-observatory/engine";
import { owned, type StateTraits, traitsOf } from "./parameter.ts";
import { loadState, type StateDict } from "./state-dict.ts";
import type { StateReport } from "./state-report.ts";

/**
 * A part of a model: fields that are parameters, buffers, modules or arrays of modules are found by
 * themselves, and a subclass adds its mathematics as `forward`.
 *
 * A tensor's name in the state dict is the path of fields that leads to it, in snake case, as the
 * same module in PyTorch would have it: `patchEmbed.proj.weight` is `patch_embed.proj.weight`, and
 * the third of `blocks` is `blocks.2`. Private fields (`#rng`) are not looked at.
 *
 * A module owns its tensors, whatever scope it was made in, until it is released.
 */
export abstract class Module {
  #isTraining = true;

  /** True until {@link eval}: dropout and drop path act. */
  get isTraining(): boolean {
    return this.#isTraining;
  }

  train(isTraining = true): this {
    for (const module of this.modules().values()) module.#isTraining = isTraining;
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  /** This module ("") and all below it, by path, parents first. */
  modules(): Map<string, Module> {
    const found = new Map<string, Module>([["", this]]);
    for (const [field, value] of Object.entries(this)) {
      const children = value instanceof Module ? [["", value] as const] : modulesIn(value);
      for (const [place, child] of children) {
        for (const [path, module] of child.modules()) {
          found.set(join(join(snakeCase(field), place), path), module);
        }
      }
    }
    return found;
  }

  /** Trainable tensors by name, in the order of the fields; a shared one under its first name. */
  namedParameters(): Map<string, Tensor> {
    return this.#tensors(({ kind }) => kind === "parameter");
  }

  parameters(): readonly Tensor[] {
    return [...this.namedParameters().values()];
  }

  numParameters(): number {
    return this.parameters().reduce((sum, { numel }) => sum + numel, 0);
  }

  namedBuffers(): Map<string, Tensor> {
    return this.#tensors(({ kind }) => kind === "buffer");
  }

  /** The tensors that a checkpoint holds, by name. They are the module's own: borrowed, not copied. */
  stateDict(): StateDict {
    return this.#tensors(({ isSaved }) => isSaved);
  }

  /**
   * Copies values into this module's tensors.
   *
   * @param options.isStrict - false: names that only one side has are left alone, and reported.
   * @throws {@link StateDictError} with a table of all that does not fit; then nothing was copied.
   */
  loadStateDict(state: StateDict, { isStrict = true } = {}): StateReport {
    return loadState(this.stateDict(), state, { isStrict });
  }

  /**
   * Moves and converts all tensors. Only real floating point is converted, and what must not lose
   * bits (frequencies of RoPE) not to a narrower dtype than float32. Tensors are replaced, so an
   * optimizer must be made afterwards.
   */
  to({ dtype, device }: { dtype?: Dtype; device?: Device }): this {
    for (const module of this.modules().values()) {
      for (const [field, tensor, traits] of module.#ownTensors()) {
        const isWide = dtype === "float32" || dtype === "float64";
        const isConverted = isRealFloat(tensor.dtype) && (isWide || !traits.neverNarrows);
        const wanted = {
          dtype: isConverted ? (dtype ?? tensor.dtype) : tensor.dtype,
          device: device ?? tensor.device,
        };
        if (wanted.dtype === tensor.dtype && wanted.device === tensor.device) continue;
        const moved = noGrad(() => tensor.detach().to(wanted));
        moved.setRequiresGrad(tensor.requiresGrad);
        Reflect.set(module, field, owned(moved, traits));
        tensor.release();
      }
    }
    return this;
  }

  /** Releases every tensor of this module; it can't be used afterwards. */
  [Symbol.dispose](): void {
    for (const tensor of this.#tensors(() => true).values()) {
      tensor.setGrad(null);
      tensor.release();
    }
  }

  *#ownTensors(): Generator<readonly [field: string, tensor: Tensor, traits: StateTraits]> {
    for (const [field, value] of Object.entries(this)) {
      const traits = value instanceof Tensor ? traitsOf(value) : undefined;
      if (traits !== undefined) yield [field, value, traits];
    }
  }

  #tensors(isWanted: (traits: StateTraits) => boolean): Map<string, Tensor> {
    const found = new Map<string, Tensor>();
    const seen = new Set<Tensor>();
    for (const [path, module] of this.modules()) {
      for (const [field, tensor, traits] of module.#ownTensors()) {
        if (!isWanted(traits) || seen.has(tensor)) continue;
        seen.add(tensor);
        found.set(join(path, snakeCase(field)), tensor);
      }
    }
    return found;
  }
}

/** The modules of an array by their place; nothing for any other value. */
function modulesIn(value: unknown): (readonly [place: string, child: Module])[] {
  if (!Array.isArray(value)) return [];
  const entries: readonly (readonly [number, unknown])[] = [...value.entries()];
  return entries.flatMap(([i, child]) =>
    child instanceof Module ? [[String(i), child] as const] : [],
  );
}

function join(path: string, name: string): string {
  return path === "" || name === "" ? path + name : `${path}.${name}`;
}

function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function isRealFloat(dtype: Dtype): boolean {
  return dtype.startsWith("float") || dtype === "bfloat16";
}
