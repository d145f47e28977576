import { sizesOf, type Transform, type Views } from "./views.ts";

/**
 * Makes channels 0, each with `probability`; of a sample that would lose all of them one is kept, each
 * equally likely. The clean image keeps them: they are to be predicted.
 */
export function channelDropout(
  name: string,
  { probability }: { readonly probability: number },
): Transform {
  return {
    name,
    apply(views, { rows }) {
      const { C } = sizesOf(views);
      const dropped = rows.map((stream) => {
        const kept = stream.integer(0, C); // always drawn, so that the others do not depend on it
        const isDropped = Array.from({ length: C }, () => stream.uniform() < probability);
        if (isDropped.every(Boolean)) isDropped[kept] = false;
        return isDropped;
      });
      return dropChannels(views, dropped);
    },
  };
}

/** @param dropped - [B C] */
export function dropChannels(views: Views, dropped: readonly (readonly boolean[])[]): Views {
  if (!dropped.flat().includes(true)) return views;
  const image = views.image.clone();
  dropped.forEach((channels, b) => {
    channels.forEach((isDropped, c) => {
      if (isDropped) image.select(0, b).select(-1, c).zero_();
    });
  });
  return { ...views, image };
}
