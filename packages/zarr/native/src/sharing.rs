//! Reads in flight that want parts of one chunk have it decoded once: the thread that comes to it
//! for one of them serves the others along with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use crate::job::Ticket;
use crate::lock::lock;
use crate::read::ReadJob;

/// Of all reads together; units beyond are served one by one.
const MAX_WAITING: usize = 1 << 18;
/// So many reads are served at once, so that other threads have something to do.
const MAX_GROUP: usize = 16;

/// A unit of a read that no thread has begun.
pub struct Waiting {
    pub job: Arc<ReadJob>,
    pub ticket: Arc<Ticket>,
}

/// An open array (its address), and the number of a chunk in its grid.
pub type Name = (usize, u64);

#[derive(Default)]
struct Shared {
    units: HashMap<Name, Vec<Waiting>>,
    count: usize,
}

fn shared() -> &'static Mutex<Shared> {
    static SHARED: OnceLock<Mutex<Shared>> = OnceLock::new();
    SHARED.get_or_init(Mutex::default)
}

/// Puts all units of a read up. False when there are too many.
pub fn offer(units: Vec<(Name, Waiting)>) -> bool {
    let mut shared = lock(shared());
    if shared.count + units.len() > MAX_WAITING {
        return false;
    }
    shared.count += units.len();
    for (name, waiting) in units {
        shared.units.entry(name).or_default().push(waiting);
    }
    true
}

/// Takes a unit, and others that want the same chunk. None when another thread has taken it.
pub fn take(name: Name, job: &ReadJob) -> Option<Vec<Waiting>> {
    let mut shared = lock(shared());
    let waiting = shared.units.get_mut(&name)?;
    let own = waiting.iter().position(|unit| std::ptr::eq(&*unit.job, job))?;
    waiting.swap(0, own);
    let group: Vec<_> = waiting.drain(..waiting.len().min(MAX_GROUP)).collect();
    if waiting.is_empty() {
        shared.units.remove(&name);
    }
    shared.count -= group.len();
    Some(group)
}
