/** Where a verb prints: results on standard output, everything else on standard error. */
export interface Output {
  /** True with --json: results are then JSON, one value a line, and nothing else. */
  readonly isJson: boolean;
  /** A line of the result, for people; silent with --json. */
  line(text: string): void;
  /** A value of the result, for machines; silent without --json. */
  json(value: unknown): void;
  /** A remark that is not part of the result. */
  note(text: string): void;
}

interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

export function createOutput({ stdout, stderr }: Streams, { isJson = false } = {}): Output {
  return {
    isJson,
    line: (text) => {
      if (!isJson) stdout.write(`${text}\n`);
    },
    json: (value) => {
      if (isJson) stdout.write(`${JSON.stringify(value)}\n`);
    },
    note: (text) => {
      stderr.write(`${text}\n`);
    },
  };
}
