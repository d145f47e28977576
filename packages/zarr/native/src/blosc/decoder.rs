use std::ffi::c_void;
use std::ops::RangeInclusive;

use super::header::{Filter, Format, Header, Span, u32_at};
use super::unshuffle::Unshuffle;
use crate::lz4;
use crate::zstd::Zstd;

/// Decodes blocks. One per thread: it owns a zstd context, and the buffer between the compressor
/// and the shuffle.
pub struct Decoder {
    zstd: Zstd,
    packed: Vec<u8>,
    unshuffle: Unshuffle,
    spans: Vec<Span>,
}

impl Decoder {
    pub fn new() -> Self {
        Self {
            zstd: Zstd::new(),
            packed: Vec::new(),
            unshuffle: Unshuffle::new(),
            spans: Vec::new(),
        }
    }

    pub fn trim(&mut self, keep_bytes: usize) {
        if self.packed.capacity() > keep_bytes {
            self.packed = Vec::new();
        }
    }

    /// Finds the blocks that `block` may then decode, and returns the bytes that span them.
    pub fn find_blocks(
        &mut self,
        header: &Header,
        frame: &[u8],
        blocks: RangeInclusive<usize>,
    ) -> Result<Span, String> {
        header.spans(frame, blocks, &mut self.spans)?;
        let start = self.spans.iter().map(|span| span.0).min().unwrap_or(0);
        let end = self.spans.iter().map(|span| span.1).max().unwrap_or(0);
        Ok((start, end))
    }

    /// Decodes `block` into the start of `out`. `first` is the first block of those that
    /// `find_blocks` was asked for; bytes of `frame` outside their span may be stale.
    pub fn block(
        &mut self,
        header: &Header,
        frame: &[u8],
        block: usize,
        first: usize,
        out: &mut [u8],
    ) -> Result<(), String> {
        let span = self.spans[block - first];
        let length = header.block_length(block);
        let out = &mut out[..length];
        let stored = frame.get(span.0..span.1).ok_or("expected a block inside its frame")?;
        if header.is_stored() {
            out.copy_from_slice(stored);
            return Ok(());
        }
        let filter = header.filter(block);
        if filter == Filter::None {
            return decompress(&mut self.zstd, header, stored, block, out);
        }
        // Taken out for the call, so that the context and the buffer can be borrowed side by side.
        let mut packed = std::mem::take(&mut self.packed);
        if packed.len() < length {
            packed.resize(length, 0);
        }
        let done = decompress(&mut self.zstd, header, stored, block, &mut packed[..length]);
        if done.is_ok() {
            let packed = &packed[..length];
            match filter {
                Filter::Bytes => self.unshuffle.bytes(header.element_bytes, packed, out),
                Filter::Bits => self.unshuffle.bits(header.element_bytes, packed, out),
                Filter::None => {}
            }
        }
        self.packed = packed;
        done
    }

    /// Decodes a whole frame into `out`, which has just the size that the header names.
    pub fn frame(&mut self, header: &Header, frame: &[u8], out: &mut [u8]) -> Result<(), String> {
        if header.format() == Format::Other && !header.is_stored() {
            return frame_by_c_blosc(frame, out);
        }
        self.find_blocks(header, frame, 0..=header.blocks() - 1)?;
        for block in 0..header.blocks() {
            self.block(header, frame, block, 0, &mut out[block * header.block_bytes..])?;
        }
        Ok(())
    }
}

fn decompress(
    decoder: &mut Zstd,
    header: &Header,
    stored: &[u8],
    block: usize,
    out: &mut [u8],
) -> Result<(), String> {
    let splits = header.splits(block);
    let part = out.len() / splits;
    let mut rest = stored;
    for out in out.chunks_exact_mut(part) {
        let length = rest.get(..4).map(|_| u32_at(rest, 0)).unwrap_or(usize::MAX);
        let stream = rest.get(4..).and_then(|rest| rest.get(..length)).ok_or_else(|| {
            format!("expected a stream of {length} bytes inside blosc block {block}, found its end")
        })?;
        rest = &rest[4 + length..];
        if length == part {
            out.copy_from_slice(stream);
            continue;
        }
        match header.format() {
            Format::Zstd => decoder.decode(stream, out),
            Format::Lz4 => lz4::decode(stream, out),
            Format::Other => Err("expected lz4 or zstd, found another compressor".to_string()),
        }
        .map_err(|reason| format!("blosc block {block}: {reason}"))?;
    }
    Ok(())
}

/// BloscLZ, Snappy and zlib. c-blosc checks the table and the streams against both lengths.
fn frame_by_c_blosc(frame: &[u8], out: &mut [u8]) -> Result<(), String> {
    // SAFETY: the header's lengths were checked against both slices (`Header::parse`).
    let found = unsafe {
        blosc_src::blosc_decompress_ctx(
            frame.as_ptr().cast::<c_void>(),
            out.as_mut_ptr().cast::<c_void>(),
            out.len(),
            1,
        )
    };
    if usize::try_from(found) != Ok(out.len()) {
        return Err(format!("expected {} bytes from c-blosc, found {found}", out.len()));
    }
    Ok(())
}
