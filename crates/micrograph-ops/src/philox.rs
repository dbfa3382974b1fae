//! Random numbers that are a function of their place: Philox 4x32-10.

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

/// Blocks that are computed side by side, in vector registers.
const LANES: usize = 8;

impl RandomKey {
    /// Elements whose bits are made at once.
    pub(crate) const BATCH: usize = 4 * LANES;

    /// The bits of the elements `BATCH * batch ..` of a tensor: of element `i`, word `i % 4` of the
    /// block `i / 4`.
    pub(crate) fn bits(self, batch: u64) -> [u32; Self::BATCH] {
        let blocks = std::array::from_fn(|lane| words(batch * LANES as u64 + lane as u64));
        let [stream_low, stream_high] = words(self.stream);
        let counters = [
            blocks.map(|[low, _]: [u32; 2]| low),
            blocks.map(|[_, high]| high),
            [stream_low; LANES],
            [stream_high; LANES],
        ];
        let bits = rounds(counters, words(self.seed));
        std::array::from_fn(|element| bits[element % 4][element / 4])
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
    rounds(counter.map(|word| [word]), key).map(|[word]| word)
}

/// The ten rounds, for counters side by side.
fn rounds<const N: usize>(counters: [[u32; N]; 4], key: [u32; 2]) -> [[u32; N]; 4] {
    const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
    const KEY_STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
    let (mut counters, mut key) = (counters, key);
    for _ in 0..10 {
        let [c0, c1, c2, c3] = &mut counters;
        for lane in 0..N {
            let [low0, high0] = words(u64::from(MULTIPLIERS[0]) * u64::from(c0[lane]));
            let [low1, high1] = words(u64::from(MULTIPLIERS[1]) * u64::from(c2[lane]));
            (c0[lane], c1[lane]) = (high1 ^ c1[lane] ^ key[0], low1);
            (c2[lane], c3[lane]) = (high0 ^ c3[lane] ^ key[1], low0);
        }
        key = [key[0].wrapping_add(KEY_STEPS[0]), key[1].wrapping_add(KEY_STEPS[1])];
    }
    counters
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
    fn bits_are_the_words_of_blocks_one_after_the_other() {
        let key = RandomKey { seed: 0x299f_31d0_a409_3822, stream: 0x0370_7344_1319_8a2e };
        let block = 0x85a3_08d3_243f_6a88_u64;
        let start = (block % 8 * 4) as usize;
        let expected = [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1];
        assert_eq!(key.bits(block / 8)[start..start + 4], expected);
        let next =
            philox4x32([0x243f_6a89, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], words(key.seed));
        assert_eq!(key.bits(block / 8)[start + 4..start + 8], next);
    }
}
