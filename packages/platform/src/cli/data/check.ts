import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../usage-error.ts";
import { verb } from "../verb.ts";
import { catalogueFile } from "./data-folder.ts";
import { taskProgress } from "./task-progress.ts";

/** Findings that are printed of each image; the report has all. */
const mostLines = 10;

export const checkVerb = verb({
  name: "check",
  summary: "read every chunk of images, and say what is damaged, missing or odd",
  description: [
    "Checks the images of the catalogue, or those in PATH, with their labels. Faults are damaged chunks and metadata, voxels that are no numbers, labels of another shape, and boxes of the catalogue (mask_bbox_dict) that the labels do not have. Remarks are missing chunks (their fill value), planes of one value, planes that are too bright for the camera, and labels where the image has no voxels.",
    "It ends with 0 when there is no fault, and else with 3. --quarantine writes the parts at fault to a file that training leaves out: datasets.databases.quarantine_path=FILE. A check that was stopped goes on where it was with the same command.",
  ].join("\n"),
  examples: [
    "cello data check",
    "cello data check data/mine --report check.json --quarantine quarantine.json",
  ],
  flags: {
    catalogue: {
      kind: "text",
      value: "FILE",
      help: "the catalogue; else catalogue.duckdb in DATA_DIR, or in data/",
    },
    report: { kind: "text", value: "FILE", help: "all that was found, as JSON" },
    quarantine: { kind: "text", value: "FILE", help: "parts that must not be trained on, as JSON" },
    strict: { kind: "switch", help: "notes count as faults" },
  },
  operands: [
    {
      name: "PATH",
      help: "an image, or a folder of images; else the catalogue's",
      isOptional: true,
    },
  ],
  async run({ flags, operands: [path], signal, output }) {
    const { catalogueImages, checkImages, imagesAt, isFault, scansOf, writeQuarantine } =
      await import("../../images/index.ts");
    const { replaceFile } = await import("../../telemetry/index.ts");
    const catalogue = flags.catalogue ?? catalogueFile();
    const images = path === undefined ? await catalogueImages(catalogue) : await imagesAt(path);
    if (images.length === 0) {
      throw new UsageError(`there is no image in ${path ?? catalogue}`, "Name a folder of images.");
    }
    const progressPath =
      path === undefined
        ? `${scansOf(catalogue)}/check.jsonl`
        : flags.report === undefined
          ? null
          : `${flags.report}.progress`;
    for (const file of [progressPath, flags.report, flags.quarantine]) {
      if (file) mkdirSync(dirname(file), { recursive: true });
    }
    const say = await taskProgress(output);
    const reports = [];
    let [numFaults, numRemarks, chunks] = [0, 0, 0];
    const options = { progressPath, signal, onProgress: say };
    for await (const report of checkImages(images, options)) {
      reports.push(report);
      const faults = report.findings.filter(isFault);
      numFaults += faults.length;
      numRemarks += report.findings.length - faults.length;
      chunks += report.chunks;
      output.json({ path: report.path, chunks: report.chunks, findings: report.findings });
      const state =
        report.findings.length === 0 ? "nothing wrong" : counted(faults.length, "fault");
      output.line(`${report.path}: ${report.chunks} chunks read, ${state}`);
      const inOrder = [...faults, ...report.findings.filter((finding) => !isFault(finding))];
      for (const finding of inOrder.slice(0, mostLines)) {
        const where = [finding.array, finding.chunk && `chunk ${finding.chunk.join("/")}`];
        const place = where.filter(Boolean).join(", ");
        const word = isFault(finding) ? "FAULT" : "note ";
        output.line(`  ${word} ${finding.kind}  ${place}${place ? ": " : ""}${finding.reason}`);
      }
      const more = inOrder.length - mostLines;
      if (more > 0) output.line(`  and ${more} more${flags.report ? ` in ${flags.report}` : ""}`);
    }
    if (flags.report !== undefined) {
      const summary = { images: reports.length, chunks, faults: numFaults, remarks: numRemarks };
      const text = JSON.stringify({ version: 1, summary, images: reports }, null, 1);
      replaceFile(flags.report, `${text}\n`);
      output.line(`report      ${flags.report}`);
    }
    if (flags.quarantine !== undefined) {
      const parts = writeQuarantine(flags.quarantine, reports, { isStrict: flags.strict });
      output.line(`quarantine  ${flags.quarantine}: ${counted(parts, "part")}`);
    }
    const read = `${counted(reports.length, "image")}, ${counted(chunks, "chunk")}`;
    output.line(`${read}: ${counted(numFaults, "fault")}, ${counted(numRemarks, "note")}`);
    return numFaults > 0 || (flags.strict && numRemarks > 0) ? 3 : 0;
  },
});

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;
