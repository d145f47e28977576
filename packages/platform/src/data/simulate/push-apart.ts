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
  const edge = 2.4 * balls.reduce((most, { radiusUm }) => Math.max(most, radiusUm), 0);
  const rooms = new Map<string, number[]>();
  const roomOf = ({ place }: Ball) => place.map((at) => Math.floor(at / edge));
  balls.forEach((ball, index) => {
    const key = roomOf(ball).join();
    const room = rooms.get(key);
    if (room) room.push(index);
    else rooms.set(key, [index]);
  });
  balls.forEach((ball, index) => {
    const [k = 0, j = 0, i = 0] = roomOf(ball);
    for (let place = 0; place < 27; place++) {
      const key = [
        k + Math.floor(place / 9) - 1,
        j + (Math.floor(place / 3) % 3) - 1,
        i + (place % 3) - 1,
      ];
      for (const other of rooms.get(key.join()) ?? []) {
        const neighbour = balls[other];
        if (other > index && neighbour) separate(ball, neighbour);
      }
    }
  });
  for (const ball of balls) confine(ball, embryo);
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
