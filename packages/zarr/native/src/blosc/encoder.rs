use std::ffi::{CStr, c_int, c_void};

use super::header::HEADER_BYTES;

/// The compressor inside a frame, by the name that Zarr metadata gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compressor(&'static CStr);

impl Compressor {
    pub fn named(name: &str) -> Option<Self> {
        let known = [c"blosclz", c"lz4", c"lz4hc", c"snappy", c"zlib", c"zstd"];
        known.into_iter().find(|known| known.to_bytes() == name.as_bytes()).map(Self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shuffle {
    None = 0,
    Bytes = 1,
    Bits = 2,
}

/// Compresses `plain` into one frame, on the calling thread. `block` 0 lets c-blosc choose.
pub fn encode(
    plain: &[u8],
    compressor: Compressor,
    level: u8,
    shuffle: Shuffle,
    element: usize,
    block: usize,
) -> Result<Vec<u8>, String> {
    let mut frame: Vec<u8> = vec![0; plain.len() + HEADER_BYTES];
    // SAFETY: pointers and lengths are those of the slices, and the name ends in a zero.
    let written = unsafe {
        blosc_src::blosc_compress_ctx(
            c_int::from(level),
            shuffle as c_int,
            element,
            plain.len(),
            plain.as_ptr().cast::<c_void>(),
            frame.as_mut_ptr().cast::<c_void>(),
            frame.len(),
            compressor.0.as_ptr(),
            block,
            1,
        )
    };
    let written = usize::try_from(written).ok().filter(|&bytes| bytes > 0);
    frame.truncate(written.ok_or_else(|| {
        format!("expected c-blosc to compress {} bytes, it gave up", plain.len())
    })?);
    Ok(frame)
}
