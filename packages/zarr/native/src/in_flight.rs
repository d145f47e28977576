//! The jobs that one JavaScript thread waits for. They use its memory, so it may not go (a Worker
//! that is terminated, a process that exits) before they have ended.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::failure::{Code, Failure, Outcome};
use crate::pool::{Ticket, lock};

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

    /// Stops what has not begun, and waits for the rest; no longer than `patience`.
    pub fn drain(&self, patience: Option<Duration>) {
        let jobs = lock(&self.jobs);
        for ticket in jobs.values().flatten() {
            ticket.abort();
        }
        let most = patience.unwrap_or(Duration::MAX);
        let wait = self.fewer.wait_timeout_while(jobs, most, |jobs| !jobs.is_empty());
        drop(wait.unwrap_or_else(PoisonError::into_inner));
    }
}

/// How long the thread that leaves waits for its jobs. The first thread of the process ends it, and
/// storage that has stalled must not keep it alive; of any other thread the memory is used again.
pub fn patience() -> Option<Duration> {
    is_first_thread().then_some(Duration::from_secs(5))
}

#[cfg(target_os = "linux")]
fn is_first_thread() -> bool {
    unsafe { libc::gettid() == libc::getpid() }
}

#[cfg(target_os = "macos")]
fn is_first_thread() -> bool {
    unsafe { libc::pthread_main_np() != 0 }
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
    fn a_job_that_never_ends_does_not_hold_the_process_up() {
        let in_flight = InFlight::default();
        assert!(in_flight.begin(1).is_ok());
        in_flight.drain(Some(Duration::from_millis(1)));
        in_flight.end(1);
        in_flight.drain(None);
    }
}
