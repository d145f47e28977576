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

/// How the elements of `part` lie in two C-ordered boxes that both contain it.
pub struct Runs {
    rank: usize,
    counts: [u64; MAX_RANK],
    /// Bytes from one element to the next along each axis, in box a and box b.
    steps_a: [usize; MAX_RANK],
    steps_b: [usize; MAX_RANK],
    first_a: usize,
    first_b: usize,
    run_bytes: usize,
}

impl Runs {
    pub fn new(part: &Region, a: &Region, b: &Region, element_bytes: usize) -> Self {
        let rank = part.shape.len();
        let mut runs = Self {
            rank,
            counts: [1; MAX_RANK],
            steps_a: [0; MAX_RANK],
            steps_b: [0; MAX_RANK],
            first_a: 0,
            first_b: 0,
            run_bytes: element_bytes,
        };
        let (mut step_a, mut step_b) = (element_bytes, element_bytes);
        let mut is_run = true;
        for axis in (0..rank).rev() {
            let count = part.shape[axis];
            runs.first_a += (part.origin[axis] - a.origin[axis]) as usize * step_a;
            runs.first_b += (part.origin[axis] - b.origin[axis]) as usize * step_b;
            if is_run {
                // Elements follow each other in both boxes as long as all faster axes are whole.
                runs.run_bytes *= count as usize;
                runs.rank = axis;
                is_run = count == a.shape[axis] && count == b.shape[axis];
            } else {
                runs.counts[axis] = count;
                (runs.steps_a[axis], runs.steps_b[axis]) = (step_a, step_b);
            }
            step_a *= a.shape[axis] as usize;
            step_b *= b.shape[axis] as usize;
        }
        runs
    }

    /// Calls `body` with the byte offsets in a and b and the length of each run, in ascending
    /// order of both offsets.
    pub fn each<E>(
        &self,
        mut body: impl FnMut(usize, usize, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.run_bytes == 0 || self.counts[..self.rank].contains(&0) {
            return Ok(());
        }
        let mut index = [0_u64; MAX_RANK];
        let (mut a, mut b) = (self.first_a, self.first_b);
        loop {
            body(a, b, self.run_bytes)?;
            let mut axis = self.rank;
            loop {
                if axis == 0 {
                    return Ok(());
                }
                axis -= 1;
                index[axis] += 1;
                a += self.steps_a[axis];
                b += self.steps_b[axis];
                if index[axis] < self.counts[axis] {
                    break;
                }
                a -= self.counts[axis] as usize * self.steps_a[axis];
                b -= self.counts[axis] as usize * self.steps_b[axis];
                index[axis] = 0;
            }
        }
    }

    /// Bytes of box a from the first to past the last element of the part.
    pub fn span_a(&self) -> std::ops::Range<usize> {
        let steps = |axis: usize| (self.counts[axis] - 1) as usize * self.steps_a[axis];
        let last: usize = (0..self.rank).map(steps).sum();
        self.first_a..self.first_a + last + self.run_bytes
    }
}

/// Repeats `element` over all of `to`.
pub fn fill(to: &mut [u8], element: &[u8]) {
    match element {
        [] => {}
        [first, rest @ ..] if rest.iter().all(|byte| byte == first) => to.fill(*first),
        _ => {
            let once = element.len().min(to.len());
            to[..once].copy_from_slice(&element[..once]);
            let mut done = once;
            while done < to.len() {
                let more = done.min(to.len() - done);
                to.copy_within(..more, done);
                done += more;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(origin: &[u64], shape: &[u64]) -> Region {
        Region { origin: origin.to_vec(), shape: shape.to_vec() }
    }

    #[test]
    fn whole_fast_axes_join_into_one_run() {
        let part = region(&[2, 0, 0], &[2, 4, 3]);
        let a = region(&[0, 0, 0], &[4, 4, 3]);
        let b = region(&[1, 0, 0], &[3, 4, 3]);
        let mut runs = vec![];
        let _ = Runs::new(&part, &a, &b, 2).each(|a, b, length| {
            runs.push((a, b, length));
            Ok::<(), ()>(())
        });
        assert_eq!(runs, [(48, 24, 48)]);
    }

    #[test]
    fn a_narrow_part_has_a_run_for_each_row() {
        let part = region(&[1, 1], &[2, 2]);
        let (a, b) = (region(&[0, 0], &[4, 4]), region(&[1, 1], &[2, 3]));
        let mut runs = vec![];
        let plan = Runs::new(&part, &a, &b, 1);
        let _ = plan.each(|a, b, length| {
            runs.push((a, b, length));
            Ok::<(), ()>(())
        });
        assert_eq!(runs, [(5, 0, 2), (9, 3, 2)]);
        assert_eq!(plan.span_a(), 5..11);
    }

    #[test]
    fn no_axes_mean_one_element() {
        let none = region(&[], &[]);
        let mut runs = 0;
        let _ = Runs::new(&none, &none, &none, 4).each(|_, _, length| {
            runs += length;
            Ok::<(), ()>(())
        });
        assert_eq!(runs, 4);
        assert_eq!(none.chunks(&[]).len(), 1);
    }

    #[test]
    fn the_fill_value_repeats() {
        let mut bytes = [0; 8];
        fill(&mut bytes, &[1, 2, 3]);
        assert_eq!(bytes, [1, 2, 3, 1, 2, 3, 1, 2]);
    }
}
