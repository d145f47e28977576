//! The codec chain of one inner chunk: `head` is what turns elements into bytes, `tail` what those
//! bytes then go through. The usual head (little-endian bytes in C order) costs nothing; any other
//! is zarrs'. Tails are ours: checksums, and at most one compressor.

use std::borrow::Cow;
use std::num::NonZeroU64;

use zarrs::array::{
    ArrayBytes, ArrayToBytesCodecTraits, BytesRepresentation, CodecChain, CodecOptions, DataType,
    FillValue,
};

use crate::blosc::u32_at;
use crate::compression::Compression;
use crate::failure::Outcome;
use crate::worker::{Buffer, Decoders};

pub const CRC_BYTES: usize = 4;

pub struct Chain {
    pub head: Head,
    pub tail: Tail,
    /// Bytes of the decoded chunk.
    pub plain_bytes: usize,
    /// Bytes between head and tail.
    head_bytes: usize,
}

pub enum Head {
    /// The bytes in the file are the bytes in memory.
    Identity,
    Zarrs(Box<ZarrsHead>),
}

pub struct ZarrsHead {
    pub codecs: CodecChain,
    pub shape: Vec<NonZeroU64>,
    pub dtype: DataType,
    pub fill: FillValue,
}

/// From the array outwards: checksums, a compressor, checksums.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    pub inner_crcs: usize,
    pub compression: Option<Compression>,
    pub outer_crcs: usize,
}

impl Chain {
    pub fn new(head: Head, tail: Tail, plain_bytes: usize) -> Result<Self, String> {
        let head_bytes = match &head {
            Head::Identity => plain_bytes,
            Head::Zarrs(head) => head.encoded_bytes()?,
        };
        Ok(Self { head, tail, plain_bytes, head_bytes })
    }

    /// A chunk that takes more bytes than this is damaged.
    pub fn most_stored(&self) -> usize {
        let inside = self.head_bytes + CRC_BYTES * self.tail.inner_crcs;
        let packed = match self.tail.compression {
            Some(_) => Compression::most_stored(inside),
            None => inside,
        };
        packed + CRC_BYTES * self.tail.outer_crcs
    }

    /// Decodes a chunk into `plain`, which has `plain_bytes`. Of these, what is from `needed` on may
    /// be left as it was.
    pub fn decode(
        &self,
        stored: &[u8],
        plain: &mut [u8],
        spare: &mut Buffer,
        needed: usize,
        decoders: &mut Decoders,
    ) -> Outcome<Result<(), String>> {
        if self.is_bare() {
            return Ok(self.tail.decode(stored, plain, needed, decoders).map(|_| ()));
        }
        let packed = spare.room(self.head_bytes + CRC_BYTES * self.tail.inner_crcs)?;
        let unpacked = self.tail.decode(stored, packed, packed.len(), decoders);
        Ok(unpacked.and_then(|length| match &self.head {
            Head::Identity => {
                plain.copy_from_slice(&packed[..length]);
                Ok(())
            }
            Head::Zarrs(head) => head.decode(&packed[..length], plain),
        }))
    }

    /// Is what a compressor makes of the stored bytes the chunk itself?
    pub fn is_bare(&self) -> bool {
        matches!(self.head, Head::Identity) && self.tail.inner_crcs == 0
    }

    pub fn encode(&self, plain: &[u8]) -> Result<Vec<u8>, String> {
        match &self.head {
            Head::Identity => self.tail.encode(Cow::Borrowed(plain)),
            Head::Zarrs(head) => self.tail.encode(Cow::Owned(head.encode(plain)?)),
        }
    }
}

impl Tail {
    /// Bytes of `stored` without the outer checksums, which are verified.
    pub fn outer_checked<'a>(&self, mut stored: &'a [u8]) -> Result<&'a [u8], String> {
        for _ in 0..self.outer_crcs {
            stored = crc_checked(stored)?;
        }
        Ok(stored)
    }

    /// Fills `plain`, inner checksums included; returns the length without those.
    fn decode(
        &self,
        stored: &[u8],
        plain: &mut [u8],
        needed: usize,
        decoders: &mut Decoders,
    ) -> Result<usize, String> {
        let stored = self.outer_checked(stored)?;
        match &self.compression {
            Some(compression) => {
                let needed = if self.inner_crcs == 0 { needed } else { plain.len() };
                compression.decode(stored, plain, needed, decoders)?;
            }
            None if stored.len() == plain.len() => plain.copy_from_slice(stored),
            None => {
                let (expected, found) = (plain.len(), stored.len());
                return Err(format!("expected {expected} bytes, found {found}"));
            }
        }
        let mut inside: &[u8] = plain;
        for _ in 0..self.inner_crcs {
            inside = crc_checked(inside)?;
        }
        Ok(inside.len())
    }

    fn encode(&self, plain: Cow<[u8]>) -> Result<Vec<u8>, String> {
        let mut bytes = plain;
        for _ in 0..self.inner_crcs {
            append_crc(bytes.to_mut());
        }
        let mut stored = match &self.compression {
            Some(compression) => compression.encode(&bytes)?,
            None => bytes.into_owned(),
        };
        for _ in 0..self.outer_crcs {
            append_crc(&mut stored);
        }
        Ok(stored)
    }
}

impl ZarrsHead {
    fn encoded_bytes(&self) -> Result<usize, String> {
        let Self { codecs, shape, dtype, fill } = self;
        match codecs.encoded_representation(shape, dtype, fill).map_err(|e| e.to_string())? {
            BytesRepresentation::FixedSize(bytes) => {
                usize::try_from(bytes).map_err(|e| e.to_string())
            }
            other => Err(format!("expected codecs of a fixed encoded size, found {other}")),
        }
    }

    fn decode(&self, stored: &[u8], plain: &mut [u8]) -> Result<(), String> {
        let Self { codecs, shape, dtype, fill } = self;
        let decoded = codecs
            .decode(Cow::Borrowed(stored), shape, dtype, fill, &on_this_thread())
            .map_err(|e| e.to_string())?
            .into_fixed()
            .map_err(|e| e.to_string())?;
        if decoded.len() != plain.len() {
            return Err(format!("expected {} decoded bytes, found {}", plain.len(), decoded.len()));
        }
        plain.copy_from_slice(&decoded);
        Ok(())
    }

    fn encode(&self, plain: &[u8]) -> Result<Vec<u8>, String> {
        let Self { codecs, shape, dtype, fill } = self;
        let bytes = ArrayBytes::new_flen(Cow::Borrowed(plain));
        let encoded = codecs.encode(bytes, shape, dtype, fill, &on_this_thread());
        encoded.map(Cow::into_owned).map_err(|e| e.to_string())
    }
}

/// The pool's threads are all there are: zarrs must not start its own.
fn on_this_thread() -> CodecOptions {
    CodecOptions::default().with_concurrent_target(1)
}

/// The bytes before the checksum, once it is verified.
pub fn crc_checked(stored: &[u8]) -> Result<&[u8], String> {
    let found = stored.len();
    let at = found.checked_sub(CRC_BYTES);
    let at = at.ok_or_else(|| format!("expected a crc32c of 4 bytes, found {found} bytes"))?;
    let (bytes, written) = stored.split_at(at);
    let (computed, written) = (crc32c::crc32c(bytes), u32_at(written, 0));
    if computed as usize != written {
        return Err(format!("expected crc32c {written:08x} as stored, computed {computed:08x}"));
    }
    Ok(bytes)
}

pub fn append_crc(bytes: &mut Vec<u8>) {
    let crc = crc32c::crc32c(bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
}
