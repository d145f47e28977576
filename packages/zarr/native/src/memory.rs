//! Memory of the caller. It is borrowed until the promise settles, which the door sees to.

/// Where a read writes to. Tasks on several threads write to different parts of it.
pub struct Target {
    start: *mut u8,
    length: usize,
}

// SAFETY: no two tasks of a read write to the same byte (each chunk has its own part of the
// region), and JavaScript is told not to touch the memory before the promise settles.
unsafe impl Send for Target {}
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
    pub fn bytes(&self, offset: usize, bytes: usize) -> &mut [u8] {
        let end = offset.checked_add(bytes);
        assert!(end.is_some_and(|end| end <= self.length), "a part outside the caller's memory");
        unsafe { std::slice::from_raw_parts_mut(self.start.add(offset), bytes) }
    }
}

/// Where a write reads from.
pub struct Source {
    start: *const u8,
    length: usize,
}

// SAFETY: only read, and JavaScript is told not to change it before the promise settles.
unsafe impl Send for Source {}
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
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }
}
