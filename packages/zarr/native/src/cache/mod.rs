//! Decoded chunks, within a limit of bytes. Of the reads to come it knows what was announced: the
//! chunk that is needed last goes first (Belady), and before it those of which no use is known, the
//! least recently used first.

mod chunk;
mod uses;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

pub use chunk::CachedChunk;
use chunk::Share;
use uses::Uses;

use crate::content::Content;
use crate::pool::lock;

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

#[derive(Default)]
struct State {
    slots: HashMap<Key, Slot>,
    /// Chunks that no read is at, in the order in which they go.
    order: BTreeSet<(Rank, Key)>,
    uses: Uses,
    tick: u64,
    evicted: u64,
    most_bytes: usize,
    /// Changes with each write, so that nothing is kept that was read before it.
    writes: u64,
}

struct Slot {
    chunk: Arc<CachedChunk>,
    /// Reads that are at it now.
    pins: u32,
    rank: Rank,
}

/// The lowest goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// No use is known; when it was used last.
    Unused(u64),
    /// How far from the end of all places it is used next.
    Used(u64),
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
        let chunk = Some(slot.chunk.clone());
        Some(Pin { cache: self.clone(), key, chunk })
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
            return Some(Pin { cache: self.clone(), key, chunk: Some(chunk) });
        }
        let rank = match state.rank(key) {
            // Read in a known order, and not again: it may have room that is free, no more.
            Rank::Unused(_) if is_planned => Rank::Unused(0),
            rank => rank,
        };
        let chunk = self.make_room(&mut state, rank, needed, bytes)?;
        state.slots.insert(key, Slot { chunk: chunk.clone(), pins: 1, rank });
        Some(Pin { cache: self.clone(), key, chunk: Some(chunk) })
    }

    /// Takes out chunks of less worth than `rank` until `needed` bytes fit; none, if they never do.
    fn make_room(
        &self,
        state: &mut State,
        rank: Rank,
        needed: usize,
        bytes: usize,
    ) -> Option<Arc<CachedChunk>> {
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
        content.make_room(bytes).ok()?;
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

impl State {
    fn rank(&mut self, key: Key) -> Rank {
        self.tick += 1;
        match self.uses.next(key) {
            Some(place) => Rank::Used(u64::MAX - place),
            None => Rank::Unused(self.tick),
        }
    }

    /// Puts a chunk that no read is at where it belongs now.
    fn place_in_order(&mut self, key: Key) {
        let rank = self.rank(key);
        if let Some(slot) = self.slots.get_mut(&key) {
            self.order.remove(&(slot.rank, key));
            slot.rank = rank;
            self.order.insert((rank, key));
        }
    }

    /// Chunks that wait for a read that will not come would never go.
    fn forget_late(&mut self) {
        let oldest = self.uses.oldest();
        while let Some(&(Rank::Used(distance), key)) = self.order.last() {
            if u64::MAX - distance >= oldest {
                return;
            }
            self.place_in_order(key);
        }
    }

    fn remove(&mut self, key: Key) {
        if let Some(slot) = self.slots.remove(&key) {
            self.order.remove(&(slot.rank, key));
        }
    }
}

/// Keeps a chunk in its cache as long as a read is at it.
pub struct Pin {
    cache: Arc<Cache>,
    key: Key,
    chunk: Option<Arc<CachedChunk>>,
}

impl Pin {
    pub fn chunk(&self) -> &CachedChunk {
        self.chunk.as_deref().expect("a pin has its chunk until it is dropped")
    }

    /// Takes the chunk out of the cache: it could not be read.
    pub fn discard(self) {
        let mut state = lock(&self.cache.state);
        let is_ours =
            |slot: &Slot| self.chunk.as_ref().is_some_and(|c| Arc::ptr_eq(c, &slot.chunk));
        if state.slots.get(&self.key).is_some_and(is_ours) {
            state.remove(self.key);
        }
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let Some(chunk) = self.chunk.take() else { return };
        let mut state = lock(&self.cache.state);
        let Some(slot) = state.slots.get_mut(&self.key) else { return };
        if Arc::ptr_eq(&slot.chunk, &chunk) {
            drop(chunk); // before it may be taken out: then the cache has it alone
            slot.pins -= 1;
            if slot.pins == 0 {
                state.place_in_order(self.key);
            }
        }
    }
}

/// Forgets a chunk that was written, in all caches of the process.
pub fn forget(key: Key) {
    for cache in lock(all_caches()).iter().filter_map(Weak::upgrade) {
        cache.remove(key);
    }
}

fn all_caches() -> &'static Mutex<Vec<Weak<Cache>>> {
    static ALL: OnceLock<Mutex<Vec<Weak<Cache>>>> = OnceLock::new();
    ALL.get_or_init(Mutex::default)
}
