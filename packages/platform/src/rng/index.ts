export { type Key, philox4x32, philoxInto } from "./philox.ts";
export { RandomStream } from "./random-stream.ts";
