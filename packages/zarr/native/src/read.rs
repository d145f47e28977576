use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::array::ZarrArray;
use crate::failure::Outcome;
use crate::memory::Destination;
use crate::pool::{Done, Job, Once};
use crate::region::ChunkBox;
use crate::shard::tick;
use crate::worker::Worker;

pub struct ReadReport {
    pub chunks: u64,
    pub missing: u64,
    /// How often a file was asked again that failed for a moment.
    pub retries: u64,
}

/// Reads one region: a unit for each inner chunk that it touches.
pub struct ReadJob {
    array: Arc<ZarrArray>,
    chunks: ChunkBox,
    target: Destination,
    refuses_missing: bool,
    missing: AtomicU64,
    retries: AtomicU64,
    began: u64,
    done: Once<Done<ReadReport>>,
}

impl ReadJob {
    /// The region lies inside the array, and no two of its elements share memory of the target.
    pub fn new(
        array: Arc<ZarrArray>,
        target: Destination,
        refuses_missing: bool,
        done: Done<ReadReport>,
    ) -> Self {
        let chunks = target.region.chunks(&array.spec.chunk);
        let (missing, retries, began) = (AtomicU64::new(0), AtomicU64::new(0), tick());
        let done = Once::new(done);
        Self { array, chunks, target, refuses_missing, missing, retries, began, done }
    }
}

impl Job for ReadJob {
    fn units(&self) -> usize {
        self.chunks.len() as usize
    }

    fn run(&self, unit: usize, worker: &mut Worker) -> Outcome<()> {
        let chunk = self.chunks.chunk(unit as u64);
        let Self { array, target, began, retries, .. } = self;
        if !array.copy_part(&chunk, target, *began, retries, worker)? {
            if self.refuses_missing {
                return Err(array.missing(&chunk));
            }
            self.missing.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn finish(&self, outcome: Outcome<()>) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (missing, retries) = (count(&self.missing), count(&self.retries));
        let report = ReadReport { chunks: self.chunks.len(), missing, retries };
        if let Some(done) = self.done.take() {
            done(outcome.map(|()| report));
        }
    }
}
