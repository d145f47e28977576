/** What a file is called while this process writes it; a rename then gives it its name. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}.tmp`;
}

/** The process that a temporary file belongs to; null when the name is not of one. */
export function ownerOfTemporary(name: string): number | null {
  const [, pid] = /\.(\d+)\.tmp$/.exec(name) ?? [];
  return pid === undefined ? null : Number(pid);
}
