/** The reason why a resolver cannot give a value. */
export class ResolverFault extends Error {
  /** What to do about it, where that is not the same for all references. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
