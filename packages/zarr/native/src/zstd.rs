use std::ffi::{CStr, c_void};
use std::ptr::NonNull;

use zstd_sys::{ZSTD_DCtx, ZSTD_cParameter};

/// A decoding context, to be reused: making one for each stream is what slows c-blosc down.
pub struct Zstd(NonNull<ZSTD_DCtx>);

// SAFETY: one thread at a time uses the context: every method that touches it takes `&mut self`.
unsafe impl Send for Zstd {}

impl Zstd {
    pub fn new() -> Self {
        // SAFETY: it takes nothing.
        let context = NonNull::new(unsafe { zstd_sys::ZSTD_createDCtx() });
        Self(context.expect("no memory for a zstd context"))
    }

    /// Decodes all of `stored`, which must fill `out` exactly; verifies its checksum if it has one.
    pub fn decode(&mut self, stored: &[u8], out: &mut [u8]) -> Result<(), String> {
        // SAFETY: pointers and lengths are those of the slices, which do not overlap.
        let found = checked(unsafe {
            zstd_sys::ZSTD_decompressDCtx(
                self.0.as_ptr(),
                out.as_mut_ptr().cast::<c_void>(),
                out.len(),
                stored.as_ptr().cast::<c_void>(),
                stored.len(),
            )
        })?;
        if found == out.len() { Ok(()) } else { Err(wrong_size(out.len(), found)) }
    }

    /// Decodes the first `needed` bytes at least, where the frame says that it has just the size of
    /// `out`, and has no checksum that would have to be verified over all of it.
    ///
    /// Block by block (128 KiB at most): `ZSTD_decompressStream` decodes all of a frame at once when
    /// there is room for it.
    pub fn decode_start(
        &mut self,
        stored: &[u8],
        out: &mut [u8],
        needed: usize,
    ) -> Result<(), String> {
        if needed == out.len() || has_checksum(stored) || !says_size(stored, out.len()) {
            return self.decode(stored, out);
        }
        let context = self.0.as_ptr();
        // SAFETY: the context is whole, whatever the last frame was.
        checked(unsafe { zstd_sys::ZSTD_decompressBegin(context) })?;
        let (mut read, mut written) = (0, 0);
        while written < needed {
            // SAFETY: as above.
            let length = unsafe { zstd_sys::ZSTD_nextSrcSizeToDecompress(context) };
            let Some(piece) = stored.get(read..).and_then(|rest| rest.get(..length)) else {
                return Err(format!("expected {length} more bytes of zstd, found the end"));
            };
            if length == 0 {
                return Err(wrong_size(needed, written)); // the frame has ended
            }
            let room = &mut out[written..];
            // SAFETY: as in `decode`; what was written before, which blocks refer to, lies right
            // before `room`, and stays as it was.
            written += checked(unsafe {
                zstd_sys::ZSTD_decompressContinue(
                    context,
                    room.as_mut_ptr().cast::<c_void>(),
                    room.len(),
                    piece.as_ptr().cast::<c_void>(),
                    length,
                )
            })?;
            read += length;
        }
        Ok(())
    }
}

impl Drop for Zstd {
    fn drop(&mut self) {
        // SAFETY: nobody else has the context, and it is used no more.
        unsafe { zstd_sys::ZSTD_freeDCtx(self.0.as_ptr()) };
    }
}

pub fn encode(plain: &[u8], level: i32, checksum: bool) -> Result<Vec<u8>, String> {
    // SAFETY: it only computes.
    let most = unsafe { zstd_sys::ZSTD_compressBound(plain.len()) };
    let mut stored: Vec<u8> = vec![0; checked(most)?];
    // SAFETY: the context lives to the end of the block; pointers and lengths are those of the slices.
    let written = unsafe {
        let context = NonNull::new(zstd_sys::ZSTD_createCCtx());
        let context = context.expect("no memory for a zstd context").as_ptr();
        let set = |key, value| zstd_sys::ZSTD_CCtx_setParameter(context, key, value);
        set(ZSTD_cParameter::ZSTD_c_compressionLevel, level);
        set(ZSTD_cParameter::ZSTD_c_checksumFlag, i32::from(checksum));
        let (to, room) = (stored.as_mut_ptr().cast(), stored.len());
        let from = plain.as_ptr().cast();
        let written = zstd_sys::ZSTD_compress2(context, to, room, from, plain.len());
        zstd_sys::ZSTD_freeCCtx(context);
        written
    };
    stored.truncate(checked(written)?);
    Ok(stored)
}

/// The flag in the frame's descriptor (RFC 8878, 3.1.1.1.1). True of what is no such frame.
fn has_checksum(stored: &[u8]) -> bool {
    const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    stored.get(..4) != Some(&MAGIC) || stored.get(4).is_none_or(|flags| flags & 0x04 != 0)
}

/// False where the frame does not say how much it holds.
fn says_size(stored: &[u8], bytes: usize) -> bool {
    let start = stored.as_ptr().cast::<c_void>();
    // SAFETY: pointer and length are those of the slice.
    let size = unsafe { zstd_sys::ZSTD_getFrameContentSize(start, stored.len()) };
    size == bytes as u64 // errors and unknown sizes are beyond all memory
}

fn checked(code: usize) -> Result<usize, String> {
    // SAFETY: it only compares.
    if unsafe { zstd_sys::ZSTD_isError(code) } == 0 {
        return Ok(code);
    }
    // SAFETY: names are static, and end in a zero.
    let name = unsafe { CStr::from_ptr(zstd_sys::ZSTD_getErrorName(code)) };
    Err(format!("zstd: {}", name.to_string_lossy().to_lowercase()))
}

fn wrong_size(expected: usize, found: usize) -> String {
    format!("expected {expected} bytes from zstd, found {found}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Several blocks, of 128 KiB at most each.
    fn counted() -> Vec<u8> {
        (0..4 << 17_u32).map(|at| (at / 7 % 251) as u8 ^ (at >> 15) as u8).collect()
    }

    #[test]
    fn what_comes_after_the_needed_bytes_is_not_decoded() {
        let plain = counted();
        let stored = encode(&plain, 1, false).expect("any bytes can be encoded");
        let mut zstd = Zstd::new();
        for needed in [1, 1 << 17, 200_000] {
            let mut out = vec![0xa5; plain.len()];
            assert_eq!(zstd.decode_start(&stored, &mut out, needed), Ok(()));
            assert!(out[..needed] == plain[..needed], "{needed}");
            // It may scribble a few bytes behind a block.
            assert!(out[needed + (1 << 17) + 64..].iter().all(|&byte| byte == 0xa5), "{needed}");
        }
        let mut out = vec![0; plain.len()];
        assert_eq!(zstd.decode_start(&stored, &mut out, plain.len()), Ok(()));
        assert!(out == plain);
    }

    #[test]
    fn a_frame_that_is_cut_short_is_refused_where_it_is_needed() {
        let plain = counted();
        let stored = encode(&plain, 1, false).expect("any bytes can be encoded");
        let cut = &stored[..stored.len() / 2];
        let mut out = vec![0; plain.len()];
        let mut zstd = Zstd::new();
        assert!(zstd.decode_start(cut, &mut out, 3 << 17).is_err());
        assert_eq!(zstd.decode_start(&stored, &mut out, 3 << 17), Ok(())); // and is used again
        assert!(out[..3 << 17] == plain[..3 << 17]);
    }

    #[test]
    fn a_checksum_is_verified_over_all_of_a_frame() {
        let plain = counted();
        let mut stored = encode(&plain, 1, true).expect("any bytes can be encoded");
        let mut out = vec![0; plain.len()];
        assert_eq!(Zstd::new().decode_start(&stored, &mut out, 1), Ok(()));
        *stored.last_mut().expect("it has bytes") ^= 1;
        assert!(Zstd::new().decode_start(&stored, &mut out, 1).is_err());
    }
}
