//! An open array: finds the bytes of its chunks, and decodes what a part of a chunk needs.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::blosc::{self, Format, HEADER_BYTES, Header};
use crate::chain::Head;
use crate::compression::Compression;
use crate::failure::{Code, Failure, Outcome};
use crate::memory::{Destination, Target};
use crate::metadata::ArraySpec;
use crate::patience::{PAUSES, patiently};
use crate::region::{self, Region, Runs, number_of};
use crate::shard::{self, Shard};
use crate::stored::Place;
use crate::waiting::Waiting;
use crate::worker::{Decoders, Worker};

/// Read at once from the start of a frame, in the hope that the table of blocks ends before.
const FRAME_HEAD_BYTES: usize = 1024;

pub struct ZarrArray {
    pub path: String,
    pub spec: ArraySpec,
}

impl ZarrArray {
    /// Path of the file that holds a chunk of the outer grid.
    pub fn file(&self, outer: &[u64]) -> String {
        format!("{}/{}", self.path, self.spec.keys.key(outer))
    }

    /// The chunk of the outer grid that holds an inner chunk, and its number in there.
    pub fn outer(&self, chunk: &[u64]) -> (Vec<u64>, u64) {
        let Some(shard) = &self.spec.shard else { return (chunk.to_vec(), 0) };
        let axes = chunk.iter().zip(&shard.chunks);
        let (outer, inner): (Vec<u64>, Vec<u64>) = axes.map(|(c, n)| (c / n, c % n)).unzip();
        (outer, number_of(&inner, &shard.chunks))
    }

    /// Shape of the part of the array that one file holds: a shard, or a chunk.
    pub fn file_shape(&self) -> Vec<u64> {
        let chunk = self.spec.chunk.iter();
        match &self.spec.shard {
            Some(shard) => chunk.zip(&shard.chunks).map(|(size, count)| size * count).collect(),
            None => chunk.copied().collect(),
        }
    }

    /// Shape of what of a chunk lies inside the array.
    pub fn inside(&self, chunk: &Region) -> Vec<u64> {
        let whole = Region { origin: vec![0; chunk.shape.len()], shape: self.spec.shape.clone() };
        whole.within(&chunk.origin, &chunk.shape).shape
    }

    pub fn chunk_region(&self, chunk: &[u64]) -> Region {
        let shape = self.spec.chunk.clone();
        Region { origin: region::corner(chunk, &shape), shape }
    }

    /// Copies what the target wants of one chunk to where it lies there. False when the chunk is
    /// missing, and its part filled.
    ///
    /// `now` is when the caller's read began (see `shard::tick`); `retries` counts.
    pub fn copy_part(
        &self,
        chunk: &[u64],
        target: &Destination,
        now: u64,
        retries: &AtomicU64,
        worker: &mut Worker,
    ) -> Outcome<bool> {
        let (outer, number) = self.outer(chunk);
        let file = self.file(&outer);
        let _waiting = Waiting::on(&file);
        let once = || {
            let place = self.place(&file, number, now)?;
            self.copy_from(place, chunk, target, worker)
        };
        let again = || {
            shard::forget(&file); // its handle may be what is stale
            retries.fetch_add(1, Ordering::Relaxed);
        };
        let outcome = patiently(&PAUSES, once, again);
        outcome.map_err(|failure| self.located(failure, chunk, &file))
    }

    /// Decodes a whole chunk into `worker.plain`. False when there is no place.
    pub fn decode_whole(&self, place: Option<Place>, worker: &mut Worker) -> Outcome<bool> {
        let Some(place) = place else { return Ok(false) };
        self.decode(&place, self.spec.chain.plain_bytes, worker)?;
        Ok(true)
    }

    /// The stored bytes of chunk `number` of the file.
    fn place(&self, file: &str, number: u64, now: u64) -> Outcome<Option<Place>> {
        let most = self.spec.chain.most_stored();
        match &self.spec.shard {
            None => Place::in_file(file.to_string(), most),
            Some(spec) => Place::in_shard(Shard::open(file, spec, now)?, number, most),
        }
    }

    fn copy_from(
        &self,
        place: Option<Place>,
        chunk: &[u64],
        target: &Destination,
        worker: &mut Worker,
    ) -> Outcome<bool> {
        let chunk_region = self.chunk_region(chunk);
        let Destination { region, steps, memory } = target;
        let part = region.within(&chunk_region.origin, &chunk_region.shape);
        let runs = Runs::to_steps(&part, &chunk_region, region, steps, self.spec.element_bytes);
        let Some(place) = place else {
            runs.each(|_, to, bytes| {
                runs.fill(&self.spec.fill, bytes, memory, to);
                Ok::<(), Failure>(())
            })?;
            return Ok(false);
        };
        if self.is_blosc_only() && self.copy_blocks(&place, &runs, memory, worker)? {
            return Ok(true);
        }
        self.decode(&place, runs.span_a().end, worker)?;
        let plain = worker.plain.bytes(self.spec.chain.plain_bytes);
        runs.each(|from, to, bytes| {
            runs.copy(&plain[from..from + bytes], memory, to);
            Ok::<(), Failure>(())
        })?;
        Ok(true)
    }

    /// Decodes the first `needed` bytes of a chunk at least into `worker.plain`.
    fn decode(&self, place: &Place, needed: usize, worker: &mut Worker) -> Outcome<()> {
        let Worker { raw, plain, spare, decoders } = worker;
        let raw = raw.room(place.bytes)?;
        place.read(0, raw)?;
        self.spec.chain.decode(raw, plain, spare, needed, decoders)?.map_err(damaged)
    }

    fn is_blosc_only(&self) -> bool {
        let chain = &self.spec.chain;
        let is_blosc = matches!(chain.tail.compression, Some(Compression::Blosc(_)));
        is_blosc && chain.tail.inner_crcs == 0 && matches!(chain.head, Head::Identity)
    }

    /// Decodes only the blosc blocks that the runs touch. False when the frame's compressor has to
    /// be run over the whole frame.
    fn copy_blocks(
        &self,
        place: &Place,
        runs: &Runs,
        target: &Target,
        worker: &mut Worker,
    ) -> Outcome<bool> {
        let Worker { raw, plain, decoders: Decoders { blosc, .. }, .. } = worker;
        let raw = raw.room(place.bytes)?;
        let wanted = runs.span_a();
        let Some((header, frame)) = self.fetch(place, raw, &wanted, blosc)? else {
            return Ok(false);
        };
        let block_bytes = header.block_bytes;
        if !runs.is_dense() && !block_bytes.is_multiple_of(self.spec.element_bytes) {
            return Ok(false);
        }
        let plain = plain.room(block_bytes)?;
        let first = wanted.start / block_bytes;
        let mut held = usize::MAX;
        runs.each(|mut from, mut to, bytes| {
            let stop = from + bytes;
            while from < stop {
                let block = from / block_bytes;
                let start = block * block_bytes;
                let end = stop.min(start + block_bytes);
                let is_whole = from == start && end - from == header.block_length(block);
                if is_whole && runs.is_dense() {
                    let out = target.bytes(to, end - from);
                    blosc.block(&header, frame, block, first, out)?;
                } else {
                    if block != held {
                        blosc.block(&header, frame, block, first, plain)?;
                        held = block;
                    }
                    runs.copy(&plain[from - start..end - start], target, to);
                }
                (from, to) = (end, to + runs.advance(end - from));
            }
            Ok(())
        })
        .map_err(damaged)?;
        Ok(true)
    }

    /// Reads into `raw` what the decoded bytes `wanted` need of a frame: all of it when a checksum
    /// has to be verified, else the header and the blocks.
    fn fetch<'a>(
        &self,
        place: &Place,
        raw: &'a mut [u8],
        wanted: &Range<usize>,
        decoder: &mut blosc::Decoder,
    ) -> Outcome<Option<(Header, &'a [u8])>> {
        let tail = &self.spec.chain.tail;
        let expected = self.spec.chain.plain_bytes;
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

    /// Says which array, chunk and file it was about.
    pub fn located(&self, failure: Failure, chunk: &[u64], file: &str) -> Failure {
        let path = &self.path;
        let message = format!("{path}, chunk {chunk:?}, file {file}: {}", failure.message);
        Failure { message, path: path.clone(), chunk: Some(chunk.to_vec()), ..failure }
    }

    pub fn missing(&self, chunk: &[u64]) -> Failure {
        let file = self.file(&self.outer(chunk).0);
        let failure = Failure::new(Code::ZarrMissingChunk, "expected the chunk, found none");
        self.located(failure, chunk, &file)
    }
}

fn damaged(reason: String) -> Failure {
    Failure::new(Code::ZarrChunk, reason)
}
