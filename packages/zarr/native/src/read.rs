use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::array::ZarrArray;
use crate::failure::Outcome;
use crate::memory::Destination;
use crate::pool::{Done, Job, Once};
use crate::region::ChunkBox;
use crate::shard::tick;
use crate::worker::Worker;

/// What becomes of the part of a chunk that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Fill,
    /// The target's part stays as it was.
    Leave,
    Refuse,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct ReadReport {
    pub chunks: u64,
    pub missing: u64,
    /// How often a file was asked again that failed for a moment.
    pub retries: u64,
    /// Chunks of which all that was wanted was in the cache.
    pub cached: u64,
    /// Bytes of chunks that were read from storage.
    pub stored_bytes: u64,
}

/// Reads one region: a unit for each inner chunk that it touches.
pub struct ReadJob {
    array: Arc<ZarrArray>,
    chunks: ChunkBox,
    target: Destination,
    missing: Missing,
    /// In the order of reads that the cache was told.
    place: Option<u64>,
    counts: Counts,
    began: u64,
    done: Once<Done<ReadReport>>,
}

#[derive(Default)]
struct Counts {
    missing: AtomicU64,
    retries: AtomicU64,
    cached: AtomicU64,
    stored_bytes: AtomicU64,
}

impl ReadJob {
    /// The region lies inside the array, and no two of its elements share memory of the target.
    pub fn new(
        array: Arc<ZarrArray>,
        target: Destination,
        missing: Missing,
        place: Option<u64>,
        done: Done<ReadReport>,
    ) -> Self {
        let chunks = target.region.chunks(&array.spec.chunk);
        let (counts, began, done) = (Counts::default(), tick(), Once::new(done));
        Self { array, chunks, target, missing, place, counts, began, done }
    }
}

impl Job for ReadJob {
    fn units(&self) -> usize {
        self.chunks.len() as usize
    }

    fn run(&self, unit: usize, worker: &mut Worker) -> Outcome<()> {
        let chunk = self.chunks.chunk(unit as u64);
        let Self { array, target, began, counts, .. } = self;
        let found = array.copy_parts(&chunk, &[target], self.place.as_slice(), *began, worker)?;
        counts.retries.fetch_add(found.retries, Ordering::Relaxed);
        counts.cached.fetch_add(found.is_hit.into(), Ordering::Relaxed);
        counts.stored_bytes.fetch_add(found.stored_bytes, Ordering::Relaxed);
        if found.is_missing {
            counts.missing.fetch_add(1, Ordering::Relaxed);
            match self.missing {
                Missing::Refuse => return Err(array.missing(&chunk)),
                Missing::Fill => array.fill_part(&chunk, target),
                Missing::Leave => {}
            }
        }
        Ok(())
    }

    fn finish(&self, outcome: Outcome<()>) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let report = ReadReport {
            chunks: self.chunks.len(),
            missing: count(&self.counts.missing),
            retries: count(&self.counts.retries),
            cached: count(&self.counts.cached),
            stored_bytes: count(&self.counts.stored_bytes),
        };
        if let Some(done) = self.done.take() {
            done(outcome.map(|()| report));
        }
    }
}
