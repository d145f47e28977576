//! gzip and zlib streams, through libdeflate: it decodes into a buffer of known size, two to three
//! times as fast as zlib.

use libdeflater::{CompressionLvl, Compressor, DecompressionError, Decompressor};

#[derive(Clone, Copy, Debug)]
pub enum Wrapper {
    Gzip,
    Zlib,
}

/// Decodes one stream, which must fill `out` exactly; its checksum is verified.
pub fn decode(
    decompressor: &mut Decompressor,
    wrapper: Wrapper,
    stored: &[u8],
    out: &mut [u8],
) -> Result<(), String> {
    let expected = out.len();
    let found = match wrapper {
        Wrapper::Gzip => decompressor.gzip_decompress(stored, out),
        Wrapper::Zlib => decompressor.zlib_decompress(stored, out),
    };
    match found {
        Ok(bytes) if bytes == expected => Ok(()),
        Ok(bytes) => Err(format!("expected {expected} decoded bytes, found {bytes}")),
        Err(DecompressionError::InsufficientSpace) => {
            Err(format!("expected {expected} decoded bytes, found more"))
        }
        Err(DecompressionError::BadData) => Err("expected a deflate stream, found damage".into()),
    }
}

pub fn encode(wrapper: Wrapper, level: i32, plain: &[u8]) -> Result<Vec<u8>, String> {
    let level = CompressionLvl::new(level).map_err(|_| format!("deflate level {level}"))?;
    let mut compressor = Compressor::new(level);
    let room = match wrapper {
        Wrapper::Gzip => compressor.gzip_compress_bound(plain.len()),
        Wrapper::Zlib => compressor.zlib_compress_bound(plain.len()),
    };
    let mut stored = vec![0; room];
    let written = match wrapper {
        Wrapper::Gzip => compressor.gzip_compress(plain, &mut stored),
        Wrapper::Zlib => compressor.zlib_compress(plain, &mut stored),
    };
    stored.truncate(written.map_err(|error| format!("deflate: {error}"))?);
    Ok(stored)
}
