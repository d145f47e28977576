import type { CountPairs } from "./histogram.ts";

/** Whole numbers in as few bytes as they need, seven bits in each. */
export class PackedNumbers {
  bytes: Buffer = Buffer.alloc(4096);
  at = 0;

  put(value: number): void {
    if (this.at + 8 > this.bytes.length) {
      this.bytes = Buffer.concat([this.bytes, Buffer.alloc(this.bytes.length)]);
    }
    let rest = value;
    while (rest >= 128) {
      this.bytes[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.at++] = rest;
  }

  putText(text: string): void {
    const bytes = Buffer.from(text);
    this.put(bytes.length);
    this.bytes = Buffer.concat([this.bytes.subarray(0, this.at), bytes, Buffer.alloc(4096)]);
    this.at += bytes.length;
  }

  putHistogram(histogram: CountPairs): void {
    this.put(histogram.length);
    let before = 0;
    for (let i = 0; i < histogram.length; i += 2) {
      const value = histogram[i] ?? 0;
      this.put(value - before);
      this.put(histogram[i + 1] ?? 0);
      before = value;
    }
  }

  take(): number {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }

  takeText(): string {
    const length = this.take();
    this.at += length;
    return this.bytes.toString("utf8", this.at - length, this.at);
  }

  takeHistogram(): CountPairs {
    const pairs = new Uint32Array(this.take());
    let value = 0;
    for (let i = 0; i < pairs.length; i += 2) {
      value += this.take();
      pairs[i] = value;
      pairs[i + 1] = this.take();
    }
    return pairs;
  }
}
