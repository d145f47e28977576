#!/bin/sh
# Builds the addon into .cello/build/zarr/zarr.node. The rename makes it whole or absent.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out="$here/../../../.cello/build/zarr"
mkdir -p "$out"
nice cargo build --release --locked \
  --manifest-path "$here/Cargo.toml" --target-dir "$out/target"
library="$out/target/release/libcell_observatory_zarr.so"
[ -f "$library" ] || library="$out/target/release/libcell_observatory_zarr.dylib"
cp "$library" "$out/zarr.node.$$"
mv "$out/zarr.node.$$" "$out/zarr.node"
