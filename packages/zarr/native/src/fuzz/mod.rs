//! Damage drawn at random to what files say: frames, shards with their indexes, documents. No panic,
//! no byte outside the memory that was given, and no wrong voxel where there is a checksum.
//! `FUZZ=100000 cargo test --release fuzz` tries as many of each; `FUZZ_SEED` draws others.

mod documents;
mod frames;
mod shards;

/// Bytes around memory that is written to, which must stay as they are.
pub const MARGIN: usize = 64;

pub fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Marsaglia's xorshift64.
pub struct Random(u64);

impl Random {
    pub fn new() -> Self {
        Self(88172645463325252 ^ setting("FUZZ_SEED", 0).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    pub fn one<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A number such as those that break arithmetic, or any.
    pub fn number(&mut self, near: usize) -> u64 {
        let near = near as u64;
        let odd = [0, 1, 15, 16, 17, near, near.wrapping_sub(1), near + 1];
        let ends = [1 << 31, u64::from(u32::MAX), 1 << 53, 1 << 63, u64::MAX - 1, u64::MAX];
        match self.below(3) {
            0 => *self.one(&odd),
            1 => *self.one(&ends),
            _ => self.next() >> self.below(64),
        }
    }
}

pub fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..1 + random.below(3) {
        let length = bytes.len();
        let near = if random.below(2) == 0 { length.min(64) } else { length };
        let at = random.below(near);
        match random.below(8) {
            0 => bytes.truncate(at),
            1 => bytes.extend(std::iter::repeat_n(7, 1 + at % 40)),
            2 | 3 => {
                let word = (random.number(length) as u32).to_le_bytes();
                let at = at / 4 * 4;
                bytes.iter_mut().skip(at).zip(word).for_each(|(byte, new)| *byte = new);
            }
            4 => bytes.iter_mut().skip(at).take(100).for_each(|byte| *byte = 0),
            5 => {
                let from = random.below(length);
                let part = bytes[from..length.min(from + 50)].to_vec();
                bytes.iter_mut().skip(at).zip(part).for_each(|(byte, new)| *byte = new);
            }
            _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = random.next() as u8),
        }
    }
}

pub fn counts(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at / 5 % 40) as u8 ^ (at % 3) as u8).collect()
}
