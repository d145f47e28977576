//! Elements that follow each other: what is copied between two boxes at once.

use crate::memory::Target;
use crate::region::{MAX_RANK, Region};
use crate::steps::{Steps, dense_steps};

/// How the elements of `part` lie in two boxes of memory that both contain it, a and b.
pub struct Runs {
    rank: usize,
    counts: [u64; MAX_RANK],
    /// Bytes from one run to the next along each axis, in box a and box b.
    steps_a: Steps,
    steps_b: Steps,
    first_a: usize,
    first_b: usize,
    /// Elements of a run follow each other in box a.
    run_bytes: usize,
    element_bytes: usize,
    /// Bytes from one element of a run to the next in box b.
    spread: usize,
}

impl Runs {
    /// Between two C-ordered boxes.
    pub fn new(part: &Region, a: &Region, b: &Region, element_bytes: usize) -> Self {
        Self::to_steps(part, a, b, &dense_steps(&b.shape, element_bytes), element_bytes)
    }

    /// From a C-ordered box to one whose elements lie anyhow.
    pub fn to_steps(
        part: &Region,
        a: &Region,
        b: &Region,
        steps_b: &Steps,
        element_bytes: usize,
    ) -> Self {
        let steps_a = dense_steps(&a.shape, element_bytes);
        let mut runs = Self {
            rank: 0,
            counts: [1; MAX_RANK],
            steps_a: [0; MAX_RANK],
            steps_b: [0; MAX_RANK],
            first_a: 0,
            first_b: 0,
            run_bytes: element_bytes,
            element_bytes,
            spread: element_bytes,
        };
        for axis in (0..part.shape.len()).rev() {
            let (step_a, step_b) = (steps_a[axis], steps_b[axis]);
            runs.first_a += (part.origin[axis] - a.origin[axis]) as usize * step_a;
            runs.first_b += (part.origin[axis] - b.origin[axis]) as usize * step_b;
            runs.put_axis(axis, part.shape[axis], step_a, step_b);
        }
        runs
    }

    /// Makes the next slower axis part of the run, or goes over it from run to run.
    fn put_axis(&mut self, axis: usize, count: u64, step_a: usize, step_b: usize) {
        if count == 1 {
            return;
        }
        let elements = self.run_bytes / self.element_bytes;
        let follows = self.rank == 0 && step_a == self.run_bytes;
        if follows && (elements == 1 || step_b == elements * self.spread) {
            if elements == 1 {
                self.spread = step_b;
            }
            self.run_bytes *= count as usize;
            return;
        }
        self.rank = self.rank.max(axis + 1);
        self.counts[axis] = count;
        (self.steps_a[axis], self.steps_b[axis]) = (step_a, step_b);
    }

    /// Do the elements of a run follow each other in box b too?
    pub fn is_dense(&self) -> bool {
        self.spread == self.element_bytes
    }

    /// From the start of a run to the place in box b of the element at `bytes` in box a.
    pub fn advance(&self, bytes: usize) -> usize {
        bytes / self.element_bytes * self.spread
    }

    /// Copies elements of a run to where they lie in box b.
    #[inline]
    pub fn copy(&self, from: &[u8], target: &Target, to: usize) {
        target.scatter(from, self.element_bytes, to, self.spread);
    }

    /// Repeats `element` over a run of `bytes` bytes in box a.
    pub fn fill(&self, element: &[u8], bytes: usize, target: &Target, to: usize) {
        if self.is_dense() {
            return fill(target.bytes(to, bytes), element);
        }
        for at in (0..bytes).step_by(self.element_bytes) {
            target.scatter(element, self.element_bytes, to + self.advance(at), self.spread);
        }
    }

    /// Calls `body` with the byte offsets in a and b of each run and its length in a, in ascending
    /// order of the offset in a.
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
    fn elements_that_lie_apart_in_b_are_one_run() {
        // Two channels: [C Y X] in a, [Y X C] in b.
        let part = region(&[1, 0, 0], &[1, 2, 3]);
        let (a, b) = (region(&[1, 0, 0], &[1, 2, 3]), region(&[0, 0, 0], &[2, 2, 3]));
        let mut steps = [0; MAX_RANK];
        steps[..3].copy_from_slice(&[2, 12, 4]);
        let runs = Runs::to_steps(&part, &a, &b, &steps, 2);
        let mut found = vec![];
        let _ = runs.each(|a, b, length| {
            found.push((a, b, length));
            Ok::<(), ()>(())
        });
        assert_eq!(found, [(0, 2, 12)]);
        assert_eq!((runs.is_dense(), runs.advance(4)), (false, 8));
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
