//! Undoes blosc's two shuffles. Both keep a tail as it is: bytes past the last whole element, and,
//! for bits, everything when the number of elements is not a multiple of 8.

unsafe extern "C" {
    // c-blosc's own routines (shuffle.c): SSE2 on x86-64, plain C elsewhere.
    fn blosc_internal_unshuffle(element: usize, length: usize, from: *const u8, to: *mut u8);
    fn blosc_internal_bitunshuffle(
        element: usize,
        length: usize,
        from: *const u8,
        to: *mut u8,
        scratch: *mut u8,
    ) -> i32;
}

pub struct Unshuffle {
    scratch: Vec<u8>,
    #[cfg(target_arch = "x86_64")]
    has_avx2: bool,
}

impl Unshuffle {
    pub fn new() -> Self {
        Self {
            scratch: Vec::new(),
            #[cfg(target_arch = "x86_64")]
            has_avx2: std::is_x86_feature_detected!("avx2"),
        }
    }

    /// `from` holds the first byte of every element, then the second, and so on.
    pub fn bytes(&mut self, element: usize, from: &[u8], to: &mut [u8]) {
        assert_eq!(from.len(), to.len());
        #[cfg(target_arch = "x86_64")]
        if self.has_avx2 && super::avx2::has_kernel(element) {
            // SAFETY: the processor has AVX2, and both slices have the same length.
            return unsafe { super::avx2::unshuffle_bytes(element, from, to) };
        }
        // SAFETY: both slices have the length that is named.
        unsafe { blosc_internal_unshuffle(element, from.len(), from.as_ptr(), to.as_mut_ptr()) }
    }

    /// `from` holds bit 0 of byte 0 of every element, then bit 1, and so on.
    pub fn bits(&mut self, element: usize, from: &[u8], to: &mut [u8]) {
        assert_eq!(from.len(), to.len());
        #[cfg(target_arch = "x86_64")]
        if self.has_avx2 && super::avx2::has_kernel(element) {
            // SAFETY: as above.
            return unsafe { super::avx2::unshuffle_bits(element, from, to) };
        }
        self.bits_by_c_blosc(element, from, to);
    }

    fn bits_by_c_blosc(&mut self, element: usize, from: &[u8], to: &mut [u8]) {
        if self.scratch.len() < from.len() {
            self.scratch.resize(from.len(), 0);
        }
        // SAFETY: all three have the length that is named, at least.
        unsafe {
            blosc_internal_bitunshuffle(
                element,
                from.len(),
                from.as_ptr(),
                to.as_mut_ptr(),
                self.scratch.as_mut_ptr(),
            )
        };
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    fn noise(length: usize) -> Vec<u8> {
        let mut state = 88172645463325252_u64;
        let next = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        };
        (0..length).map(next).collect()
    }

    #[test]
    fn every_kernel_agrees_with_c_blosc() {
        let mut ours = Unshuffle::new();
        let mut theirs = Unshuffle::new();
        theirs.has_avx2 = false;
        for element in [1, 2, 3, 4, 8, 12, 16] {
            for elements in [0, 1, 7, 8, 31, 32, 33, 248, 256, 264, 1000, 4096, 16384] {
                for tail in 0..element.min(3) {
                    let from = noise(element * elements + tail);
                    let (mut a, mut b) = (vec![1; from.len()], vec![2; from.len()]);
                    ours.bytes(element, &from, &mut a);
                    theirs.bytes(element, &from, &mut b);
                    assert!(a == b, "bytes, element {element}, {elements} elements, tail {tail}");
                    ours.bits(element, &from, &mut a);
                    theirs.bits(element, &from, &mut b);
                    assert!(a == b, "bits, element {element}, {elements} elements, tail {tail}");
                }
            }
        }
    }
}
