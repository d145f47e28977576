//! Copies parts of one chunk to where reads want them: through the array's cache, or decoding no
//! more than the parts need.

use std::ops::Range;

use crate::array::ZarrArray;
use crate::cache::Pin;
use crate::failure::{Failure, Outcome};
use crate::memory::{Destination, Target};
use crate::patience::{PAUSES, patiently};
use crate::region::Runs;
use crate::shard::{self, Shard};
use crate::stored::Place;
use crate::waiting::Waiting;
use crate::worker::Worker;

/// What became of the parts of a chunk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// The chunk is not there, and nothing was copied.
    pub is_missing: bool,
    /// All of it was in the cache.
    pub is_hit: bool,
    pub stored_bytes: u64,
    pub retries: u64,
}

/// Where a part of a chunk goes.
pub struct Part<'a> {
    pub runs: Runs,
    pub memory: &'a Target,
}

impl ZarrArray {
    /// Copies what each of the destinations wants of a chunk to where it lies there.
    ///
    /// `now` is when the latest of the reads began (see `shard::tick`), `places` those that the
    /// reads have in the order that the cache was told.
    pub fn copy_parts<'d>(
        &self,
        chunk: &[u64],
        destinations: &[&'d Destination],
        places: &[u64],
        now: u64,
        worker: &mut Worker,
    ) -> Outcome<Found> {
        let chunk_region = self.chunk_region(chunk);
        let part = |destination: &&'d Destination| {
            let Destination { region, steps, memory } = *destination;
            let part = region.within(&chunk_region.origin, &chunk_region.shape);
            let element = self.spec.element_bytes;
            Part { runs: Runs::to_steps(&part, &chunk_region, region, steps, element), memory }
        };
        let parts: Vec<Part> = destinations.iter().map(part).collect();
        let (outer, number) = self.outer(chunk);
        let file = self.file(&outer);
        let _waiting = Waiting::on(&file);
        let mut found = Found::default();
        let mut retries = 0;
        let once = || {
            let locate = || self.locate(&file, number, now);
            self.copy_once(chunk, &parts, places, &locate, &mut found, worker)
        };
        let again = || {
            shard::forget(&file); // its handle may be what is stale
            retries += 1;
        };
        let outcome = patiently(&PAUSES, once, again);
        outcome.map_err(|failure| self.located(failure, chunk, &file))?;
        Ok(Found { retries, ..found })
    }

    /// The stored bytes of chunk `number` of the file.
    fn locate(&self, file: &str, number: u64, now: u64) -> Outcome<Option<Place>> {
        let most = self.spec.chain.most_stored();
        match &self.spec.shard {
            None => Place::in_file(file.to_string(), most),
            Some(spec) => Place::in_shard(Shard::open(file, spec, now)?, number, most),
        }
    }

    fn copy_once(
        &self,
        chunk: &[u64],
        parts: &[Part],
        places: &[u64],
        locate: &dyn Fn() -> Outcome<Option<Place>>,
        found: &mut Found,
        worker: &mut Worker,
    ) -> Outcome<()> {
        let cached = self.cache.as_ref().zip(self.key(chunk));
        let Some((cache, key)) = cached else {
            return match locate()? {
                Some(place) => self.copy_directly(&place, parts, found, worker),
                None => found.missing(),
            };
        };
        let mut place = None;
        let mut pin = cache.find(key, places);
        if pin.is_none() {
            let writes = cache.writes();
            place = locate()?;
            let Some(place) = &place else { return found.missing() };
            pin = cache.admit(key, !places.is_empty(), self.spec.chain.plain_bytes, writes);
            if pin.is_none() {
                cache.count(false);
                return self.copy_directly(place, parts, found, worker);
            }
        }
        let Some(pin) = pin else { return found.missing() };
        let outcome = self.copy_cached(&pin, place, parts, locate, found, worker);
        cache.count(found.is_hit);
        if outcome.is_err() || found.is_missing {
            pin.discard();
        }
        outcome
    }

    /// Copies from the cache, once what is lacking there is decoded.
    fn copy_cached(
        &self,
        pin: &Pin,
        mut place: Option<Place>,
        parts: &[Part],
        locate: &dyn Fn() -> Outcome<Option<Place>>,
        found: &mut Found,
        worker: &mut Worker,
    ) -> Outcome<()> {
        let wanted = span(parts);
        found.is_hit = true;
        loop {
            {
                let content = pin.chunk().content();
                if content.has(&wanted) {
                    return copy(parts, content.plain());
                }
            }
            let mut content = pin.chunk().content_mut();
            if content.has(&wanted) {
                continue; // another thread decoded it meanwhile
            }
            found.is_hit = false;
            let Some(place) = (match place.take() {
                Some(place) => Some(place),
                None => locate()?,
            }) else {
                return found.missing();
            };
            let outcome = self.complete(&place, &wanted, &mut content, worker);
            found.stored_bytes += place.read_bytes.get();
            outcome?;
        }
    }

    fn copy_directly(
        &self,
        place: &Place,
        parts: &[Part],
        found: &mut Found,
        worker: &mut Worker,
    ) -> Outcome<()> {
        let outcome = self.decode_to(place, parts, worker);
        found.stored_bytes += place.read_bytes.get();
        outcome
    }

    /// Fills what a destination wants of a missing chunk.
    pub fn fill_part(&self, chunk: &[u64], destination: &Destination) {
        let chunk = self.chunk_region(chunk);
        let Destination { region, steps, memory } = destination;
        let part = region.within(&chunk.origin, &chunk.shape);
        let runs = Runs::to_steps(&part, &chunk, region, steps, self.spec.element_bytes);
        let _ = runs.each(|_, to, bytes| {
            runs.fill(&self.spec.fill, bytes, memory, to);
            Ok::<(), Failure>(())
        });
    }
}

impl Found {
    fn missing(&mut self) -> Outcome<()> {
        (self.is_missing, self.is_hit) = (true, false);
        Ok(())
    }
}

/// The bytes of the chunk from the first to past the last that one of the parts wants.
pub fn span(parts: &[Part]) -> Range<usize> {
    let spans = parts.iter().map(|part| part.runs.span_a());
    spans.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or(0..0)
}

pub fn copy(parts: &[Part], plain: &[u8]) -> Outcome<()> {
    for Part { runs, memory } in parts {
        runs.each(|from, to, bytes| {
            runs.copy(&plain[from..from + bytes], memory, to);
            Ok::<(), Failure>(())
        })?;
    }
    Ok(())
}
