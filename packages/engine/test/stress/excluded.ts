export function isExcluded(_name: string): boolean {
  return false;
}
