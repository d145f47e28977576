import { hideSecrets } from "../secrets/index.ts";
import { jsonText } from "./json-text.ts";

/**
 * Where a verb prints: results on standard output, everything else on standard error. The values of
 * secret variables are taken out of all of it.
 */
export interface Output {
  /** True with --json: results are then JSON, one value a line, and nothing else. */
  readonly isJson: boolean;
  /** A line of the result, for people; silent with --json. */
  line(text: string): void;
  /** As {@link line}, of a text from which secrets were taken out before it was put together. */
  clean(text: string): void;
  /** A value of the result, for machines; silent without --json. */
  json(value: unknown): void;
  /** A remark that is not part of the result. */
  note(text: string): void;
}

interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

interface OutputOptions {
  readonly isJson?: boolean;
  /** Told of every result, whether it is printed or not. */
  onResult?(value: unknown): void;
}

export function createOutput(
  { stdout, stderr }: Streams,
  { isJson = false, onResult = () => {} }: OutputOptions = {},
): Output {
  const clean = (text: string) => {
    if (!isJson) stdout.write(`${text}\n`);
  };
  return {
    isJson,
    clean,
    line: (text) => clean(hideSecrets(text)),
    json: (value) => {
      const shown = hideSecrets(value); // by the variables as they are now: a verb may read more
      onResult(shown);
      if (isJson) stdout.write(`${jsonText(shown)}\n`);
    },
    note: (text) => {
      stderr.write(`${hideSecrets(text)}\n`);
    },
  };
}
