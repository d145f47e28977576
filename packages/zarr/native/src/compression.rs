//! Compressors that we run ourselves. Each decodes into a buffer of just the size that the array's
//! metadata declares, so that no hostile chunk can take more memory than that.

use serde_json::Value;

use crate::blosc::{self, Compressor, Header, Shuffle};
use crate::deflate::{self, Wrapper};
use crate::worker::Decoders;
use crate::{lz4, zstd};

#[derive(Clone, Debug)]
pub enum Compression {
    Blosc(BloscOptions),
    Zstd {
        level: i32,
        checksum: bool,
    },
    Deflate {
        wrapper: Wrapper,
        level: i32,
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
            "gzip" => level(0, 9, 1)
                .map(|level| Self::Deflate { wrapper: Wrapper::Gzip, level: level as i32 }),
            "zlib" => level(0, 9, 1)
                .map(|level| Self::Deflate { wrapper: Wrapper::Zlib, level: level as i32 }),
            "lz4" => Ok(Self::Lz4),
            _ => return None,
        })
    }

    /// No compressor needs more than this to store `plain` bytes.
    pub fn most_stored(plain: usize) -> usize {
        plain + plain / 64 + 4096
    }

    /// Decodes `stored` into `plain`, which must come out exactly full. Its bytes from `needed` on
    /// may be left as they were.
    pub fn decode(
        &self,
        stored: &[u8],
        plain: &mut [u8],
        needed: usize,
        decoders: &mut Decoders,
    ) -> Result<(), String> {
        match self {
            Self::Blosc(_) => {
                let header = Header::parse(stored, stored.len(), plain.len())?;
                decoders.blosc.frame(&header, stored, plain)
            }
            Self::Zstd { .. } => decoders.zstd.decode_start(stored, plain, needed),
            Self::Deflate { wrapper, .. } => {
                deflate::decode(&mut decoders.deflate, *wrapper, stored, plain)
            }
            Self::Lz4 => lz4::decode_sized(stored, plain),
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
            Self::Zstd { level, checksum } => zstd::encode(plain, level, checksum),
            Self::Deflate { wrapper, level } => deflate::encode(wrapper, level, plain),
            Self::Lz4 => lz4::encode(plain),
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
