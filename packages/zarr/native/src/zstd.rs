use std::ffi::{CStr, c_void};
use std::ptr::NonNull;

use zstd_sys::{
    ZSTD_DCtx, ZSTD_ResetDirective, ZSTD_cParameter, ZSTD_dParameter, ZSTD_inBuffer, ZSTD_outBuffer,
};

/// `ZSTD_d_stableOutBuffer`: the output stays where it is, so zstd keeps no window of its own.
const STABLE_OUT_BUFFER: ZSTD_dParameter = ZSTD_dParameter::ZSTD_d_experimentalParam2;

/// A decoding context, to be reused: making one for each stream is what slows c-blosc down.
pub struct Zstd(NonNull<ZSTD_DCtx>);

// The context is used by one thread at a time: every method that touches it takes `&mut self`.
unsafe impl Send for Zstd {}

impl Zstd {
    pub fn new() -> Self {
        let context = NonNull::new(unsafe { zstd_sys::ZSTD_createDCtx() });
        Self(context.expect("no memory for a zstd context"))
    }

    /// Decodes all of `stored`, which must fill `out` exactly; verifies its checksum if it has one.
    pub fn decode(&mut self, stored: &[u8], out: &mut [u8]) -> Result<(), String> {
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
        let size = out.len();
        let mut target = ZSTD_outBuffer { dst: out.as_mut_ptr().cast(), size, pos: 0 };
        let mut source = ZSTD_inBuffer { src: stored.as_ptr().cast(), size: stored.len(), pos: 0 };
        checked(unsafe {
            let start = ZSTD_ResetDirective::ZSTD_reset_session_only;
            zstd_sys::ZSTD_DCtx_reset(context, start);
            zstd_sys::ZSTD_DCtx_setParameter(context, STABLE_OUT_BUFFER, 1)
        })?;
        while target.pos < needed {
            let before = (target.pos, source.pos);
            checked(unsafe {
                zstd_sys::ZSTD_decompressStream(context, &raw mut target, &raw mut source)
            })?;
            if before == (target.pos, source.pos) {
                return Err(wrong_size(needed, target.pos));
            }
        }
        Ok(())
    }
}

impl Drop for Zstd {
    fn drop(&mut self) {
        unsafe { zstd_sys::ZSTD_freeDCtx(self.0.as_ptr()) };
    }
}

pub fn encode(plain: &[u8], level: i32, checksum: bool) -> Result<Vec<u8>, String> {
    let mut stored: Vec<u8> = vec![0; unsafe { zstd_sys::ZSTD_compressBound(plain.len()) }];
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
    let size = unsafe { zstd_sys::ZSTD_getFrameContentSize(start, stored.len()) };
    size == bytes as u64 // errors and unknown sizes are beyond all memory
}

fn checked(code: usize) -> Result<usize, String> {
    if unsafe { zstd_sys::ZSTD_isError(code) } == 0 {
        return Ok(code);
    }
    let name = unsafe { CStr::from_ptr(zstd_sys::ZSTD_getErrorName(code)) };
    Err(format!("zstd: {}", name.to_string_lossy().to_lowercase()))
}

fn wrong_size(expected: usize, found: usize) -> String {
    format!("expected {expected} bytes from zstd, found {found}")
}
