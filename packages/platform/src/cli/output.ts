import { Redactor } from "../secrets/index.ts";
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
  const redactor = new Redactor(process.env);
  return {
    isJson,
    line: (text) => {
      if (!isJson) stdout.write(`${redactor.hide(text)}\n`);
    },
    json: (value) => {
      const shown = redactor.hideIn(value);
      onResult(shown);
      if (isJson) stdout.write(`${jsonText(shown)}\n`);
    },
    note: (text) => {
      stderr.write(`${redactor.hide(text)}\n`);
    },
  };
}
