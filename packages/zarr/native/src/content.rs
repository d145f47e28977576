//! The decoded bytes of a chunk, as far as they were needed: block by block where the codec allows
//! it, else all at once.

use std::ops::Range;

use crate::failure::{Code, Failure, Outcome};
use crate::stored::Version;

#[derive(Default)]
pub struct Content {
    plain: Vec<u8>,
    block_bytes: usize,
    /// Which blocks are there; empty before the first.
    decoded: Vec<bool>,
    /// What was decoded: blocks of two states of a file must not meet in one chunk.
    version: Option<Version>,
}

impl Content {
    /// Sees that there is memory for a chunk of `bytes` bytes. What is there of that size stays.
    pub fn make_room(&mut self, bytes: usize) -> Outcome<()> {
        if self.plain.len() != bytes {
            *self = Self::default();
            let mut plain = Vec::new();
            let grown = plain.try_reserve_exact(bytes);
            grown.map_err(|_| {
                let message = format!("expected room for a chunk of {bytes} bytes, found none");
                Failure::new(Code::ZarrIo, message)
            })?;
            plain.resize(bytes, 0);
            self.plain = plain;
        }
        Ok(())
    }

    pub fn capacity(&self) -> usize {
        self.plain.capacity()
    }

    pub fn forget(&mut self) {
        self.decoded.clear();
        self.version = None;
    }

    pub fn plain(&self) -> &[u8] {
        &self.plain
    }

    /// Is all of `wanted` decoded?
    pub fn has(&self, wanted: &Range<usize>) -> bool {
        !self.decoded.is_empty() && self.lacking(wanted).is_none()
    }

    /// From the first to past the last byte of `wanted` that is not decoded yet.
    pub fn lacking(&self, wanted: &Range<usize>) -> Option<Range<usize>> {
        if self.decoded.is_empty() {
            return Some(wanted.clone());
        }
        let blocks = wanted.start / self.block_bytes..wanted.end.div_ceil(self.block_bytes);
        let mut lacking = blocks.filter(|&block| !self.decoded[block]);
        let first = lacking.next()?;
        let last = lacking.next_back().unwrap_or(first);
        let start = wanted.start.max(first * self.block_bytes);
        Some(start..wanted.end.min((last + 1) * self.block_bytes))
    }

    /// Begins to decode this state of the file in blocks of so many bytes.
    pub fn begin(&mut self, version: Version, block_bytes: usize) {
        if self.version != Some(version) || self.block_bytes != block_bytes {
            self.decoded.clear();
        }
        if self.decoded.is_empty() {
            self.decoded.resize(self.plain.len().div_ceil(block_bytes), false);
        }
        (self.version, self.block_bytes) = (Some(version), block_bytes);
    }

    /// Does it hold blocks of this state of the file only, or none?
    pub fn is_of(&self, version: Version) -> bool {
        self.version.is_none_or(|known| known == version)
    }

    /// Decodes those of `blocks` that are not there.
    pub fn decode<E>(
        &mut self,
        blocks: Range<usize>,
        mut decode: impl FnMut(usize, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for block in blocks {
            if !self.decoded[block] {
                decode(block, &mut self.plain[block * self.block_bytes..])?;
                self.decoded[block] = true;
            }
        }
        Ok(())
    }
}
