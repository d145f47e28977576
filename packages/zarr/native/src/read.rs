use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::array::ZarrArray;
use crate::failure::Outcome;
use crate::job::{Done, Job, Once, Ticket, guarded};
use crate::memory::Destination;
use crate::part::Found;
use crate::region::ChunkBox;
use crate::shard::tick;
use crate::sharing::{self, Name, Waiting};
use crate::worker::Worker;

/// A read of more chunks shares none: each takes a place in the table of those that do.
const MAX_SHARED_CHUNKS: u64 = 1 << 12;

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
    /// Sums over the threads that were at it.
    pub storage: Duration,
    pub decoding: Duration,
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
    /// Are its units where other reads of the same chunks find them?
    is_shared: AtomicBool,
    done: Once<Done<ReadReport>>,
}

#[derive(Default)]
struct Counts {
    missing: AtomicU64,
    retries: AtomicU64,
    cached: AtomicU64,
    stored_bytes: AtomicU64,
    storage_ns: AtomicU64,
    decoding_ns: AtomicU64,
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
        let is_shared = AtomicBool::new(false);
        Self { array, chunks, target, missing, place, counts, began, is_shared, done }
    }

    fn name(&self, chunk: &[u64]) -> Option<Name> {
        let key = self.array.key(chunk)?;
        Some((Arc::as_ptr(&self.array).addr(), key.chunk))
    }

    /// Takes note of what became of one chunk.
    fn note(&self, chunk: &[u64], found: Found) -> Outcome<()> {
        let Self { array, target, counts, .. } = self;
        counts.cached.fetch_add(found.is_hit.into(), Ordering::Relaxed);
        if found.is_missing {
            counts.missing.fetch_add(1, Ordering::Relaxed);
            match self.missing {
                Missing::Refuse => return Err(array.missing(chunk)),
                Missing::Fill => array.fill_part(chunk, target),
                Missing::Leave => {}
            }
        }
        Ok(())
    }

    /// Copies parts of one chunk to all of the reads.
    fn copy(&self, chunk: &[u64], reads: &[&ReadJob], worker: &mut Worker) -> Outcome<Found> {
        let targets: Vec<_> = reads.iter().map(|read| &read.target).collect();
        let places: Vec<_> = reads.iter().filter_map(|read| read.place).collect();
        let now = reads.iter().map(|read| read.began).max().unwrap_or(self.began);
        let found = self.array.copy_parts(chunk, &targets, &places, now, worker)?;
        let Counts { retries, stored_bytes, storage_ns, decoding_ns, .. } = &self.counts;
        retries.fetch_add(found.retries, Ordering::Relaxed);
        stored_bytes.fetch_add(found.stored_bytes, Ordering::Relaxed);
        storage_ns.fetch_add(found.storage.as_nanos() as u64, Ordering::Relaxed);
        decoding_ns.fetch_add(found.decoding.as_nanos() as u64, Ordering::Relaxed);
        Ok(found)
    }
}

impl Job for ReadJob {
    fn units(&self) -> usize {
        self.chunks.len() as usize
    }

    fn queue(self: Arc<Self>, ticket: &Arc<Ticket>) {
        let count = self.chunks.len();
        if count > MAX_SHARED_CHUNKS || self.name(&self.chunks.chunk(0)).is_none() {
            return;
        }
        let names = (0..count).filter_map(|unit| self.name(&self.chunks.chunk(unit)));
        let waiting = |name| (name, Waiting { job: self.clone(), ticket: ticket.clone() });
        let units: Vec<_> = names.map(waiting).collect();
        self.is_shared.store(true, Ordering::Release); // before another thread can take one
        if !sharing::offer(units) {
            self.is_shared.store(false, Ordering::Release);
        }
    }

    fn run(&self, unit: usize, worker: &mut Worker) -> Outcome<()> {
        let chunk = self.chunks.chunk(unit as u64);
        let found = self.copy(&chunk, &[self], worker)?;
        self.note(&chunk, found)
    }

    fn run_to_end(&self, ticket: &Ticket, unit: usize, worker: &mut Worker) {
        if !self.is_shared.load(Ordering::Acquire) {
            return ticket.end(|| self.run(unit, worker));
        }
        let chunk = self.chunks.chunk(unit as u64);
        let group = guarded(|| Ok(self.name(&chunk).and_then(|name| sharing::take(name, self))));
        let group = match group {
            Ok(Some(group)) => group,
            Ok(None) => return, // another read's thread has it, and ends it
            Err(failure) => return ticket.end(|| Err(failure)),
        };
        let wanted = group.iter().filter(|waiting| !waiting.ticket.is_stopped());
        let reads: Vec<_> = wanted.map(|waiting| &*waiting.job).collect();
        let outcome = guarded(|| match reads.is_empty() {
            true => Ok(Found::default()),
            false => self.copy(&chunk, &reads, worker),
        });
        for Waiting { job, ticket, .. } in &group {
            ticket.end(|| job.note(&chunk, outcome.clone()?));
        }
    }

    fn finish(&self, outcome: Outcome<()>) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let report = ReadReport {
            chunks: self.chunks.len(),
            missing: count(&self.counts.missing),
            retries: count(&self.counts.retries),
            cached: count(&self.counts.cached),
            stored_bytes: count(&self.counts.stored_bytes),
            storage: Duration::from_nanos(count(&self.counts.storage_ns)),
            decoding: Duration::from_nanos(count(&self.counts.decoding_ns)),
        };
        if let Some(done) = self.done.take() {
            done(outcome.map(|()| report));
        }
    }
}
