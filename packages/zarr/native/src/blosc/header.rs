use std::ops::RangeInclusive;

pub const HEADER_BYTES: usize = 16;
const FORMAT_VERSION: u8 = 2;
/// c-blosc splits no block of wider elements, and none with fewer elements than this.
const MAX_SPLIT_BYTES: usize = 16;
const MIN_SPLIT_ELEMENTS: usize = 128;
/// c-blosc makes no smaller blocks, except of frames so short that only a few fit in.
const MIN_BLOCK_BYTES: usize = 64;
const MAX_SMALL_BLOCKS: usize = 256;

/// Where a block's bytes lie in the frame, end exclusive.
pub type Span = (usize, usize);

/// The checked header of a frame.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub element_bytes: usize,
    pub decoded_bytes: usize,
    pub block_bytes: usize,
    pub frame_bytes: usize,
    flags: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    None,
    Bytes,
    Bits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Lz4,
    Zstd,
    /// BloscLZ, Snappy, zlib: left to c-blosc, a frame at a time.
    Other,
}

impl Header {
    /// Checks the first bytes of a frame that takes `stored` bytes and must decode to `expected`.
    pub fn parse(bytes: &[u8], stored: usize, expected: usize) -> Result<Self, String> {
        let head = bytes.get(..HEADER_BYTES).ok_or_else(|| {
            format!("expected a blosc frame of at least {HEADER_BYTES} bytes, found {stored}")
        })?;
        if head[0] != FORMAT_VERSION {
            let found = head[0];
            return Err(format!("expected blosc format {FORMAT_VERSION}, found {found}"));
        }
        let header = Self {
            flags: head[2],
            element_bytes: head[3].into(),
            decoded_bytes: u32_at(head, 4),
            block_bytes: u32_at(head, 8),
            frame_bytes: u32_at(head, 12),
        };
        header.check(stored, expected)?;
        Ok(header)
    }

    fn check(&self, stored: usize, expected: usize) -> Result<(), String> {
        let Self { decoded_bytes, block_bytes, frame_bytes, .. } = *self;
        if frame_bytes != stored {
            return Err(format!(
                "expected a blosc frame of {stored} bytes, its header says {frame_bytes}"
            ));
        }
        if decoded_bytes != expected {
            return Err(format!(
                "expected {expected} decoded bytes, the blosc header says {decoded_bytes}"
            ));
        }
        if self.element_bytes == 0 || block_bytes == 0 || block_bytes > decoded_bytes {
            let element_bytes = self.element_bytes;
            return Err(format!(
                "expected blosc blocks of 1 to {decoded_bytes} bytes of at least 1 byte an element, \
                 found {block_bytes} of {element_bytes}"
            ));
        }
        // What is kept for each block must not come to more than the chunk itself.
        let most_blocks = decoded_bytes.div_ceil(MIN_BLOCK_BYTES).max(MAX_SMALL_BLOCKS);
        if self.blocks() > most_blocks {
            let found = self.blocks();
            return Err(format!("expected at most {most_blocks} blosc blocks, found {found}"));
        }
        let streams = self.splits(0);
        if !block_bytes.is_multiple_of(streams) {
            return Err(format!(
                "expected a blosc block that {streams} streams share evenly, found {block_bytes} bytes"
            ));
        }
        let least = if self.is_stored() { HEADER_BYTES + decoded_bytes } else { self.table_end() };
        if frame_bytes < least {
            return Err(format!(
                "expected a blosc frame of at least {least} bytes, found {frame_bytes}"
            ));
        }
        Ok(())
    }

    pub fn blocks(&self) -> usize {
        self.decoded_bytes.div_ceil(self.block_bytes)
    }

    pub fn block_length(&self, block: usize) -> usize {
        self.block_bytes.min(self.decoded_bytes - block * self.block_bytes)
    }

    /// End of the table of block offsets.
    pub fn table_end(&self) -> usize {
        HEADER_BYTES + 4 * self.blocks()
    }

    /// The frame holds its bytes as they are.
    pub fn is_stored(&self) -> bool {
        self.flags & 0x02 != 0
    }

    pub fn format(&self) -> Format {
        match self.flags >> 5 {
            1 => Format::Lz4,
            4 => Format::Zstd,
            _ => Format::Other,
        }
    }

    pub fn filter(&self, block: usize) -> Filter {
        if self.flags & 0x01 != 0 && self.element_bytes > 1 {
            Filter::Bytes
        } else if self.flags & 0x04 != 0 && self.block_length(block) >= self.element_bytes {
            Filter::Bits
        } else {
            Filter::None
        }
    }

    /// How many streams a block is compressed in.
    pub fn splits(&self, block: usize) -> usize {
        let is_split = self.flags & 0x10 == 0
            && self.element_bytes <= MAX_SPLIT_BYTES
            && self.block_bytes / self.element_bytes >= MIN_SPLIT_ELEMENTS
            && self.block_length(block) == self.block_bytes;
        if is_split { self.element_bytes } else { 1 }
    }

    /// Where each of `blocks` lies. Blocks may stand in any order (c-blosc writes them so when it
    /// compresses on several threads), so a block ends where the next one in the file begins.
    pub fn spans(
        &self,
        frame: &[u8],
        blocks: RangeInclusive<usize>,
        spans: &mut Vec<Span>,
    ) -> Result<(), String> {
        spans.clear();
        if self.is_stored() {
            let start = |block: usize| HEADER_BYTES + block * self.block_bytes;
            spans.extend(blocks.map(|b| (start(b), start(b) + self.block_length(b))));
            return Ok(());
        }
        let start = |block: usize| u32_at(frame, HEADER_BYTES + 4 * block);
        let count = self.blocks();
        let bounds = self.table_end()..self.frame_bytes;
        if let Some(bad) = (0..count).find(|&block| !bounds.contains(&start(block))) {
            let at = start(bad);
            return Err(format!("expected blosc block {bad} inside {bounds:?}, found it at {at}"));
        }
        let is_ordered = (1..count).all(|block| start(block - 1) < start(block));
        if is_ordered {
            let end = |b: usize| if b + 1 < count { start(b + 1) } else { self.frame_bytes };
            spans.extend(blocks.map(|b| (start(b), end(b))));
        } else {
            let mut starts: Vec<usize> = (0..count).map(start).collect();
            starts.sort_unstable();
            let next =
                |at: usize| starts.get(starts.partition_point(|&other| other <= at)).copied();
            spans.extend(blocks.map(|b| (start(b), next(start(b)).unwrap_or(self.frame_bytes))));
        }
        Ok(())
    }
}

pub fn u32_at(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The start of a frame of lz4 streams, with a table for all of its blocks.
    fn frame(element: u8, decoded: u32, block: u32) -> Vec<u8> {
        let blocks = decoded.div_ceil(block);
        let bytes = 16 + 4 * blocks + decoded;
        let mut frame = vec![FORMAT_VERSION, 1, 1 << 5, element];
        frame.extend([decoded, block, bytes].iter().flat_map(|word| word.to_le_bytes()));
        frame.resize(bytes as usize, 0);
        frame
    }

    fn refusal(element: u8, decoded: u32, block: u32) -> Option<String> {
        let frame = frame(element, decoded, block);
        Header::parse(&frame, frame.len(), decoded as usize).err()
    }

    #[test]
    fn blocks_so_small_that_their_table_outgrows_the_chunk_are_refused() {
        let refused = refusal(1, 1 << 20, 4).unwrap_or_default();
        assert!(refused.contains("at most 16384 blosc blocks, found 262144"), "{refused}");
        assert_eq!(refusal(1, 1 << 20, 64), None);
        assert_eq!(refusal(1, 200, 1), None); // as c-blosc makes them
    }

    #[test]
    fn a_block_whose_streams_would_leave_its_end_undecoded_is_refused() {
        let refused = refusal(2, 513, 513).unwrap_or_default();
        assert!(refused.contains("that 2 streams share evenly, found 513"), "{refused}");
        assert_eq!(refusal(2, 512, 512), None);
        assert_eq!(refusal(2, 1025, 512), None); // its last block is one stream
    }
}
