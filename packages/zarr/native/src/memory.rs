//! Memory of the caller. It is borrowed until the promise settles, which the door sees to.

use crate::region::Region;
use crate::steps::Steps;

/// Where the elements of a region are read to, and how they lie there.
pub struct Destination {
    pub region: Region,
    pub steps: Steps,
    pub memory: Target,
}

/// Where a read writes to. Tasks on several threads write to different parts of it.
pub struct Target {
    start: *mut u8,
    length: usize,
}

// SAFETY: no two tasks of a read write to the same byte (each chunk has its own part of the
// region), and JavaScript is told not to touch the memory before the promise settles.
unsafe impl Send for Target {}
// SAFETY: as above.
unsafe impl Sync for Target {}

impl Target {
    /// # Safety
    /// The memory stays allocated until the job that holds this has finished.
    pub unsafe fn new(start: *mut u8, length: usize) -> Self {
        // A slice of no bytes may not begin at null, which an empty ArrayBuffer does.
        let dangling = std::ptr::NonNull::dangling().as_ptr();
        Self { start: if length == 0 { dangling } else { start }, length }
    }

    /// `bytes` bytes at `offset`.
    #[allow(clippy::mut_from_ref)] // see above: parts do not overlap
    #[inline]
    pub fn bytes(&self, offset: usize, bytes: usize) -> &mut [u8] {
        let end = offset.checked_add(bytes);
        assert!(end.is_some_and(|end| end <= self.length), "a part outside the caller's memory");
        // SAFETY: inside the memory, which outlives the job; no other task has a part of these bytes.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(offset), bytes) }
    }

    /// Copies elements to places that are `spread` bytes apart, the first of them at `offset`.
    #[inline]
    pub fn scatter(&self, from: &[u8], element_bytes: usize, offset: usize, spread: usize) {
        if spread == element_bytes || from.len() <= element_bytes {
            return self.bytes(offset, from.len()).copy_from_slice(from);
        }
        self.scatter_apart(from, element_bytes, offset, spread);
    }

    fn scatter_apart(&self, from: &[u8], element_bytes: usize, offset: usize, spread: usize) {
        let last = (from.len() / element_bytes - 1).checked_mul(spread);
        let end = last.and_then(|last| last.checked_add(offset)?.checked_add(element_bytes));
        assert!(end.is_some_and(|end| end <= self.length), "a part outside the caller's memory");
        // SAFETY: the last element ends inside. Between them lie elements of other tasks, of which
        // no reference is made here.
        unsafe {
            let to = self.start.add(offset);
            match element_bytes {
                1 => scatter::<1>(from, to, spread),
                2 => scatter::<2>(from, to, spread),
                4 => scatter::<4>(from, to, spread),
                8 => scatter::<8>(from, to, spread),
                _ => scatter::<16>(from, to, spread),
            }
        }
    }
}

/// # Safety
/// There is room for each of the elements.
unsafe fn scatter<const BYTES: usize>(from: &[u8], to: *mut u8, spread: usize) {
    let (elements, rest) = from.as_chunks::<BYTES>();
    assert!(rest.is_empty(), "elements of another size");
    for (index, element) in elements.iter().enumerate() {
        // SAFETY: the caller's.
        unsafe { to.add(index * spread).cast::<[u8; BYTES]>().write(*element) };
    }
}

/// Where a write reads from.
pub struct Source {
    start: *const u8,
    length: usize,
}

// SAFETY: only read, and JavaScript is told not to change it before the promise settles.
unsafe impl Send for Source {}
// SAFETY: as above.
unsafe impl Sync for Source {}

impl Source {
    /// # Safety
    /// The memory stays allocated until the job that holds this has finished.
    pub unsafe fn new(start: *const u8, length: usize) -> Self {
        // A slice of no bytes may not begin at null, which an empty ArrayBuffer does.
        let dangling = std::ptr::NonNull::dangling().as_ptr();
        Self { start: if length == 0 { dangling } else { start }, length }
    }

    pub fn all(&self) -> &[u8] {
        // SAFETY: all of the memory, which outlives the job, and of which nothing is written.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}
