//! Boxes in a grid of chunks, any rank, C order (the last axis is the fastest).

pub const MAX_RANK: usize = 32;

/// A box of elements: `origin` to `origin + shape`, exclusive.
#[derive(Clone, Debug)]
pub struct Region {
    pub origin: Vec<u64>,
    pub shape: Vec<u64>,
}

/// A box of chunk indices.
#[derive(Clone, Debug)]
pub struct ChunkBox {
    first: Vec<u64>,
    counts: Vec<u64>,
}

impl Region {
    /// The chunks of shape `chunk` that the region touches.
    pub fn chunks(&self, chunk: &[u64]) -> ChunkBox {
        let is_empty = self.shape.contains(&0);
        let axes = self.origin.iter().zip(&self.shape).zip(chunk);
        let (first, counts) = axes
            .map(|((&origin, &size), &chunk)| {
                let first = origin / chunk;
                let last = (origin + size.max(1) - 1) / chunk;
                (first, if is_empty { 0 } else { last - first + 1 })
            })
            .unzip();
        ChunkBox { first, counts }
    }

    pub fn elements(&self) -> Option<u64> {
        crate::metadata::product(&self.shape)
    }

    /// The part of the region in the chunk whose first element is at `corner`, in the coordinates
    /// of the array.
    pub fn within(&self, corner: &[u64], chunk: &[u64]) -> Region {
        let axes = self.origin.iter().zip(&self.shape).zip(corner.iter().zip(chunk));
        let (origin, shape) = axes
            .map(|((&origin, &size), (&corner, &chunk))| {
                let low = origin.max(corner);
                (low, (origin + size).min(corner + chunk).saturating_sub(low))
            })
            .unzip();
        Region { origin, shape }
    }
}

impl ChunkBox {
    pub fn len(&self) -> u64 {
        self.counts.iter().product()
    }

    /// The indices of chunk `number` of the box, in C order.
    pub fn chunk(&self, mut number: u64) -> Vec<u64> {
        let mut chunk = self.first.clone();
        for axis in (0..chunk.len()).rev() {
            chunk[axis] += number % self.counts[axis];
            number /= self.counts[axis];
        }
        chunk
    }
}

/// The place of `index` in a box of `counts`, in C order.
pub fn number_of(index: &[u64], counts: &[u64]) -> u64 {
    index.iter().zip(counts).fold(0, |number, (index, count)| number * count + index)
}

/// The first element of a chunk.
pub fn corner(chunk: &[u64], shape: &[u64]) -> Vec<u64> {
    chunk.iter().zip(shape).map(|(index, size)| index * size).collect()
}
