export { hiddenError } from "./baselines/hidden-grid.ts";
export { writeCurve } from "./picture/write-curve.ts";
