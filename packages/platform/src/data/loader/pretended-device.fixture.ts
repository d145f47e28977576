import { keep, type Tensor } from "@cell-observatory/engine";
import type { CopyLane } from "./device-buffer.ts";

interface PretendedEvent {
  readonly number: number;
  isPassed: boolean;
  record(): void;
  precede(): void;
}

/**
 * A device that copies what it was asked to only when it is told to work, and notes what it was asked:
 * "used E" for an event behind its work, "copy E after F", "wait E".
 */
export class PretendedDevice implements CopyLane {
  readonly device = "cpu";
  readonly log: string[] = [];
  readonly #copies: (() => void)[] = [];
  #numEvents = 0;

  newEvent(): PretendedEvent {
    const number = this.#numEvents++;
    return {
      number,
      isPassed: true,
      record: () => void this.log.push(`used ${number}`),
      precede: () => void this.log.push(`wait ${number}`),
    };
  }

  copy(
    target: Tensor,
    source: Tensor,
    { after, copied }: { after: PretendedEvent | null; copied: PretendedEvent },
  ): void {
    this.log.push(`copy ${copied.number}${after ? ` after ${after.number}` : ""}`);
    copied.isPassed = false;
    const [to, from] = [keep(target.detach()), keep(source.detach())]; // the memory outlives the caller's
    this.#copies.push(() => {
      to.copy_(from);
      copied.isPassed = true;
      for (const tensor of [to, from]) tensor.release();
    });
  }

  /** Does all that it was asked for. */
  work(): void {
    for (const copy of this.#copies.splice(0)) copy();
  }

  get hasWork(): boolean {
    return this.#copies.length > 0;
  }
}
