export { CellError } from "@cell-observatory/engine/errors";
export { type ExitCode, exitCodeOf, exitCodeOfCode } from "./exit-code.ts";
export { formatError } from "./format-error.ts";
export { explained } from "./system-error.ts";
