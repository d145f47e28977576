import { openGroup } from "@cell-observatory/zarr";

/** What OME-Zarr says of each instance: its class and the like, and the colour to draw it in. */
export interface ImageLabel {
  readonly properties?: readonly unknown[];
  readonly colors?: readonly unknown[];
}

/**
 * The `image-label` of a labels image in OME-Zarr, without what another image cannot take over;
 * null when it says nothing of instances.
 *
 * Source: ngff.openmicroscopy.org, specification 0.4 and 0.5, "labels".
 */
export async function readImageLabel(path: string): Promise<ImageLabel | null> {
  const { attributes } = await openGroup(path);
  const { "image-label": label } = Object(attributes.ome ?? attributes);
  const { properties, colors } = Object(label);
  const found = {
    ...(Array.isArray(properties) && { properties }),
    ...(Array.isArray(colors) && { colors }),
  };
  return Object.keys(found).length > 0 ? found : null;
}
