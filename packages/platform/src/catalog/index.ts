export { checkRun } from "./check-run.ts";
export { trainRun } from "./train-run.ts";
