/** The value at a dotted path, list places included; undefined when there is none. */
export function valueAt(root: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Readonly<Record<string, unknown>>)[key];
  }, root);
}

/** The same with a value at a path of keys; what is on the way must be there. */
export function withValueAt<T>(root: T, path: string, value: unknown): T {
  const [key = "", ...rest] = path.split(".");
  const record = root as Readonly<Record<string, unknown>>;
  const child = rest.length === 0 ? value : withValueAt(record[key], rest.join("."), value);
  return { ...record, [key]: child } as T;
}

/** Neither null nor left out. */
export const isGiven = <T>(value: T): value is NonNullable<T> =>
  value !== undefined && value !== null;

export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
