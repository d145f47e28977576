//! Copies parts of one chunk to where reads want them: through the array's cache, or decoding no
//! more than the parts need.

use std::cell::Cell;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::array::ZarrArray;
use crate::cache::Pin;
use crate::failure::{Failure, Outcome};
use crate::memory::{Destination, Target};
use crate::patience::{PAUSES, patiently};
use crate::runs::Runs;
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
    /// How long storage was asked, with the pauses before it was asked again.
    pub storage: Duration,
    /// How long bytes were decoded, and copied to where the reads want them.
    pub decoding: Duration,
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
        let locating = Cell::new(Duration::ZERO);
        let once = || {
            let locate = || {
                let began = Instant::now();
                let place = self.locate(&file, number, now);
                locating.update(|time| time + began.elapsed());
                place
            };
            self.copy_once(chunk, &parts, places, &locate, &mut found, worker)?;
            if found.is_missing { self.is_there() } else { Ok(()) }
        };
        let again = || {
            shard::forget(&file); // its handle may be what is stale
            retries += 1;
        };
        let outcome = patiently(&PAUSES, once, again);
        outcome.map_err(|failure| self.located(failure, chunk, &file))?;
        let paused: Duration = PAUSES[..retries].iter().sum();
        let storage = found.storage + locating.get() + paused;
        Ok(Found { retries: retries as u64, storage, ..found })
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
                Some(place) => found.with(&place, || self.decode_to(&place, parts, worker)),
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
                return found.with(place, || self.decode_to(place, parts, worker));
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
                    let began = Instant::now();
                    let outcome = copy(parts, content.plain());
                    found.decoding += began.elapsed();
                    return outcome;
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
            found.with(&place, || self.complete(&place, &wanted, &mut content, worker))?;
        }
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

    /// Takes note of what it takes to decode what lies at `place`, which nothing was read of yet.
    fn with<T>(&mut self, place: &Place, decode: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let outcome = decode();
        let storage = place.read_time.get();
        self.stored_bytes += place.read_bytes.get();
        self.storage += storage;
        self.decoding += began.elapsed().saturating_sub(storage);
        outcome
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
