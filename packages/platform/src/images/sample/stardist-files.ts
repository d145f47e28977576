/** One file of the PyPI package stardist, and what it must be. */
export interface PinnedFile {
  readonly inWheel: string;
  readonly sha256: string;
}

/**
 * The annotated 3-D stack of nuclei that ships inside the PyPI package stardist 0.9.2: 31 x 61 x 57
 * voxels of an embryo, uint16, and the instances of its 51 nuclei. BSD-3-Clause, Uwe Schmidt and
 * Martin Weigert; see https://github.com/stardist/stardist.
 *
 * One wheel is asked for on every machine, whatever its Python: the images in it are the same.
 */
export const stardist = {
  requirement: "stardist==0.9.2",
  wheelTags: {
    platform: "manylinux_2_28_x86_64",
    pythonVersion: "3.11",
    implementation: "cp",
    abi: "cp311",
  },
  wheelSha256: "2316c0feb7bd5621e7a277cb3868df475c338943c591925c420ee3622c42f023",
  image: {
    inWheel: "stardist/data/images/img3d.tif",
    sha256: "f5626d500c7a738cd321698f43df36e2ac149d98456579c5cbcf8af48c7253e8",
  },
  mask: {
    inWheel: "stardist/data/images/mask3d.tif",
    sha256: "a2ff51b712941a90cf3a5628b11f04f5d7fa3f29c808c065d3be6ff938b215a1",
  },
} as const;
