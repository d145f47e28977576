import type { ZYX } from "./cell.ts";
import { depthIn, type Ellipsoid, type Embryo } from "./embryo.ts";

interface Ball {
  readonly place: [z: number, y: number, x: number];
  readonly radiusUm: number;
}

/**
 * One step that moves overlapping balls apart and keeps them in the tissue. Neighbours are found
 * through a grid, so that a step costs in proportion to the number of balls.
 */
export function pushApart(balls: readonly Ball[], embryo: Embryo): void {
  if (balls.length === 0) return;
  const rooms = new Rooms(balls);
  balls.forEach((ball, index) => {
    rooms.visitAround(index, (other) => {
      const neighbour = balls[other];
      if (other > index && neighbour) separate(ball, neighbour);
    });
  });
  for (const ball of balls) confine(ball, embryo);
}

/** Which balls stand in which cube of space; a cube is as wide as balls can touch. */
class Rooms {
  readonly #rooms = new Map<number, number[]>();
  readonly #keys: readonly number[];
  readonly #steps: readonly number[];

  constructor(balls: readonly Ball[]) {
    const edge = 2.4 * balls.reduce((most, { radiusUm }) => Math.max(most, radiusUm), 0);
    const places = balls.map(({ place }) => place.map((at) => Math.floor(at / edge)));
    const along = (axis: number) => places.map((place) => place[axis] ?? 0);
    const low = [0, 1, 2].map((axis) => along(axis).reduce((a, b) => Math.min(a, b)) - 1);
    const high = [0, 1, 2].map((axis) => along(axis).reduce((a, b) => Math.max(a, b)) + 1);
    const width = [0, 1, 2].map((axis) => (high[axis] ?? 0) - (low[axis] ?? 0) + 1);
    const [, byZ = 1, byY = 1] = width;
    const strides = [byZ * byY, byY, 1];
    this.#keys = places.map((place) =>
      place.reduce((key, at, axis) => key + (at - (low[axis] ?? 0)) * (strides[axis] ?? 1), 0),
    );
    this.#keys.forEach((key, index) => {
      const room = this.#rooms.get(key);
      if (room) room.push(index);
      else this.#rooms.set(key, [index]);
    });
    const ways = [-1, 0, 1];
    this.#steps = ways.flatMap((z) =>
      ways.flatMap((y) => ways.map((x) => z * byZ * byY + y * byY + x)),
    );
  }

  /** Visits the balls in the room of ball `index` and in the 26 around it, in a fixed order. */
  visitAround(index: number, visit: (other: number) => void): void {
    const key = this.#keys[index] ?? 0;
    for (const step of this.#steps) {
      const room = this.#rooms.get(key + step);
      if (room) for (const other of room) visit(other);
    }
  }
}

/** Takes away a third of what two balls, with a little room around each, overlap. */
function separate(a: Ball, b: Ball): void {
  const dz = b.place[0] - a.place[0];
  const dy = b.place[1] - a.place[1];
  const dx = b.place[2] - a.place[2];
  const distance = Math.sqrt(dz * dz + dy * dy + dx * dx) + 1e-9;
  const overlap = 1.12 * (a.radiusUm + b.radiusUm) - distance;
  if (overlap <= 0) return;
  const push = overlap / 6 / distance;
  a.place[0] -= push * dz;
  a.place[1] -= push * dy;
  a.place[2] -= push * dx;
  b.place[0] += push * dz;
  b.place[1] += push * dy;
  b.place[2] += push * dx;
}

function confine(ball: Ball, { body, cavity }: Embryo): void {
  const depth = depthIn(body, ball.place);
  if (depth > 0.96) rescale(ball, body, 0.96 / depth);
  const hollow = depthIn(cavity, ball.place);
  if (hollow < 1.1) rescale(ball, cavity, 1 + 0.3 * (1.1 / Math.max(hollow, 0.1) - 1));
}

function rescale({ place }: Ball, { centreUm }: Ellipsoid, factor: number): void {
  const centre: ZYX = centreUm;
  for (let axis = 0; axis < 3; axis++) {
    const middle = centre[axis] ?? 0;
    place[axis] = middle + factor * ((place[axis] ?? 0) - middle);
  }
}
