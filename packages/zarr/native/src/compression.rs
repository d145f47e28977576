//! Compressors that we run ourselves. Each decodes into a buffer of just the size that the array's
//! metadata declares, so that no hostile chunk can take more memory than that.

use std::io::{Read, Write};

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::Value;

use crate::blosc::{self, Compressor, Header, Shuffle};

#[derive(Clone, Debug)]
pub enum Compression {
    Blosc(BloscOptions),
    Zstd {
        level: i32,
        checksum: bool,
    },
    Gzip {
        level: u32,
    },
    Zlib {
        level: u32,
    },
    /// numcodecs' form: the decoded length, then one lz4 block.
    Lz4,
}

#[derive(Clone, Debug)]
pub struct BloscOptions {
    compressor: Compressor,
    level: u8,
    shuffle: Shuffle,
    element_bytes: usize,
    block_bytes: usize,
}

const LZ4_LENGTH_BYTES: usize = 4;

impl Compression {
    /// The codec with this name in Zarr v3, or this id in v2; none when it is not one of ours.
    pub fn parse(name: &str, options: &Value, element: usize) -> Option<Result<Self, String>> {
        let level = |least, most, usual| integer(options, "level", least, most, usual);
        Some(match name.strip_prefix("numcodecs.").unwrap_or(name) {
            "blosc" => BloscOptions::parse(options, element).map(Self::Blosc),
            "zstd" => level(-131_072, 22, 0).map(|level| {
                let checksum = options.get("checksum").and_then(Value::as_bool).unwrap_or(false);
                Self::Zstd { level: level as i32, checksum }
            }),
            "gzip" => level(0, 9, 1).map(|level| Self::Gzip { level: level as u32 }),
            "zlib" => level(0, 9, 1).map(|level| Self::Zlib { level: level as u32 }),
            "lz4" => Ok(Self::Lz4),
            _ => return None,
        })
    }

    /// No compressor needs more than this to store `plain` bytes.
    pub fn most_stored(plain: usize) -> usize {
        plain + plain / 64 + 4096
    }

    /// Decodes `stored` into `plain`, which must come out exactly full.
    pub fn decode(
        &self,
        stored: &[u8],
        plain: &mut [u8],
        decoder: &mut blosc::Decoder,
    ) -> Result<(), String> {
        match self {
            Self::Blosc(_) => {
                let header = Header::parse(stored, stored.len(), plain.len())?;
                decoder.frame(&header, stored, plain)
            }
            Self::Zstd { .. } => decoder.zstd(stored, plain),
            Self::Gzip { .. } => fill(MultiGzDecoder::new(stored), plain),
            Self::Zlib { .. } => fill(ZlibDecoder::new(stored), plain),
            Self::Lz4 => lz4_decoded(stored, plain),
        }
    }

    pub fn encode(&self, plain: &[u8]) -> Result<Vec<u8>, String> {
        match *self {
            Self::Blosc(BloscOptions {
                compressor,
                level,
                shuffle,
                element_bytes,
                block_bytes,
            }) => blosc::encode(plain, compressor, level, shuffle, element_bytes, block_bytes),
            Self::Zstd { level, checksum } => zstd_encoded(plain, level, checksum),
            Self::Gzip { level } => {
                let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::new(level));
                encoder.write_all(plain).and_then(|()| encoder.finish()).map_err(|e| e.to_string())
            }
            Self::Zlib { level } => {
                let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
                encoder.write_all(plain).and_then(|()| encoder.finish()).map_err(|e| e.to_string())
            }
            Self::Lz4 => lz4_encoded(plain),
        }
    }
}

impl BloscOptions {
    fn parse(options: &Value, element_bytes: usize) -> Result<Self, String> {
        let name = options.get("cname").and_then(Value::as_str).unwrap_or("lz4");
        let compressor = Compressor::named(name)
            .ok_or_else(|| format!("expected a blosc compressor, found {name:?}"))?;
        let shuffle = match options.get("shuffle") {
            None | Some(Value::Null) => Shuffle::Bytes,
            Some(Value::String(name)) if name == "noshuffle" => Shuffle::None,
            Some(Value::String(name)) if name == "shuffle" => Shuffle::Bytes,
            Some(Value::String(name)) if name == "bitshuffle" => Shuffle::Bits,
            Some(Value::Number(code)) => match code.as_i64() {
                Some(0) => Shuffle::None,
                Some(1) => Shuffle::Bytes,
                Some(2) => Shuffle::Bits,
                Some(-1) if element_bytes == 1 => Shuffle::Bits,
                Some(-1) => Shuffle::Bytes,
                _ => return Err(format!("expected a blosc shuffle of -1 to 2, found {code}")),
            },
            Some(other) => return Err(format!("expected a blosc shuffle, found {other}")),
        };
        Ok(Self {
            compressor,
            level: integer(options, "clevel", 0, 9, 5)? as u8,
            shuffle,
            element_bytes: integer(options, "typesize", 1, 255, element_bytes as i64)? as usize,
            block_bytes: integer(options, "blocksize", 0, i64::from(i32::MAX), 0)? as usize,
        })
    }
}

fn integer(options: &Value, key: &str, least: i64, most: i64, usual: i64) -> Result<i64, String> {
    match options.get(key) {
        None | Some(Value::Null) => Ok(usual),
        Some(value) => match value.as_i64() {
            Some(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(format!("expected {key} from {least} to {most}, found {value}")),
        },
    }
}

/// Reads exactly `plain.len()` bytes, after which the stream must end.
fn fill(mut stream: impl Read, plain: &mut [u8]) -> Result<(), String> {
    let expected = plain.len();
    let mut found = 0;
    while found < expected {
        match stream.read(&mut plain[found..]).map_err(|e| format!("deflate: {e}"))? {
            0 => return Err(format!("expected {expected} decoded bytes, found {found}")),
            bytes => found += bytes,
        }
    }
    // This read also makes the decoder verify the stream's own checksum.
    match stream.read(&mut [0]).map_err(|e| format!("deflate: {e}"))? {
        0 => Ok(()),
        _ => Err(format!("expected {expected} decoded bytes, found more")),
    }
}

fn lz4_decoded(stored: &[u8], plain: &mut [u8]) -> Result<(), String> {
    let length = stored.get(..LZ4_LENGTH_BYTES).map(|bytes| blosc::u32_at(bytes, 0));
    if length != Some(plain.len()) {
        return Err(format!("expected an lz4 length of {}, found {length:?}", plain.len()));
    }
    blosc::lz4(&stored[LZ4_LENGTH_BYTES..], plain)
}

fn lz4_encoded(plain: &[u8]) -> Result<Vec<u8>, String> {
    let too_large = || format!("expected less than 2 GiB for lz4, found {} bytes", plain.len());
    let length = i32::try_from(plain.len()).map_err(|_| too_large())?;
    let room = unsafe { lz4_sys::LZ4_compressBound(length) };
    let mut stored = vec![0; LZ4_LENGTH_BYTES + room as usize];
    stored[..LZ4_LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
    let target = stored[LZ4_LENGTH_BYTES..].as_mut_ptr();
    let written = unsafe {
        lz4_sys::LZ4_compress_default(plain.as_ptr().cast(), target.cast(), length, room)
    };
    if written <= 0 {
        return Err(too_large());
    }
    stored.truncate(LZ4_LENGTH_BYTES + written as usize);
    Ok(stored)
}

fn zstd_encoded(plain: &[u8], level: i32, checksum: bool) -> Result<Vec<u8>, String> {
    use zstd_sys::{ZSTD_cParameter, ZSTD_compress2, ZSTD_compressBound, ZSTD_createCCtx};
    let mut stored: Vec<u8> = vec![0; unsafe { ZSTD_compressBound(plain.len()) }];
    let written = unsafe {
        let context = ZSTD_createCCtx();
        assert!(!context.is_null(), "no memory for a zstd context");
        let set = |key, value| zstd_sys::ZSTD_CCtx_setParameter(context, key, value);
        set(ZSTD_cParameter::ZSTD_c_compressionLevel, level);
        set(ZSTD_cParameter::ZSTD_c_checksumFlag, i32::from(checksum));
        let (to, room) = (stored.as_mut_ptr().cast(), stored.len());
        let written = ZSTD_compress2(context, to, room, plain.as_ptr().cast(), plain.len());
        zstd_sys::ZSTD_freeCCtx(context);
        written
    };
    if unsafe { zstd_sys::ZSTD_isError(written) } != 0 {
        return Err(format!("expected zstd to compress {} bytes, it gave up", plain.len()));
    }
    stored.truncate(written);
    Ok(stored)
}
