/**
 * Tables of a catalogue. `hypercube_view` adds the columns that the reference platform's view has,
 * under its names, for the two channels that it knows. Columns that older catalogues lack are added to
 * them; those had NULL for the blocks without a cell of a tile whose labels were looked at.
 */
export const schemaSql = `
CREATE TABLE IF NOT EXISTS tiles (
  prepared_id VARCHAR NOT NULL,
  tile_name VARCHAR NOT NULL,
  server_folder VARCHAR NOT NULL,
  output_folder VARCHAR NOT NULL,
  array_path VARCHAR NOT NULL,
  axes VARCHAR NOT NULL,
  labels_path VARCHAR,
  tracks_path VARCHAR,
  time_size INTEGER NOT NULL,
  z_size INTEGER NOT NULL,
  y_size INTEGER NOT NULL,
  x_size INTEGER NOT NULL,
  channel_size INTEGER NOT NULL,
  dtype VARCHAR NOT NULL,
  z_um DOUBLE,
  y_um DOUBLE,
  x_um DOUBLE,
  frame_interval_s DOUBLE,
  hpf DOUBLE,
  is_synthetic BOOLEAN NOT NULL,
  source VARCHAR NOT NULL,
  occupancy_thresholds DOUBLE[] NOT NULL,
  PRIMARY KEY (prepared_id, tile_name)
);
CREATE TABLE IF NOT EXISTS hypercubes (
  prepared_id VARCHAR NOT NULL,
  tile_name VARCHAR NOT NULL,
  time_start INTEGER NOT NULL,
  z_start INTEGER NOT NULL,
  y_start INTEGER NOT NULL,
  x_start INTEGER NOT NULL,
  time_size INTEGER NOT NULL,
  z_size INTEGER NOT NULL,
  y_size INTEGER NOT NULL,
  x_size INTEGER NOT NULL,
  occupancy_ratios DOUBLE[][] NOT NULL,
  cdf_80 DOUBLE[] NOT NULL,
  cdf_90 DOUBLE[] NOT NULL,
  cdf_95 DOUBLE[] NOT NULL,
  cdf_99 DOUBLE[] NOT NULL
);
ALTER TABLE tiles ADD COLUMN IF NOT EXISTS "exists" BOOLEAN DEFAULT TRUE;
ALTER TABLE tiles ADD COLUMN IF NOT EXISTS exists_prfs BOOLEAN DEFAULT TRUE;
ALTER TABLE tiles ADD COLUMN IF NOT EXISTS exists_aws BOOLEAN DEFAULT TRUE;
ALTER TABLE tiles ADD COLUMN IF NOT EXISTS exists_oak BOOLEAN DEFAULT TRUE;
ALTER TABLE hypercubes ADD COLUMN IF NOT EXISTS min_occupancy DOUBLE[];
ALTER TABLE hypercubes ADD COLUMN IF NOT EXISTS mask_bbox_dict VARCHAR;
UPDATE hypercubes SET mask_bbox_dict = '{}' WHERE mask_bbox_dict IS NULL
  AND (prepared_id, tile_name) IN (SELECT (prepared_id, tile_name) FROM hypercubes WHERE mask_bbox_dict <> '{}')
  AND (prepared_id, tile_name) IN (SELECT (prepared_id, tile_name) FROM tiles WHERE labels_path IS NOT NULL);
CREATE OR REPLACE VIEW rois AS
SELECT prepared_id, count(*) AS num_tiles, min(hpf) AS hpf, bool_and(is_synthetic) AS is_synthetic,
  any_value(server_folder) AS server_folder, any_value(output_folder) AS output_folder
FROM tiles GROUP BY prepared_id;
CREATE OR REPLACE VIEW hypercube_view AS
SELECT h.*, t.server_folder, t.output_folder, t.array_path, t.axes, t.labels_path, t.channel_size, t.dtype,
  t.hpf, t.is_synthetic, t."exists", t.exists_prfs, t.exists_aws, t.exists_oak,
  t.time_size AS tile_time_size, t.z_size AS tile_z_size, t.y_size AS tile_y_size,
  t.x_size AS tile_x_size, t.channel_size AS tile_channel_size,
  CASE WHEN h.z_size = h.y_size AND h.y_size = h.x_size THEN h.x_size END AS cube_size,
  CAST(map_from_entries(list_transform(range(t.channel_size), lambda c: {'k': CAST(c AS VARCHAR), 'v': {
    'histogram': map {'80.0': cdf_80[c + 1], '90.0': cdf_90[c + 1], '95.0': cdf_95[c + 1], '99.0': cdf_99[c + 1]},
    'mask_bbox_dict': CAST(mask_bbox_dict AS JSON) -> CAST(c AS VARCHAR)}})) AS JSON) AS pc_metadata_json,
  occupancy_ratios[1] AS occupancy_ratios_ch_0, occupancy_ratios[2] AS occupancy_ratios_ch_1,
  list_min(occupancy_ratios[1]) AS min_occupancy_ratios_ch_0,
  list_min(occupancy_ratios[2]) AS min_occupancy_ratios_ch_1,
  list_avg(occupancy_ratios[1]) AS mean_occupancy_ratios_ch_0,
  list_avg(occupancy_ratios[2]) AS mean_occupancy_ratios_ch_1,
  cdf_80[1] AS cdf_80_ch_0, cdf_90[1] AS cdf_90_ch_0, cdf_95[1] AS cdf_95_ch_0, cdf_99[1] AS cdf_99_ch_0,
  cdf_80[2] AS cdf_80_ch_1, cdf_90[2] AS cdf_90_ch_1, cdf_95[2] AS cdf_95_ch_1, cdf_99[2] AS cdf_99_ch_1
FROM hypercubes h JOIN tiles t USING (prepared_id, tile_name);
`;
