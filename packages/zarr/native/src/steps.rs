//! How the elements of a box lie in memory.

use crate::region::MAX_RANK;

/// Bytes from one element to the next along each axis.
pub type Steps = [usize; MAX_RANK];

/// Those of a C-ordered box.
pub fn dense_steps(shape: &[u64], element_bytes: usize) -> Steps {
    let mut steps = [0; MAX_RANK];
    let mut step = element_bytes;
    for (axis, size) in shape.iter().enumerate().rev() {
        steps[axis] = step;
        step = step.wrapping_mul(*size as usize); // of an empty box, it may be anything
    }
    steps
}

/// Elements from the first to past the last of a box that lies at these strides; none when two of
/// them would have the same place.
pub fn elements_spanned(shape: &[u64], strides: &[u64]) -> Option<u64> {
    if shape.contains(&0) {
        return Some(0);
    }
    let mut axes: Vec<_> = strides.iter().zip(shape).filter(|(_, size)| **size > 1).collect();
    axes.sort_unstable();
    axes.into_iter().try_fold(1_u64, |reach, (&stride, &size)| {
        // Past the end of all that the faster axes span, so that nothing overlaps.
        if stride < reach { None } else { stride.checked_mul(size - 1)?.checked_add(reach) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strides_at_which_elements_meet_are_none() {
        assert_eq!(elements_spanned(&[2, 3, 1], &[1, 2, 0]), Some(6));
        assert_eq!(elements_spanned(&[2, 3], &[1, 1]), None);
        assert_eq!(elements_spanned(&[4, 3], &[2, 3]), None);
        assert_eq!(elements_spanned(&[2, 2], &[0, 1]), None);
        assert_eq!(elements_spanned(&[3], &[u64::MAX / 2]), Some(u64::MAX));
        assert_eq!(elements_spanned(&[4], &[u64::MAX / 2]), None);
        assert_eq!(elements_spanned(&[0, 4], &[0, 0]), Some(0));
    }
}
