import { DataError } from "../../images/index.ts";

/** Neighbouring channels of an image, which are read together. */
export interface ChannelRun {
  /** In the image. */
  readonly first: number;
  count: number;
  /** In a sample. */
  readonly at: number;
}

/** What is read of an image's channels. */
export interface ChannelPlan {
  readonly runs: readonly ChannelRun[];
  /** Channels of a sample that the image has. */
  readonly numValid: number;
  /** The one with the labels; null: labels are not in a channel. */
  readonly labels: number | null;
}

export interface WantedChannels {
  /** Channels of the image to read, in this order; null: all but that of the labels. */
  readonly channels: readonly number[] | null;
  /** Channels of a sample. */
  readonly numChannels: number;
  /** Channel with instance labels, from the last for a number below 0; null: none. */
  readonly labelChannel: number | null;
  /**
   * An image with fewer channels: an error, or zeros in place of the others. Where labels are in a
   * channel counted from the last, it is an error: that one may be what lacks.
   */
  readonly missingChannels: "error" | "zero";
}

/** @throws {@link DataError} DATA_SHAPE when the image's channels are not those that are wanted. */
export function planChannels(path: string, inImage: number, wanted: WantedChannels): ChannelPlan {
  const { channels, numChannels, labelChannel, missingChannels } = wanted;
  const refuse = (expected: string) =>
    new DataError(
      "DATA_SHAPE",
      `${path} has ${inImage} channels; the data set expects ${expected}`,
    );
  const labels = labelChannel !== null && labelChannel < 0 ? inImage + labelChannel : labelChannel;
  if (labels !== null && (labels < 0 || labels >= inImage)) {
    throw refuse(`labels in channel ${labelChannel}`);
  }
  const least = numChannels + 1;
  const isFromLast = labelChannel !== null && labelChannel < 0;
  if (isFromLast && missingChannels === "zero" && channels === null && inImage < least) {
    throw refuse(`${least}, to tell which of them is the last`);
  }
  const all = Array.from({ length: inImage }, (_, channel) => channel);
  const listed = channels ?? all.filter((channel) => channel !== labels);
  if (labels !== null && listed.includes(labels)) {
    const message = `channel ${labels} of ${path} holds the labels, and is among those of the image`;
    const hint = "Leave it out of datasets.channels_subset.";
    throw new DataError("DATA_SHAPE", message, { hint });
  }
  const present = listed.filter((channel) => channel < inImage);
  const isWhole = present.length === numChannels && present.length === listed.length;
  const mayLack = missingChannels === "zero" && present.length < numChannels && present.length > 0;
  if (!isWhole && !mayLack) {
    const beside = labels === null ? "" : " beside the labels";
    throw refuse(channels ? `channels ${channels.join(", ")}` : `${numChannels}${beside}`);
  }
  if (present.some((channel, at) => channel !== listed[at])) {
    throw refuse(`channels ${listed.join(", ")}, and only the last ones may lack`);
  }
  return { runs: runsOf(present), numValid: present.length, labels };
}

function runsOf(channels: readonly number[]): readonly ChannelRun[] {
  const runs: ChannelRun[] = [];
  channels.forEach((channel, at) => {
    const last = runs.at(-1);
    if (last && channel === last.first + last.count) last.count += 1;
    else runs.push({ first: channel, count: 1, at });
  });
  return runs;
}

/** A run as parts of which each has chunks of its own: `chunkSize` channels lie in one. */
export function apart({ first, count, at }: ChannelRun, chunkSize: number): readonly ChannelRun[] {
  const parts: ChannelRun[] = [];
  for (let from = first; from < first + count; ) {
    const to = Math.min(first + count, (Math.floor(from / chunkSize) + 1) * chunkSize);
    parts.push({ first: from, count: to - from, at: at + from - first });
    from = to;
  }
  return parts;
}
