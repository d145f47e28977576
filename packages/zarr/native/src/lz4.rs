use std::ffi::c_int;

/// numcodecs writes the decoded length before the block.
const LENGTH_BYTES: usize = 4;

/// Decodes a block, which must fill `out` exactly.
pub fn decode(stored: &[u8], out: &mut [u8]) -> Result<(), String> {
    let expected = out.len();
    let (Ok(from), Ok(to)) = (c_int::try_from(stored.len()), c_int::try_from(expected)) else {
        return Err(too_large(expected));
    };
    // SAFETY: pointers and lengths are those of the slices; the safe decoder stays inside of both.
    let found = unsafe {
        lz4_sys::LZ4_decompress_safe(stored.as_ptr().cast(), out.as_mut_ptr().cast(), from, to)
    };
    if found != to {
        return Err(format!("expected {expected} bytes from lz4, found {found}"));
    }
    Ok(())
}

/// Decodes what `encode` wrote.
pub fn decode_sized(stored: &[u8], out: &mut [u8]) -> Result<(), String> {
    let length = stored.first_chunk::<LENGTH_BYTES>().map(|bytes| u32::from_le_bytes(*bytes));
    if length.map(|length| length as usize) != Some(out.len()) {
        return Err(format!("expected an lz4 length of {}, found {length:?}", out.len()));
    }
    decode(&stored[LENGTH_BYTES..], out)
}

/// A block with its decoded length before it.
pub fn encode(plain: &[u8]) -> Result<Vec<u8>, String> {
    let length = c_int::try_from(plain.len()).map_err(|_| too_large(plain.len()))?;
    // SAFETY: it only computes.
    let room = unsafe { lz4_sys::LZ4_compressBound(length) };
    let mut stored = vec![0; LENGTH_BYTES + room as usize];
    stored[..LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
    let target = stored[LENGTH_BYTES..].as_mut_ptr().cast();
    // SAFETY: pointers and lengths are those of the slices.
    let written =
        unsafe { lz4_sys::LZ4_compress_default(plain.as_ptr().cast(), target, length, room) };
    if written <= 0 {
        return Err(too_large(plain.len()));
    }
    stored.truncate(LENGTH_BYTES + written as usize);
    Ok(stored)
}

fn too_large(bytes: usize) -> String {
    format!("expected less than 2 GiB for lz4, found {bytes} bytes")
}
