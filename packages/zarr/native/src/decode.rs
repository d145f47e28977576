//! Decodes chunks: whole, or what parts of them need.

use std::ops::Range;

use crate::array::ZarrArray;
use crate::content::Content;
use crate::failure::Outcome;
use crate::frame::{damaged, fetch};
use crate::part::{Part, copy, span};
use crate::stored::Place;
use crate::worker::{Decoders, Worker};

impl ZarrArray {
    /// Decodes a whole chunk into `worker.plain`. False when there is no place.
    pub fn decode_whole(&self, place: Option<Place>, worker: &mut Worker) -> Outcome<bool> {
        let Some(place) = place else { return Ok(false) };
        let Worker { raw, plain, spare, decoders, .. } = worker;
        let raw = raw.room(place.bytes)?;
        place.read(0, raw)?;
        let chain = &self.spec.chain;
        let plain = plain.room(chain.plain_bytes)?;
        chain.decode(raw, plain, spare, chain.plain_bytes, decoders)?.map_err(damaged)?;
        Ok(true)
    }

    /// Decodes what the parts want, and copies it to where they lie.
    pub fn decode_to(&self, place: &Place, parts: &[Part], worker: &mut Worker) -> Outcome<()> {
        let chain = &self.spec.chain;
        if self.is_blosc_only() {
            if let [part] = parts
                && self.copy_blocks(place, part, worker)?
            {
                return Ok(());
            }
            let mut content = std::mem::take(&mut worker.content);
            content.forget();
            let outcome = self
                .complete(place, &span(parts), &mut content, worker)
                .and_then(|()| copy(parts, content.plain()));
            worker.content = content;
            return outcome;
        }
        let Worker { raw, plain, spare, decoders, .. } = worker;
        let raw = raw.room(place.bytes)?;
        place.read(0, raw)?;
        let plain = plain.room(chain.plain_bytes)?;
        chain.decode(raw, plain, spare, span(parts).end, decoders)?.map_err(damaged)?;
        copy(parts, plain)
    }

    /// Decodes into `content` what of `wanted` is not there yet.
    pub fn complete(
        &self,
        place: &Place,
        wanted: &Range<usize>,
        content: &mut Content,
        worker: &mut Worker,
    ) -> Outcome<()> {
        let chain = &self.spec.chain;
        let Worker { raw, spare, decoders, .. } = worker;
        let version = place.version();
        content.make_room(chain.plain_bytes)?;
        if !content.is_of(version) {
            content.forget();
        }
        let Some(lacking) = content.lacking(wanted) else { return Ok(()) };
        let raw = raw.room(place.bytes)?;
        if self.is_blosc_only() {
            let Decoders { blosc, .. } = decoders;
            let fetched = fetch(place, &chain.tail, chain.plain_bytes, &lacking, raw, blosc)?;
            if let Some((header, frame)) = fetched {
                content.begin(version, header.block_bytes);
                let first = lacking.start / header.block_bytes;
                let blocks = first..lacking.end.div_ceil(header.block_bytes);
                let decode = |block, out: &mut [u8]| blosc.block(&header, frame, block, first, out);
                return content.decode(blocks, decode).map_err(damaged);
            }
        }
        place.read(0, raw)?;
        content.begin(version, chain.plain_bytes);
        content.decode(0..1, |_, plain| {
            chain.decode(raw, plain, spare, chain.plain_bytes, decoders)?.map_err(damaged)
        })
    }

    /// Decodes only the blosc blocks that the runs touch. False when the frame's compressor has to
    /// be run over the whole frame.
    fn copy_blocks(&self, place: &Place, part: &Part, worker: &mut Worker) -> Outcome<bool> {
        let Worker { raw, plain, decoders: Decoders { blosc, .. }, .. } = worker;
        let Part { runs, memory } = part;
        let chain = &self.spec.chain;
        let raw = raw.room(place.bytes)?;
        let wanted = runs.span_a();
        let fetched = fetch(place, &chain.tail, chain.plain_bytes, &wanted, raw, blosc)?;
        let Some((header, frame)) = fetched else { return Ok(false) };
        let block_bytes = header.block_bytes;
        if !runs.is_dense() && !block_bytes.is_multiple_of(self.spec.element_bytes) {
            return Ok(false);
        }
        let plain = plain.room(block_bytes)?;
        let first = wanted.start / block_bytes;
        // The block that `plain` has, and the bytes of the chunk that it is.
        let (mut held, mut held_bytes) = (usize::MAX, 0..0);
        runs.each(|mut from, mut to, bytes| {
            let stop = from + bytes;
            if held_bytes.start <= from && stop <= held_bytes.end {
                let at = from - held_bytes.start;
                runs.copy(&plain[at..at + bytes], memory, to); // as nearly all short runs are
                return Ok(());
            }
            while from < stop {
                let block = from / block_bytes;
                let start = block * block_bytes;
                let end = stop.min(start + block_bytes);
                let is_whole = from == start && end - from == header.block_length(block);
                if is_whole && runs.is_dense() {
                    let out = memory.bytes(to, end - from);
                    blosc.block(&header, frame, block, first, out)?;
                } else {
                    if block != held {
                        blosc.block(&header, frame, block, first, plain)?;
                        (held, held_bytes) = (block, start..start + header.block_length(block));
                    }
                    runs.copy(&plain[from - start..end - start], memory, to);
                }
                (from, to) = (end, to + runs.advance(end - from));
            }
            Ok(())
        })
        .map_err(damaged)?;
        Ok(true)
    }
}
