//! The jobs that one JavaScript thread waits for. They use its memory, so it may not go (a Worker
//! that is terminated, a process that exits) before they have ended.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::failure::{Code, Failure, Outcome};
use crate::job::Ticket;
use crate::lock::lock;

/// Jobs of one JavaScript thread at a time: what waits in the queue takes memory.
const MAX_JOBS: usize = 1 << 16;

#[derive(Default)]
pub struct InFlight {
    jobs: Mutex<HashMap<u32, Option<Arc<Ticket>>>>,
    fewer: Condvar,
}

impl InFlight {
    /// A job is about to be queued. `id` is the caller's own number for it.
    pub fn begin(&self, id: u32) -> Outcome<()> {
        let mut jobs = lock(&self.jobs);
        if jobs.len() == MAX_JOBS {
            let message = format!(
                "expected at most {MAX_JOBS} reads and writes in flight, found one more; await some first"
            );
            return Err(Failure::new(Code::ZarrBounds, message));
        }
        jobs.insert(id, None);
        Ok(())
    }

    /// The job was queued; it may have ended already.
    pub fn queued(&self, id: u32, ticket: Arc<Ticket>) {
        if let Some(entry) = lock(&self.jobs).get_mut(&id) {
            *entry = Some(ticket);
        }
    }

    pub fn end(&self, id: u32) {
        lock(&self.jobs).remove(&id);
        self.fewer.notify_all();
    }

    pub fn abort(&self, id: u32) {
        if let Some(Some(ticket)) = lock(&self.jobs).get(&id) {
            ticket.abort();
        }
    }

    /// Stops what has not begun, and waits for the rest, however long storage takes: the memory of
    /// a Worker that ends is used again. The first thread never waits here: reads in flight keep its
    /// event loop going, and `process.exit` ends it as it is, memory and all.
    pub fn drain(&self) {
        let jobs = lock(&self.jobs);
        for ticket in jobs.values().flatten() {
            ticket.abort();
        }
        let wait = self.fewer.wait_while(jobs, |jobs| !jobs.is_empty());
        drop(wait.unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_jobs_are_taken_than_can_be_remembered() {
        let in_flight = InFlight::default();
        assert!((0..MAX_JOBS as u32).all(|id| in_flight.begin(id).is_ok()));
        let refused = in_flight.begin(u32::MAX).err().map(|failure| failure.message);
        assert!(refused.is_some_and(|message| message.contains("at most 65536 reads and writes")));
        in_flight.end(7);
        assert!(in_flight.begin(u32::MAX).is_ok());
    }

    #[test]
    fn a_thread_that_ends_waits_for_its_jobs() {
        let in_flight = InFlight::default();
        assert!(in_flight.begin(1).is_ok());
        std::thread::scope(|scope| {
            let drained = scope.spawn(|| in_flight.drain());
            assert!(!drained.is_finished());
            in_flight.end(1);
        });
    }
}
