import { engine, type Opaque } from "./binding.ts";
import type { Device } from "./device.ts";
import type { Tensor } from "./tensor.ts";

/** A point in a device's work, set anew by each record. On the CPU it is passed at once. */
export class DeviceEvent {
  readonly handle: Opaque;

  constructor(device: Device) {
    this.handle = engine().makeEvent(device);
  }

  /** Puts the point behind all that operators were asked for so far. */
  record(): void {
    engine().recordEvent(this.handle);
  }

  /** Operators that are asked for from now on wait for the point, on the device: nobody else does. */
  precede(): void {
    engine().awaitEvent(this.handle);
  }

  /** Whether the device is beyond it; also when nothing was recorded yet. Never waits. */
  get isPassed(): boolean {
    return engine().isEventPassed(this.handle);
  }
}

/**
 * Copies to a device that go on beside what it computes. Neither order is kept by itself: say what a
 * copy comes `after`, and let its `copied` {@link DeviceEvent.precede} the first use.
 *
 *     stream.copy(target, source, { after: lastUse, copied });
 *     copied.precede(); // then operators may read the target
 *
 * On the CPU a copy is over when the call returns.
 */
export class CopyStream {
  readonly device: Device;
  readonly #handle: Opaque;

  constructor(device: Device) {
    this.device = device;
    this.#handle = engine().makeCopyStream(device);
  }

  newEvent(): DeviceEvent {
    return new DeviceEvent(this.device);
  }

  /**
   * Gives a copy to the device, behind `after`. Until `copied` is passed the memory of `source` must
   * stay as it is. The call returns at once where that is page-locked (see {@link PageLock}); where
   * it is not, once the memory was read.
   *
   * @param source - on the CPU, contiguous, of the target's shape and dtype.
   * @throws EngineError when tensors do not fit each other.
   */
  copy(
    target: Tensor,
    source: Tensor,
    { after, copied }: { readonly after: DeviceEvent | null; readonly copied: DeviceEvent },
  ): void {
    const behind = after?.handle ?? null;
    engine().copyToDevice(target.slot, source.slot, this.#handle, behind, copied.handle);
  }
}
