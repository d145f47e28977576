import { engine, type NativeOperator, type TensorSlot } from "./binding.ts";

/**
 * Operators that return one tensor, by the names that a file calls them.
 *
 * Each is looked up at its first call, and from then on is the native function itself.
 */
export function operators<const Names extends Readonly<Record<string, string>>>(
  names: Names,
): Record<keyof Names, (...args: readonly unknown[]) => TensorSlot> {
  return lazily(names) as Record<keyof Names, (...args: readonly unknown[]) => TensorSlot>;
}

/** Operators that return several tensors. */
export function listOperators<const Names extends Readonly<Record<string, string>>>(
  names: Names,
): Record<keyof Names, (...args: readonly unknown[]) => readonly TensorSlot[]> {
  return lazily(names) as Record<
    keyof Names,
    (...args: readonly unknown[]) => readonly TensorSlot[]
  >;
}

function lazily(names: Readonly<Record<string, string>>): Record<string, NativeOperator> {
  const table: Record<string, NativeOperator> = {};
  for (const [key, name] of Object.entries(names)) {
    table[key] = (...args) => {
      const found = engine().operator(name);
      table[key] = found;
      return found(...args);
    };
  }
  return table;
}
