//! One writer at a time for each file of chunks, within the process: a write that covers a chunk
//! in part reads it, changes it and puts it back, and no other may come between.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use crate::lock::lock;

/// The right to replace one file; given back when dropped.
pub struct Claim(String);

struct Claims {
    taken: Mutex<HashSet<String>>,
    fewer: Condvar,
}

impl Claim {
    /// Waits until no one else has `path`.
    ///
    /// This cannot lock the pool up: it hands out jobs in order, so a thread waits here only for a
    /// job that came before its own, or whose remaining units other threads are free to run.
    pub fn take(path: &str) -> Self {
        let claims = claims();
        let mut taken = lock(&claims.taken);
        while taken.contains(path) {
            taken = claims.fewer.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        taken.insert(path.to_string());
        Self(path.to_string())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        lock(&claims().taken).remove(&self.0);
        claims().fewer.notify_all();
    }
}

fn claims() -> &'static Claims {
    static CLAIMS: OnceLock<Claims> = OnceLock::new();
    CLAIMS.get_or_init(|| Claims { taken: Mutex::default(), fewer: Condvar::new() })
}
