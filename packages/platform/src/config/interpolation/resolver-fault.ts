/** The reason why a resolver cannot give a value. */
export class ResolverFault extends Error {}
