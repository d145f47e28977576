//! Which chunks are there, and in which order they go.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Key;
use super::chunk::CachedChunk;
use super::uses::Uses;

#[derive(Default)]
pub struct State {
    pub slots: HashMap<Key, Slot>,
    /// Chunks that no read is at, in the order in which they go.
    pub order: BTreeSet<(Rank, Key)>,
    pub uses: Uses,
    tick: u64,
    pub evicted: u64,
    pub most_bytes: usize,
    /// Changes with each write, so that nothing is kept that was read before it.
    pub writes: u64,
}

pub struct Slot {
    pub chunk: Arc<CachedChunk>,
    /// Reads that are at it now.
    pub pins: u32,
    pub rank: Rank,
}

/// The lowest goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// No use is known; when it was used last.
    Unused(u64),
    /// How far from the end of all places it is used next.
    Used(u64),
}

impl State {
    pub fn rank(&mut self, key: Key) -> Rank {
        self.tick += 1;
        match self.uses.next(key) {
            Some(place) => Rank::Used(u64::MAX - place),
            None => Rank::Unused(self.tick),
        }
    }

    /// Puts a chunk that no read is at where it belongs now.
    pub fn place_in_order(&mut self, key: Key) {
        let rank = self.rank(key);
        if let Some(slot) = self.slots.get_mut(&key) {
            self.order.remove(&(slot.rank, key));
            slot.rank = rank;
            self.order.insert((rank, key));
        }
    }

    /// Chunks that wait for a read that will not come would never go.
    pub fn forget_late(&mut self) {
        let oldest = self.uses.oldest();
        while let Some(&(Rank::Used(distance), key)) = self.order.last() {
            if u64::MAX - distance >= oldest {
                return;
            }
            self.place_in_order(key);
        }
    }

    pub fn remove(&mut self, key: Key) {
        if let Some(slot) = self.slots.remove(&key) {
            self.order.remove(&(slot.rank, key));
        }
    }
}
