//! Random numbers that are a function of their place: Philox 4x32-10.

use pulp::{Arch, Simd, WithSimd};

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const KEY_STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// What names a stream of random numbers: the same key gives the same numbers, whatever the thread
/// count and the order in which they are asked for.
///
/// The trainer derives `stream` from what must differ: the step and the place in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RandomKey {
    /// The key of the generator.
    pub seed: u64,
    /// The upper half of its counter; the lower half counts elements.
    pub stream: u64,
}

impl RandomKey {
    /// The bits of the elements `4 * block .. 4 * block + 4` of a tensor.
    pub(crate) fn bits(self, block: u64) -> [u32; 4] {
        let [low, high] = words(block);
        let [stream_low, stream_high] = words(self.stream);
        philox4x32([low, high, stream_low, stream_high], words(self.seed))
    }
}

/// Lower and upper half.
fn words(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

/// Philox 4x32 with ten rounds: 128 random bits from a counter and a key.
///
/// # Source
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011; the known
/// answers are those of the authors' library Random123.
///
/// # Example
/// ```
/// let bits = micrograph_ops::philox4x32([0; 4], [0; 2]);
/// assert_eq!(bits, [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
/// ```
#[must_use]
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let (mut counter, mut key) = (counter, key);
    for _ in 0..ROUNDS {
        let [low0, high0] = words(u64::from(MULTIPLIERS[0]) * u64::from(counter[0]));
        let [low1, high1] = words(u64::from(MULTIPLIERS[1]) * u64::from(counter[2]));
        counter = [high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0];
        key = [key[0].wrapping_add(KEY_STEPS[0]), key[1].wrapping_add(KEY_STEPS[1])];
    }
    counter
}

/// Writes the bits of the elements from `4 * first_block` on, in vectors of blocks.
pub(crate) fn fill_bits(key: RandomKey, first_block: u64, bits: &mut [u32]) {
    Arch::new().dispatch(FillBits { key, first_block, bits });
}

struct FillBits<'a> {
    key: RandomKey,
    first_block: u64,
    bits: &'a mut [u32],
}

/// Elements of the longest vector of any machine.
const MOST_LANES: usize = 16;

impl WithSimd for FillBits<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let lanes = S::U32_LANES;
        let mut first = self.first_block;
        for bits in self.bits.chunks_mut(4 * lanes) {
            let mut counter = [[0; MOST_LANES]; 2];
            for lane in 0..lanes {
                let [low, high] = words(first.wrapping_add(lane as u64));
                (counter[0][lane], counter[1][lane]) = (low, high);
            }
            let [stream_low, stream_high] = words(self.key.stream);
            let counter = [
                simd.partial_load_u32s(&counter[0][..lanes]),
                simd.partial_load_u32s(&counter[1][..lanes]),
                simd.splat_u32s(stream_low),
                simd.splat_u32s(stream_high),
            ];
            let words = philox_vectors(simd, counter, words(self.key.seed));
            let mut by_word = [[0; MOST_LANES]; 4];
            for (by_word, words) in by_word.iter_mut().zip(words) {
                simd.partial_store_u32s(&mut by_word[..lanes], words);
            }
            for (lane, block) in bits.chunks_mut(4).enumerate() {
                for (bits, by_word) in block.iter_mut().zip(&by_word) {
                    *bits = by_word[lane];
                }
            }
            first = first.wrapping_add(lanes as u64);
        }
    }
}

/// [`philox4x32`] of a vector of counters.
#[inline(always)]
fn philox_vectors<S: Simd>(simd: S, counter: [S::u32s; 4], key: [u32; 2]) -> [S::u32s; 4] {
    let (mut counter, mut key) = (counter, key);
    let multipliers = [simd.splat_u32s(MULTIPLIERS[0]), simd.splat_u32s(MULTIPLIERS[1])];
    for _ in 0..ROUNDS {
        let (low0, high0) = simd.widening_mul_u32s(multipliers[0], counter[0]);
        let (low1, high1) = simd.widening_mul_u32s(multipliers[1], counter[2]);
        let keys = [simd.splat_u32s(key[0]), simd.splat_u32s(key[1])];
        counter = [
            simd.xor_u32s(simd.xor_u32s(high1, counter[1]), keys[0]),
            low1,
            simd.xor_u32s(simd.xor_u32s(high0, counter[3]), keys[1]),
            low0,
        ];
        key = [key[0].wrapping_add(KEY_STEPS[0]), key[1].wrapping_add(KEY_STEPS[1])];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers_of_random123() {
        let digits_of_pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        let cases = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                digits_of_pi,
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in cases {
            assert_eq!(philox4x32(counter, key), expected);
        }
    }

    #[test]
    fn seed_stream_and_block_fill_key_and_counter() {
        let key = RandomKey { seed: 0x299f_31d0_a409_3822, stream: 0x0370_7344_1319_8a2e };
        let bits = key.bits(0x85a3_08d3_243f_6a88);
        assert_eq!(bits, [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
    }

    #[test]
    fn vectors_give_the_bits_of_single_blocks() {
        let key = RandomKey { seed: 3, stream: u64::MAX - 1 };
        for (first, len) in [(0, 1), (5, 67), (u64::from(u32::MAX) - 3, 64), (u64::MAX - 2, 21)] {
            let mut bits = vec![0; len];
            fill_bits(key, first, &mut bits);
            for (element, bits) in bits.into_iter().enumerate() {
                let block = first.wrapping_add(element as u64 / 4);
                assert_eq!(bits, key.bits(block)[element % 4], "element {element} from {first}");
            }
        }
    }
}
