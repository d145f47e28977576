import { engine, type Opaque } from "./binding.ts";
import type { Device } from "./device.ts";

/** A source of random numbers whose state can be read and restored. */
export class Generator {
  /** What operators take as their `generator`. */
  readonly handle: Opaque;
  readonly device: Device;

  constructor(seed: number | bigint, device: Device = "cpu", handle?: Opaque) {
    this.handle = handle ?? engine().makeGenerator(seed, device);
    this.device = device;
  }

  /** The seed that the stream began with. */
  get seed(): number | bigint {
    return engine().generatorSeed(this.handle);
  }

  /** Begins the stream of another seed. */
  manualSeed(seed: number | bigint): void {
    engine().seedGenerator(this.handle, seed);
  }

  /** Where the stream is: bytes for {@link setState}, on the same kind of device. */
  state(): Uint8Array<ArrayBuffer> {
    const slot = engine().generatorState(this.handle);
    const copy = new Uint8Array(engine().numElements(slot));
    engine().copyOut(slot, 0, copy);
    engine().release(slot);
    return copy;
  }

  setState(state: Uint8Array): void {
    const slot = engine().fromBytes(state, 0, [state.length]);
    try {
      engine().setGeneratorState(this.handle, slot);
    } finally {
      engine().release(slot);
    }
  }
}

/** Seeds the default generator of every device. */
export function manualSeed(seed: number | bigint): void {
  engine().manualSeed(seed);
}

/** The generator that operators draw from when they are given none. */
export function defaultGenerator(device: Device = "cpu"): Generator {
  return new Generator(0, device, engine().defaultGenerator(device));
}
