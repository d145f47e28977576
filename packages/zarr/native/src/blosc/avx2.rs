//! Both unshuffles for elements of 1, 2, 4 and 8 bytes, 32 vectors wide.

use std::arch::x86_64::*;

/// Elements that one turn of the bit kernel puts together: 32 bytes of each of 8 planes.
const BATCH: usize = 256;

pub fn has_kernel(element: usize) -> bool {
    matches!(element, 1 | 2 | 4 | 8)
}

/// # Safety
/// The processor has AVX2; `from` and `to` have one length; `has_kernel(element)`.
#[target_feature(enable = "avx2")]
pub unsafe fn unshuffle_bytes(element: usize, from: &[u8], to: &mut [u8]) {
    let elements = from.len() / element;
    let (source, target) = (from.as_ptr(), to.as_mut_ptr());
    let whole = elements / 32 * 32;
    // SAFETY: each of the streams has `elements` bytes in `from`, of which `whole` are read.
    unsafe {
        match element {
            2 => interleave::<2>(source, elements, whole, target),
            4 => interleave::<4>(source, elements, whole, target),
            8 => interleave::<8>(source, elements, whole, target),
            _ => return to.copy_from_slice(from),
        }
    }
    for index in whole..elements {
        for byte in 0..element {
            to[index * element + byte] = from[byte * elements + index];
        }
    }
    let tail = elements * element;
    to[tail..].copy_from_slice(&from[tail..]);
}

/// # Safety
/// As for `unshuffle_bytes`.
#[target_feature(enable = "avx2")]
pub unsafe fn unshuffle_bits(element: usize, from: &[u8], to: &mut [u8]) {
    let elements = from.len() / element;
    if !elements.is_multiple_of(8) {
        return to.copy_from_slice(from);
    }
    let plane = elements / 8;
    let whole = plane / 32 * 32;
    let (source, target) = (from.as_ptr(), to.as_mut_ptr());
    for at in (0..whole).step_by(32) {
        // SAFETY: 32 bytes of each of the 8 x element planes become 256 elements.
        unsafe {
            let (source, target) = (source.add(at), target.add(at * 8 * element));
            match element {
                1 => put::<1>(source, plane, target),
                2 => put_pairs(source, plane, target),
                4 => put::<4>(source, plane, target),
                _ => put::<8>(source, plane, target),
            }
        }
    }
    for group in whole..plane {
        for byte in 0..element {
            let mut bits = [0; 8];
            for (bit, value) in bits.iter_mut().enumerate() {
                *value = from[(8 * byte + bit) * plane + group];
            }
            let bytes = transposed(u64::from_le_bytes(bits)).to_le_bytes();
            for (index, value) in bytes.into_iter().enumerate() {
                to[(group * 8 + index) * element + byte] = value;
            }
        }
    }
    let tail = elements * element;
    to[tail..].copy_from_slice(&from[tail..]);
}

/// Transposes 8 x 8 bits. Source: Warren, Hacker's Delight, 7-3.
fn transposed(mut x: u64) -> u64 {
    for (shift, mask) in
        [(7, 0x00AA_00AA_00AA_00AA), (14, 0x0000_CCCC_0000_CCCC), (28, 0xF0F0_F0F0)]
    {
        let moved = (x ^ (x >> shift)) & mask;
        x ^= moved ^ (moved << shift);
    }
    x
}

/// Puts `N` streams of `count` bytes, `stride` apart, together byte by byte.
///
/// # Safety
/// `count` is a multiple of 32; there are as many bytes to read and to write.
#[target_feature(enable = "avx2")]
unsafe fn interleave<const N: usize>(from: *const u8, stride: usize, count: usize, to: *mut u8) {
    for at in (0..count).step_by(32) {
        // SAFETY: the caller's.
        unsafe {
            let mut vectors = [_mm256_setzero_si256(); N];
            for (stream, vector) in vectors.iter_mut().enumerate() {
                *vector = _mm256_loadu_si256(from.add(stream * stride + at).cast());
            }
            store(merged(vectors), to.add(at * N));
        }
    }
}

/// Interleaves the bytes of `N` vectors within each half: a perfect shuffle, log2 N times.
#[target_feature(enable = "avx2")]
fn merged<const N: usize>(mut vectors: [__m256i; N]) -> [__m256i; N] {
    for _ in 0..N.ilog2() {
        let before = vectors;
        for pair in 0..N / 2 {
            vectors[2 * pair] = _mm256_unpacklo_epi8(before[pair], before[pair + N / 2]);
            vectors[2 * pair + 1] = _mm256_unpackhi_epi8(before[pair], before[pair + N / 2]);
        }
    }
    vectors
}

/// Writes the low halves of all vectors, then the high halves.
///
/// # Safety
/// There is room for `N` vectors.
#[target_feature(enable = "avx2")]
unsafe fn store<const N: usize>(vectors: [__m256i; N], to: *mut u8) {
    for pair in (0..N).step_by(2) {
        let (a, b) = (vectors[pair], vectors[pair + 1]);
        // SAFETY: the caller's.
        unsafe {
            let low = to.add(16 * pair);
            _mm256_storeu_si256(low.cast(), _mm256_permute2x128_si256(a, b, 0x20));
            let high = low.add(16 * N);
            _mm256_storeu_si256(high.cast(), _mm256_permute2x128_si256(a, b, 0x31));
        }
    }
}

/// 256 elements of `N` bytes from their 8 x N bit planes, `plane` bytes apart.
///
/// # Safety
/// 32 bytes of each plane can be read, and there is room for the elements.
#[target_feature(enable = "avx2")]
unsafe fn put<const N: usize>(from: *const u8, plane: usize, to: *mut u8) {
    let mut streams = [[0_u8; BATCH]; N];
    // SAFETY: the caller's; a stream has room for 8 vectors.
    unsafe {
        for (byte, stream) in streams.iter_mut().enumerate() {
            let target = if N == 1 { to } else { stream.as_mut_ptr() };
            store(eight_planes(from.add(8 * byte * plane), plane), target);
        }
        if N > 1 {
            interleave::<N>(streams.as_ptr().cast(), BATCH, BATCH, to);
        }
    }
}

/// As `put::<2>`, without the detour through memory: uint16 is what microscopes write.
///
/// # Safety
/// As for `put`.
#[target_feature(enable = "avx2")]
unsafe fn put_pairs(from: *const u8, plane: usize, to: *mut u8) {
    // SAFETY: the caller's.
    unsafe {
        let low = eight_planes(from, plane);
        let high = eight_planes(from.add(8 * plane), plane);
        for (index, (a, b)) in low.into_iter().zip(high).enumerate() {
            let (first, second) = (_mm256_unpacklo_epi8(a, b), _mm256_unpackhi_epi8(a, b));
            let target = to.add(32 * index);
            let joined = _mm256_permute2x128_si256(first, second, 0x20);
            _mm256_storeu_si256(target.cast(), joined);
            let joined = _mm256_permute2x128_si256(first, second, 0x31);
            _mm256_storeu_si256(target.add(BATCH).cast(), joined);
        }
    }
}

/// The bytes whose bits lie in 8 planes: 256 of them. Vector `k` has bytes 16k to 16k + 15 in its
/// low half, and the same 128 further on in its high half.
///
/// # Safety
/// 32 bytes of each plane can be read.
#[target_feature(enable = "avx2")]
unsafe fn eight_planes(from: *const u8, plane: usize) -> [__m256i; 8] {
    let mut planes = [_mm256_setzero_si256(); 8];
    for (bit, vector) in planes.iter_mut().enumerate() {
        // SAFETY: the caller's.
        *vector = unsafe { _mm256_loadu_si256(from.add(bit * plane).cast()) };
    }
    let mut groups = merged(planes);
    for group in &mut groups {
        *group = transposed_lanes(*group);
    }
    groups
}

/// `transposed`, in each of the four 64-bit lanes.
#[target_feature(enable = "avx2")]
fn transposed_lanes(x: __m256i) -> __m256i {
    let x = swapped::<7>(x, 0x00AA_00AA_00AA_00AA);
    let x = swapped::<14>(x, 0x0000_CCCC_0000_CCCC);
    swapped::<28>(x, 0xF0F0_F0F0)
}

#[target_feature(enable = "avx2")]
fn swapped<const SHIFT: i32>(x: __m256i, mask: i64) -> __m256i {
    let shifted = _mm256_srli_epi64::<SHIFT>(x);
    let moved = _mm256_and_si256(_mm256_xor_si256(x, shifted), _mm256_set1_epi64x(mask));
    _mm256_xor_si256(_mm256_xor_si256(x, moved), _mm256_slli_epi64::<SHIFT>(moved))
}
