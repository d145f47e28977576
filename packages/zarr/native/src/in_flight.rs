//! The jobs that one JavaScript thread waits for. They use its memory, so it may not go (a Worker
//! that is terminated, a process that exits) before they have ended.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::pool::{Ticket, lock};

#[derive(Default)]
pub struct InFlight {
    jobs: Mutex<HashMap<u32, Option<Arc<Ticket>>>>,
    fewer: Condvar,
}

impl InFlight {
    /// A job is about to be queued. `id` is the caller's own number for it.
    pub fn begin(&self, id: u32) {
        lock(&self.jobs).insert(id, None);
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

    /// Stops what has not begun, and waits for the rest.
    pub fn drain(&self) {
        let mut jobs = lock(&self.jobs);
        for ticket in jobs.values().flatten() {
            ticket.abort();
        }
        while !jobs.is_empty() {
            jobs = self.fewer.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
