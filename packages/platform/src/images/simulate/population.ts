import { DataError } from "../errors.ts";
import type { Cell, ZYX } from "./cell.ts";
import { Draws } from "./draws.ts";
import { createEmbryo, depthIn, type Embryo, flowAt } from "./embryo.ts";
import type { MovieConfig } from "./movie-config.ts";
import { pushApart } from "./push-apart.ts";

/** A cell between frames: where it is, and where in its cycle. */
interface LivingCell {
  readonly id: number;
  readonly parent: number;
  readonly place: [z: number, y: number, x: number];
  readonly velocity: [z: number, y: number, x: number];
  readonly axis: ZYX;
  readonly radiusUm: number;
  readonly elongation: number;
  readonly brightness: number;
  /** Part of its own light that is left after a frame: some cells dim faster than they bleach. */
  readonly persistence: number;
  readonly cycleFrames: number;
  /** 0 at birth, 1 at division. */
  phase: number;
  light: number;
}

const substeps = 4;
/** Far more than an embryo has; each costs some hundred bytes, and time in every frame. */
const maxSites = 5_000_000;
const speedUm = 0.55;

/**
 * The nuclei of every frame, in order. Cells drift with the tissue and by themselves, push each
 * other apart, round up, brighten and flatten before they divide, and dim.
 */
export function* populate(config: MovieConfig): Generator<readonly Cell[], void, undefined> {
  const embryo = createEmbryo(config);
  const draws = new Draws(config.seed, "simulated cells");
  let cells = settle(embryo, config, draws);
  let nextId = cells.length + 1;
  const [numFrames] = config.shape;
  for (let frame = 0; frame < numFrames; frame++) {
    const bleached = Math.exp(-frame / config.bleach_frames);
    yield cells.map((cell) => appearance(cell, config, bleached));
    for (let step = 0; step < substeps; step++) {
      for (const cell of cells) move(cell, embryo, draws);
      pushApart(cells, embryo);
    }
    cells = cells.flatMap((cell) => {
      cell.phase += 1 / cell.cycleFrames;
      cell.light *= cell.persistence;
      if (cell.phase < 1) return [cell];
      nextId += 2;
      return divide(cell, [nextId - 2, nextId - 1], config, draws);
    });
  }
}

/** Puts cells on a jittered body-centred grid inside the tissue, and lets them find their room. */
function settle(embryo: Embryo, config: MovieConfig, draws: Draws): LivingCell[] {
  const { centreUm, radiiUm } = embryo.body;
  const pitch = config.nucleus_spacing_um * 1.26; // two cells a pitch cubed
  const cells: LivingCell[] = [];
  const reach = radiiUm.map((radius) => Math.ceil(radius / pitch) + 1);
  const [dz = 0, dy = 0, dx = 0] = reach;
  const numSites = (4 * dz + 1) * (2 * dy + 1) * (2 * dx + 1);
  if (!(numSites <= maxSites)) {
    throw new DataError(
      "DATA_SIMULATION",
      `a movie of ${config.shape.join(" x ")} voxels has room for ${numSites.toPrecision(3)} cells, more than ${maxSites.toPrecision(1)} are refused`,
      { hint: "Give a smaller shape or voxel size, or a larger nucleus_spacing_um." },
    );
  }
  for (let k = -2 * dz; k <= 2 * dz; k++) {
    for (let j = -dy; j <= dy; j++) {
      for (let i = -dx; i <= dx; i++) {
        const shift = k % 2 === 0 ? 0 : 0.5;
        const place: [number, number, number] = [
          centreUm[0] + pitch * (k / 2 + 0.17 * draws.normal()),
          centreUm[1] + pitch * (j + shift + 0.17 * draws.normal()),
          centreUm[2] + pitch * (i + shift + 0.17 * draws.normal()),
        ];
        if (depthIn(embryo.body, place) > 0.97 || depthIn(embryo.cavity, place) < 1.05) continue;
        cells.push(cellAt(place, { id: cells.length + 1, parent: 0 }, config, draws));
      }
    }
  }
  for (let step = 0; step < 12; step++) pushApart(cells, embryo);
  return cells;
}

interface Kin {
  readonly id: number;
  readonly parent: number;
  readonly mother?: LivingCell;
}

function cellAt(
  place: ZYX,
  { id, parent, mother }: Kin,
  config: MovieConfig,
  draws: Draws,
): LivingCell {
  const isDimming = draws.uniform() < 0.15;
  return {
    id,
    parent,
    place: [...place],
    velocity: [0, 0, 0],
    axis: draws.direction(),
    radiusUm: config.nucleus_radius_um * Math.exp(0.09 * draws.normal()),
    elongation: Math.exp(0.14 * draws.normal()),
    brightness: (mother?.brightness ?? 1) * Math.exp((mother ? 0.12 : 0.34) * draws.normal()),
    persistence: isDimming ? draws.uniform(0.93, 0.985) : 1,
    cycleFrames: config.cycle_frames * Math.exp(0.12 * draws.normal()),
    phase: mother ? 0 : draws.uniform(),
    light: mother?.light ?? draws.uniform(0.7, 1),
  };
}

/** A step of the walk: the tissue's flow, and a velocity that forgets itself in a few steps. */
function move(cell: LivingCell, embryo: Embryo, draws: Draws): void {
  const flow = flowAt(embryo, cell.place, speedUm);
  const isRounded = cell.phase > 0.93 || cell.phase < 0.03;
  for (let axis = 0; axis < 3; axis++) {
    const kick = isRounded ? 0 : 0.16 * draws.normal();
    const velocity = 0.8 * (cell.velocity[axis] ?? 0) + kick;
    cell.velocity[axis] = velocity;
    cell.place[axis] = (cell.place[axis] ?? 0) + ((flow[axis] ?? 0) + velocity) / substeps;
  }
}

function divide(
  cell: LivingCell,
  ids: readonly [number, number],
  config: MovieConfig,
  draws: Draws,
): LivingCell[] {
  const reach = 0.55 * cell.radiusUm;
  return ids.map((id, index) => {
    const sign = index === 0 ? reach : -reach;
    const place: ZYX = [
      cell.place[0] + sign * cell.axis[0],
      cell.place[1] + sign * cell.axis[1],
      cell.place[2] + sign * cell.axis[2],
    ];
    const daughter = cellAt(place, { id, parent: cell.id, mother: cell }, config, draws);
    // A daughter keeps her mother's axis, and leaves along it.
    const velocity: [number, number, number] = [0, 0, 0];
    for (let axis = 0; axis < 3; axis++)
      velocity[axis] = 0.8 * Math.sign(sign) * (cell.axis[axis] ?? 0);
    return { ...daughter, axis: cell.axis, velocity };
  });
}

/** How a cell looks in a frame: chromatin condenses to a bright plate, then two small plates grow. */
function appearance(cell: LivingCell, config: MovieConfig, bleached: number): Cell {
  const { phase, radiusUm, elongation } = cell;
  const grown = radiusUm * Math.cbrt(0.62 + 0.5 * phase);
  const plate = ramp(phase, 0.9, 0.97);
  const young = 1 - ramp(phase, 0, 0.1);
  const condensed = Math.max(plate, young);
  const size = grown * (1 - 0.14 * condensed) * (1 - 0.1 * young);
  return {
    id: cell.id,
    parent: cell.parent,
    centreUm: [...cell.place],
    axis: cell.axis,
    alongUm: size * (1 + condensed * (0.52 - 1)) * (1 + (1 - condensed) * (elongation - 1)),
    acrossUm: (size * (1 + 0.1 * condensed)) / Math.sqrt(1 + (1 - condensed) * (elongation - 1)),
    photons:
      config.signal_photons * cell.brightness * cell.light * bleached * (0.62 + 0.75 * condensed),
  };
}

/** 0 below `from`, 1 above `to`, and smooth between. */
function ramp(value: number, from: number, to: number): number {
  const part = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return part * part * (3 - 2 * part);
}
