import { verb } from "../verb.ts";
import { catalogueFile } from "./data-folder.ts";

export const listVerb = verb({
  name: "list",
  summary: "print what a catalogue has",
  examples: ["cello data list", "cello data list --json"],
  flags: {
    catalogue: {
      kind: "text",
      value: "FILE",
      help: "the catalogue; else catalogue.duckdb in DATA_DIR, or in data/",
    },
  },
  operands: [],
  async run({ flags, signal, output }) {
    const { DuckDbDatabase } = await import("../../database/index.ts");
    await using database = await DuckDbDatabase.open({
      catalogue_path: flags.catalogue ?? catalogueFile(),
    });
    for await (const tile of database.tiles({ signal })) {
      const { prepared_id, tile_name, time_size, z_size, y_size, x_size, channel_size } = tile;
      output.json({ kind: "tile", ...tile });
      const shape = [time_size, z_size, y_size, x_size, channel_size].join(" x ");
      const [all] = (
        await database.explain({ roi_list: [prepared_id], tile_list: [tile_name] })
      ).slice(-1);
      const facts = [
        `${shape} ${tile.dtype}`,
        tile.is_synthetic ? "simulated" : "measured",
        ...(tile.labels_path === null ? [] : ["with labels"]),
        ...(tile.hpf === null ? [] : [`${tile.hpf} hpf`]),
        `${all?.remaining ?? 0} hypercubes`,
      ];
      output.line(`${prepared_id}/${tile_name}: ${facts.join(", ")}`);
    }
    for (const { shape, count } of await database.cubeShapes({ signal })) {
      output.json({ kind: "hypercubes", shape, count });
      output.line(`hypercubes of ${shape.join(" x ")} (T Z Y X): ${count}`);
    }
    return 0;
  },
});
