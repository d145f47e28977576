//! Decoded chunks, within a limit of bytes. Of the reads to come it knows what was announced: the
//! chunk that is needed last goes first (Belady), and before it those of which no use is known, the
//! least recently used first.

mod chunk;
mod pin;
mod state;
mod uses;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use chunk::{CachedChunk, Share};
pub use pin::Pin;
use state::{Rank, Slot, State};
use uses::Uses;

use crate::content::Content;
use crate::lock::lock;

/// What a chunk takes beyond its bytes: its places in the tables.
const CHUNK_OVERHEAD: usize = 256;

/// Names a chunk: the digest of its array, and its number in the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub array: u128,
    pub chunk: u64,
}

pub struct Cache {
    limit: usize,
    held: Arc<AtomicUsize>,
    state: Mutex<State>,
    hits: AtomicU64,
    misses: AtomicU64,
    places: AtomicU64,
}

pub struct Statistics {
    /// Parts of chunks that were there, and that were not.
    pub hits: u64,
    pub misses: u64,
    pub evicted: u64,
    pub chunks: usize,
    pub bytes: usize,
    pub most_bytes: usize,
    /// Uses of chunks that were announced, and are still to come.
    pub expected: usize,
}

impl Cache {
    pub fn new(limit: usize) -> Arc<Self> {
        let (held, state, hits, misses) = Default::default();
        let places = AtomicU64::new(1);
        let cache = Arc::new(Self { limit, held, state, hits, misses, places });
        let mut all = lock(all_caches());
        all.retain(|other| other.strong_count() > 0);
        all.push(Arc::downgrade(&cache));
        cache
    }

    /// The next place in the order of the reads to come.
    pub fn next_place(&self) -> u64 {
        self.places.fetch_add(1, Ordering::Relaxed)
    }

    pub fn announce(&self, key: Key, place: u64) {
        let mut state = lock(&self.state);
        state.uses.announce(key, place);
        let Some(slot) = state.slots.get(&key) else { return };
        if slot.pins == 0 && matches!(slot.rank, Rank::Unused(_)) {
            state.place_in_order(key);
        }
    }

    /// The chunk, when it is there; it stays until the pin goes. `places` are those of the reads that
    /// ask, in the order that was announced.
    pub fn find(self: &Arc<Self>, key: Key, places: &[u64]) -> Option<Pin> {
        let mut state = lock(&self.state);
        for &place in places {
            state.uses.come(key, place);
        }
        let State { slots, order, .. } = &mut *state;
        let slot = slots.get_mut(&key)?;
        order.remove(&(slot.rank, key));
        slot.pins += 1;
        Some(Pin::new(self.clone(), key, slot.chunk.clone()))
    }

    /// To be asked before a file is opened that `admit` is then told of.
    pub fn writes(&self) -> u64 {
        lock(&self.state).writes
    }

    /// Makes room for a chunk of `bytes` bytes, when it is worth more than what would have to go.
    pub fn admit(
        self: &Arc<Self>,
        key: Key,
        is_planned: bool,
        bytes: usize,
        writes: u64,
    ) -> Option<Pin> {
        let needed = bytes.checked_add(CHUNK_OVERHEAD).filter(|&needed| needed <= self.limit)?;
        let mut state = lock(&self.state);
        if state.writes != writes {
            return None;
        }
        if let Some(slot) = state.slots.get_mut(&key) {
            // Another thread was faster.
            let (rank, chunk) = (slot.rank, slot.chunk.clone());
            slot.pins += 1;
            state.order.remove(&(rank, key));
            return Some(Pin::new(self.clone(), key, chunk));
        }
        let rank = match state.rank(key) {
            // Read in a known order, and not again: it may have room that is free, no more.
            Rank::Unused(_) if is_planned => Rank::Unused(0),
            rank => rank,
        };
        let chunk = self.make_room(&mut state, rank, needed)?;
        state.slots.insert(key, Slot { chunk: chunk.clone(), pins: 1, rank });
        Some(Pin::new(self.clone(), key, chunk))
    }

    /// Takes out chunks of less worth than `rank` until `needed` bytes fit; none, if they never do.
    /// Memory is taken by who decodes: it may be gigabytes, and others wait for the lock.
    fn make_room(&self, state: &mut State, rank: Rank, needed: usize) -> Option<Arc<CachedChunk>> {
        let held = self.held.load(Ordering::Acquire);
        let surplus = (held + needed).saturating_sub(self.limit);
        let mut used_again = None;
        if surplus > 0 {
            state.forget_late();
            let mut freed = 0;
            let mut victims = Vec::new();
            for &(victim, key) in &state.order {
                if victim >= rank {
                    return None;
                }
                freed += state.slots.get(&key).map_or(0, |slot| slot.chunk.share_bytes());
                victims.push((victim, key));
                if freed >= surplus {
                    break;
                }
            }
            if freed < surplus {
                return None; // reads are at all the others
            }
            state.evicted += victims.len() as u64;
            for (victim, key) in victims {
                state.order.remove(&(victim, key));
                let gone = state.slots.remove(&key).and_then(|slot| Arc::into_inner(slot.chunk));
                let parts = gone.map(CachedChunk::into_parts);
                used_again = parts.filter(|(_, share)| share.bytes() == needed).or(used_again);
            }
        }
        let (mut content, share) = match used_again {
            Some(parts) => parts,
            None => (Content::default(), Share::take(needed, &self.held)),
        };
        content.forget();
        state.most_bytes = state.most_bytes.max(self.held.load(Ordering::Acquire));
        Some(Arc::new(CachedChunk::new(content, share)))
    }

    pub fn count(&self, is_hit: bool) {
        let counter = if is_hit { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Forgets a chunk. Reads that are at it go on with what they have.
    pub fn remove(&self, key: Key) {
        let mut state = lock(&self.state);
        state.writes += 1;
        state.remove(key);
    }

    /// Forgets the chunks of an array.
    fn remove_array(&self, array: u128) {
        let mut state = lock(&self.state);
        state.writes += 1;
        let keys: Vec<Key> = state.slots.keys().filter(|key| key.array == array).copied().collect();
        for key in keys {
            state.remove(key);
        }
    }

    /// Forgets all chunks, and what was announced.
    pub fn clear(&self) {
        let mut state = lock(&self.state);
        let keys: Vec<Key> = state.slots.keys().copied().collect();
        for key in keys {
            state.remove(key);
        }
        state.uses = Uses::default();
    }

    pub fn statistics(&self) -> Statistics {
        let state = lock(&self.state);
        Statistics {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            evicted: state.evicted,
            chunks: state.slots.len(),
            bytes: self.held.load(Ordering::Acquire),
            most_bytes: state.most_bytes,
            expected: state.uses.count(),
        }
    }
}

/// Forgets a chunk that was written, in all caches of the process.
pub fn forget(key: Key) {
    for cache in lock(all_caches()).iter().filter_map(Weak::upgrade) {
        cache.remove(key);
    }
}

/// Forgets the chunks of an array that was made anew, in all caches of the process.
pub fn forget_array(array: u128) {
    for cache in lock(all_caches()).iter().filter_map(Weak::upgrade) {
        cache.remove_array(array);
    }
}

fn all_caches() -> &'static Mutex<Vec<Weak<Cache>>> {
    static ALL: OnceLock<Mutex<Vec<Weak<Cache>>>> = OnceLock::new();
    ALL.get_or_init(Mutex::default)
}
