import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { Event, Scalars } from "./event.ts";
import type { EventWriter, OpenOptions } from "./writer.ts";

interface Subject {
  readonly name: string;
  open(folder: string, options: OpenOptions): EventWriter;
}

/** What every {@link EventWriter} that writes into a folder must do. */
export function writerSuite({ name, open }: Subject): void {
  const contents = (folder: string) =>
    Object.fromEntries(
      readdirSync(folder)
        .toSorted()
        .map((file) => [file, readFileSync(join(folder, file), "utf8")]),
    );
  const write = (folder: string, options: OpenOptions, events: readonly Event[]) => {
    const writer = open(folder, options);
    for (const event of events) writer.write(event);
    writer.close();
  };

  test(`${name}: what was written is in the files before write returns`, () => {
    inFolder((folder) => {
      const writer = open(folder, { resumeAt: null });
      writer.write(stepEvent(1, { loss: 0.5 }));
      assert.match(Object.values(contents(folder)).join(""), /0\.5/);
      writer.sync();
      writer.close();
    });
  });

  test(`${name}: writing in two sittings gives the same files as in one`, () => {
    inFolder((folder) => {
      const events = run(6);
      write(join(folder, "one"), { resumeAt: null }, events);
      write(join(folder, "two"), { resumeAt: null }, events.slice(0, 3));
      write(join(folder, "two"), { resumeAt: null }, events.slice(3));
      assert.deepEqual(contents(join(folder, "two")), contents(join(folder, "one")));
    });
  });

  test(`${name}: a run that crashed anywhere and went on from a save has the log of one that did not`, () => {
    const plan = fc.record({
      numSteps: fc.integer({ min: 1, max: 12 }),
      crashAfter: fc.integer({ min: 0, max: 12 }),
      saveEvery: fc.integer({ min: 1, max: 5 }),
      isEpochOpen: fc.boolean(),
      torn: fc.string({ maxLength: 20 }).map((text) => text.replaceAll("\n", "")),
    });
    inFolder((folder) => {
      let count = 0;
      fc.assert(
        fc.property(plan, ({ numSteps, crashAfter, saveEvery, isEpochOpen, torn }) => {
          const [whole, broken] = [join(folder, `${count}a`), join(folder, `${count++}b`)];
          const done = Math.min(crashAfter, numSteps);
          const step = Math.floor(done / saveEvery) * saveEvery;
          // after the last step of an epoch, the save may be of before the epoch's end, or after it
          const isBeforeEnd = isEpochOpen && step > 0 && step % 3 === 0;
          const epoch = Math.floor(step / 3) - Number(isBeforeEnd);
          const isLost = (event: Event) =>
            event.step > step || (isBeforeEnd && event.step === step && event.kind === "epoch");
          write(whole, { resumeAt: null }, run(numSteps));
          write(broken, { resumeAt: null }, run(done));
          for (const file of readdirSync(broken)) appendFileSync(join(broken, file), torn);
          write(broken, { resumeAt: { step, epoch } }, run(numSteps).filter(isLost));
          assert.deepEqual(contents(broken), contents(whole));
        }),
        { numRuns: 40 },
      );
    });
  });

  const cuts: readonly {
    readonly what: string;
    readonly isNoted: boolean;
    damage(bytes: Buffer): Buffer;
  }[] = [
    {
      what: "zero bytes at its end",
      isNoted: true,
      damage: (bytes) => Buffer.concat([bytes, Buffer.alloc(100_000)]),
    },
    {
      what: "zero bytes and the end of a row",
      isNoted: true,
      damage: (bytes) => Buffer.concat([bytes, Buffer.alloc(70_000), Buffer.from("75}\n")]),
    },
    {
      what: "zero bytes in a row that is written again",
      isNoted: false,
      damage: withoutLastRowButOne,
    },
  ];
  for (const { what, damage, isNoted } of cuts) {
    test(`${name}: a log that a power cut left with ${what} goes on from the save`, () => {
      inFolder((folder) => {
        const [whole, broken] = [join(folder, "a"), join(folder, "b")];
        for (const place of [whole, broken]) write(place, { resumeAt: null }, run(6));
        const files = readdirSync(broken).map((file) => join(broken, file));
        const damaged = files.filter((file) => readFileSync(file, "utf8").split("\n").length > 5);
        for (const file of damaged) writeFileSync(file, damage(readFileSync(file)));
        const notes: string[] = [];
        const note = (text: string) => void notes.push(text);
        const again = run(6).filter(({ step }) => step > 3);
        write(broken, { resumeAt: { step: 3, epoch: 1 }, note }, again);
        assert.deepEqual(contents(broken), contents(whole));
        assert.equal(notes.length, isNoted ? damaged.length : 0);
        for (const text of notes) assert.match(text, /power cut: its last \d+ bytes were cut/);
      });
    });
  }

  test(`${name}: zero bytes before rows that are to stay are no power cut's: the log is refused`, () => {
    inFolder((folder) => {
      write(folder, { resumeAt: null }, run(6));
      const files = readdirSync(folder).map((file) => join(folder, file));
      const damaged = files.filter((file) => readFileSync(file, "utf8").split("\n").length > 5);
      for (const file of damaged) writeFileSync(file, withoutLastRowButOne(readFileSync(file)));
      assert.throws(() => open(folder, { resumeAt: { step: 6, epoch: 2 } }), {
        code: "EVENTS_CORRUPT",
      });
    });
  });
}

function withoutLastRowButOne(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf("\n", bytes.length - 2);
  return Buffer.from(bytes).fill(0, bytes.lastIndexOf("\n", end - 1) + 1, end);
}

/** A run of `numSteps` steps, three an epoch; a scalar appears late, another is not finite. */
function run(numSteps: number): readonly Event[] {
  return Array.from({ length: numSteps }, (_, i) => i + 1).flatMap((step): readonly Event[] => {
    const late = step >= 4 ? { grad_norm: step / 7 } : {};
    const row = stepEvent(step, { loss: step === 5 ? Number.NaN : 1 / step, ...late });
    return step % 3 === 0 ? [row, { ...row, kind: "epoch" }] : [row];
  });
}

function stepEvent(step: number, scalars: Scalars): Extract<Event, { kind: "step" }> {
  const time = new Date(Date.UTC(2026, 0, 1, 0, 0, step)).toISOString();
  return { kind: "step", time, epoch: Math.floor((step - 1) / 3), step, scalars };
}

function inFolder(body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "writer-"));
  try {
    body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
