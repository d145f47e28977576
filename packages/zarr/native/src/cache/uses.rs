//! The reads to come, as far as they were announced.

use std::collections::{HashMap, VecDeque};

use super::Key;

/// A read that was announced and is so many places late will not come: it failed, or was skipped.
const MOST_LATE: u64 = 64;
/// Uses that are remembered, of all chunks together: at most 100 MB.
const MAX_USES: usize = 1 << 20;

/// For each chunk the places, in the order of all reads, of those that will use it.
#[derive(Default)]
pub struct Uses {
    places: HashMap<Key, VecDeque<u64>>,
    count: usize,
    /// The furthest place whose read has begun.
    clock: u64,
}

impl Uses {
    pub fn count(&self) -> usize {
        self.count
    }

    /// Places are announced in ascending order. Where there is no room, the use is not remembered.
    pub fn announce(&mut self, key: Key, place: u64) {
        if self.count == MAX_USES {
            self.sweep();
        }
        if self.count < MAX_USES {
            self.places.entry(key).or_default().push_back(place);
            self.count += 1;
        }
    }

    /// The read of `place` has come to this chunk.
    pub fn come(&mut self, key: Key, place: u64) {
        self.clock = self.clock.max(place);
        let Some(places) = self.places.get_mut(&key) else { return };
        if let Some(at) = places.iter().position(|&other| other == place) {
            places.remove(at);
            self.count -= 1;
        }
        if places.is_empty() {
            self.places.remove(&key);
        }
    }

    /// Where the chunk is used next.
    pub fn next(&mut self, key: Key) -> Option<u64> {
        let oldest = self.oldest();
        let places = self.places.get_mut(&key)?;
        while places.front().is_some_and(|&place| place < oldest) {
            places.pop_front();
            self.count -= 1;
        }
        let next = places.front().copied();
        if next.is_none() {
            self.places.remove(&key);
        }
        next
    }

    /// No read of an earlier place is still to come.
    pub fn oldest(&self) -> u64 {
        self.clock.saturating_sub(MOST_LATE)
    }

    fn sweep(&mut self) {
        let keys: Vec<Key> = self.places.keys().copied().collect();
        for key in keys {
            self.next(key);
        }
    }
}
