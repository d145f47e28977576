import { dirname, join } from "node:path";

/**
 * Stack traces of a built program that name the lines of its sources. Node does so for modules and
 * not for scripts. The map is read when the first stack is looked at.
 *
 * @param {string} program its path; the map lies beside it
 * @returns {NonNullable<typeof Error.prepareStackTrace>}
 */
export function placesInSources(program) {
  /** @type {import("node:module").SourceMap | undefined} */
  let map;
  const inSource = (/** @type {string} */ whole, /** @type {string} */ at) => {
    const { readFileSync } = process.getBuiltinModule("node:fs");
    const { SourceMap } = process.getBuiltinModule("node:module");
    map ??= new SourceMap(JSON.parse(readFileSync(`${program}.map`, "utf8")));
    const [line = 0, column = 0] = at.split(":").map(Number);
    const origin = map.findOrigin(line, column);
    if (!("fileName" in origin)) return whole;
    return `${join(dirname(program), origin.fileName)}:${origin.lineNumber}:${origin.columnNumber}`;
  };
  const inProgram = new RegExp(`${RegExp.escape(program)}:(\\d+:\\d+)`, "g");
  return (error, frames) => {
    const lines = frames.map((frame) => `\n    at ${frame}`).join("");
    try {
      return `${error}${lines.replace(inProgram, inSource)}`;
    } catch {
      return `${error}${lines}`; // the map is gone; the trace is worth more than its lines
    }
  };
}
