import { CellError, type ExitCode } from "../../errors/index.ts";
import type { Output } from "../output.ts";

/**
 * Does the same for each of several images. One that is damaged, or is none, is told of, and the
 * others are done; the exit code is then 3. Of a single image, its error is the verb's.
 */
export async function eachImage(
  paths: readonly string[],
  output: Output,
  act: (path: string, number: number) => Promise<void>,
): Promise<ExitCode> {
  let failures = 0;
  const hints = new Set<string>();
  for (const [number, path] of paths.entries()) {
    try {
      await act(path, number);
    } catch (error) {
      if (paths.length === 1 || !isOfImage(error)) throw error;
      failures += 1;
      output.json({ path, outcome: "failed", code: error.code, message: error.message });
      output.note(`${path}: ${error.code}: ${error.message}`);
      hints.add(error.hint);
    }
  }
  if (failures === 0) return 0;
  const isAll = failures === paths.length;
  output.note(
    isAll
      ? `all ${failures} images failed`
      : `${failures} of ${paths.length} images failed; the others are done`,
  );
  for (const hint of hints) output.note(`hint:  ${hint}`);
  return 3;
}

function isOfImage(error: unknown): error is CellError {
  const isOurs = error instanceof CellError && /^(DATA|TIFF|ZARR|NGFF)_/.test(error.code);
  return isOurs && error.code !== "DATA_WRITE";
}
