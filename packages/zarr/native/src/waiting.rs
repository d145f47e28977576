//! Which files threads of this process are reading, and since when: what a stall is about.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use crate::lock::lock;

/// A thread reads a file as long as it holds this.
pub struct Waiting(u64);

fn files() -> &'static Mutex<HashMap<u64, (String, Instant)>> {
    static FILES: OnceLock<Mutex<HashMap<u64, (String, Instant)>>> = OnceLock::new();
    FILES.get_or_init(Mutex::default)
}

impl Waiting {
    pub fn on(file: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        lock(files()).insert(id, (file.to_string(), Instant::now()));
        Self(id)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        lock(files()).remove(&self.0);
    }
}

/// The files that a thread has been reading for `least`, with how long; the longest first.
pub fn waited_for(least: Duration) -> Vec<(String, Duration)> {
    let mut found: Vec<_> = lock(files())
        .values()
        .map(|(file, since)| (file.clone(), since.elapsed()))
        .filter(|(_, waited)| *waited >= least)
        .collect();
    found.sort_by_key(|(_, waited)| std::cmp::Reverse(*waited));
    found
}
