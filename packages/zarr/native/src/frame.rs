//! Reads of a blosc frame what the wanted bytes need.

use std::ops::Range;

use crate::blosc::{Decoder, Format, HEADER_BYTES, Header};
use crate::chain::Tail;
use crate::failure::{Code, Failure, Outcome};
use crate::stored::Place;

/// Read at once from the start of a frame, in the hope that the table of blocks ends before.
const FRAME_HEAD_BYTES: usize = 1024;

/// Reads into `raw` what the decoded bytes `wanted` of `expected` need: all of the frame when a
/// checksum has to be verified, else the header and the blocks. None when the frame's compressor
/// has to be run over the whole frame.
pub fn fetch<'a>(
    place: &Place,
    tail: &Tail,
    expected: usize,
    wanted: &Range<usize>,
    raw: &'a mut [u8],
    decoder: &mut Decoder,
) -> Outcome<Option<(Header, &'a [u8])>> {
    let is_partial = tail.outer_crcs == 0 && wanted.len() < expected;
    let mut have = if is_partial { FRAME_HEAD_BYTES.min(raw.len()) } else { raw.len() };
    place.read(0, &mut raw[..have])?;
    let stored =
        if is_partial { raw.len() } else { tail.outer_checked(raw).map_err(damaged)?.len() };
    let header = Header::parse(&raw[..have.min(stored)], stored, expected).map_err(damaged)?;
    if header.format() == Format::Other && !header.is_stored() {
        return Ok(None);
    }
    let head = if header.is_stored() { HEADER_BYTES } else { header.table_end() };
    if head > have {
        place.read(have, &mut raw[have..head])?;
        have = head;
    }
    let blocks = wanted.start / header.block_bytes..=(wanted.end - 1) / header.block_bytes;
    let span = decoder.find_blocks(&header, &raw[..stored], blocks).map_err(damaged)?;
    let (start, end) = (span.0.max(have), span.1);
    if start < end {
        place.read(start, &mut raw[start..end])?;
    }
    Ok(Some((header, &raw[..stored])))
}

pub fn damaged(reason: String) -> Failure {
    Failure::new(Code::ZarrChunk, reason)
}
