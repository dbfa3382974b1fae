//! Which samples a model has seen, so that it is not measured on them unawares.

use std::collections::HashMap;

use safetensors::SafeTensors;

/// The metadata key of the weights file under which the samples stand.
const KEY: &str = "seen_samples";

/// The samples that a model was trained on and chosen by.
///
/// Of each sample it keeps the first 8 bytes of the SHA-256 of its content, in hexadecimal in the
/// weights file: 16 bytes a sample. By chance alone, one of a million new samples is taken for one
/// of a million old ones with a probability of `1e12 / 2^64 = 5e-8`. A copy that was saved again,
/// or has another mask, is another sample.
///
/// ```
/// use micrograph_model::{SeenIn, SeenSamples};
///
/// let seen = SeenSamples::new([[1; 32], [2; 32]], [[3; 32]]);
/// assert_eq!(seen.look_up(&[2; 32]), Some(SeenIn::Training));
/// assert_eq!(seen.look_up(&[3; 32]), Some(SeenIn::Validation));
/// assert_eq!(seen.look_up(&[4; 32]), None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenSamples {
    /// Both ascending.
    training: Vec<u64>,
    validation: Vec<u64>,
}

/// For what a sample was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeenIn {
    /// The weights were fitted to it.
    Training,
    /// It picked the epoch whose weights were kept.
    Validation,
}

impl SeenSamples {
    /// From the SHA-256 of each sample of both parts, in any order.
    pub fn new(
        training: impl IntoIterator<Item = [u8; 32]>,
        validation: impl IntoIterator<Item = [u8; 32]>,
    ) -> Self {
        let (mut training, mut validation): (Vec<u64>, Vec<u64>) = (
            training.into_iter().map(|digest| prefix(&digest)).collect(),
            validation.into_iter().map(|digest| prefix(&digest)).collect(),
        );
        training.sort_unstable();
        validation.sort_unstable();
        Self { training, validation }
    }

    /// For what the sample with this SHA-256 was used, if at all; for training where for both.
    #[must_use]
    pub fn look_up(&self, digest: &[u8; 32]) -> Option<SeenIn> {
        let stands_in = |part: &[u64]| part.binary_search(&prefix(digest)).is_ok();
        if stands_in(&self.training) {
            return Some(SeenIn::Training);
        }
        stands_in(&self.validation).then_some(SeenIn::Validation)
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.training.is_empty() && self.validation.is_empty()
    }

    /// As metadata of a safetensors file; `None` where nothing is known.
    pub(crate) fn to_metadata(&self) -> Option<HashMap<String, String>> {
        let text = format!("{} {}", hexadecimal(&self.training), hexadecimal(&self.validation));
        (!self.is_empty()).then(|| HashMap::from([(KEY.to_owned(), text)]))
    }

    /// From the metadata of a safetensors file; nothing where there is none, and the reason where
    /// it cannot be understood.
    pub(crate) fn of_file(bytes: &[u8]) -> Result<Self, &'static str> {
        let metadata = SafeTensors::read_metadata(bytes).ok();
        let metadata = metadata.and_then(|(_, metadata)| metadata.metadata().clone());
        let Some(text) = metadata.and_then(|mut metadata| metadata.remove(KEY)) else {
            return Ok(Self::default());
        };
        let parts = text.split_once(' ').and_then(|(training, validation)| {
            Some(Self { training: numbers(training)?, validation: numbers(validation)? })
        });
        parts.ok_or("its list of seen samples is damaged")
    }
}

fn prefix(digest: &[u8; 32]) -> u64 {
    digest.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn hexadecimal(numbers: &[u64]) -> String {
    numbers.iter().map(|number| format!("{number:016x}")).collect()
}

fn numbers(text: &str) -> Option<Vec<u64>> {
    let number = |digits: &[u8]| u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    let numbers: Option<Vec<u64>> = text.as_bytes().chunks(16).map(number).collect();
    numbers.filter(|numbers| text.len().is_multiple_of(16) && numbers.is_sorted())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_a_digit_too_few_is_no_list() {
        assert_eq!(numbers("000000000000000a00000000000000ff"), Some(vec![10, 255]));
        assert_eq!(numbers("000000000000000a00000000000000f"), None);
        assert_eq!(numbers("00000000000000ff000000000000000a"), None, "not ascending");
        assert_eq!(numbers(""), Some(vec![]));
    }
}
