export { checkRun } from "./check-run.ts";
export { evaluateRun } from "./evaluate-run.ts";
export { errorLines, predictRun } from "./predict-run.ts";
export { queryOfRun } from "./query-of-run.ts";
export { saveRowsAhead } from "./rows-of-run.ts";
export { inSession } from "./session-of-job.ts";
export { showSample } from "./show-sample.ts";
export { trainRun } from "./train-run.ts";
