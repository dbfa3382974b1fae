//! A classifier over samples with or without labels, each decoded once.

use std::collections::BTreeMap;

use micrograph_image::{Dataset, Labelled, Notice};
use micrograph_model::{Classifier, Input, SeenIn, SeenSamples};
use ndarray::{Array2, ArrayView1, Axis};

use crate::evaluate::refuse_foreign;
use crate::loader::{guarded, in_order};
use crate::{Error, Event, Result, Surroundings, Unreadable};

/// Images per forward pass.
const BATCH: usize = 32;

/// Class probabilities of the samples that could be read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Answers {
    /// Index of each sample in its data set, in the order asked for.
    pub samples: Vec<usize>,
    /// `(samples, classes)`.
    pub probabilities: Array2<f64>,
    /// Height and width of each object as the input mode cuts it out, in pixels.
    pub objects: Vec<[usize; 2]>,
}

/// How many samples a classifier knows already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SeenCounts {
    /// It was trained on them.
    pub training: usize,
    /// They picked the epoch whose weights were kept.
    pub validation: usize,
}

impl SeenCounts {
    /// What to tell of measures on `total` samples; `None` where all are new.
    #[must_use]
    pub fn warning(self, total: usize) -> Option<String> {
        let Self { training, validation } = self;
        let which = match (training, validation) {
            (0, 0) => return None,
            (_, 0) => format!("{training} of {total} samples were trained on"),
            (0, _) => format!("{validation} of {total} samples picked the epoch in training"),
            _ => format!(
                "{training} of {total} samples were trained on, {validation} picked the epoch"
            ),
        };
        Some(format!("{which}: the measures are too good; take samples the model has not seen"))
    }
}

/// Class probabilities of samples, with or without labels. Each file is read once, on worker threads;
/// at most two batches of 32 a thread are held.
///
/// # Errors
/// The first sample that cannot be read or prepared, unless `unreadable` is to be skipped; then such
/// samples are told of, and it is an error when there is no other.
pub fn probabilities_of(
    classifier: &Classifier,
    dataset: &Dataset,
    indices: &[usize],
    unreadable: Unreadable,
    around: &Surroundings<'_>,
) -> Result<Answers> {
    let (answers, _) =
        answers(classifier, &SeenSamples::default(), (dataset, indices), unreadable, around)?;
    Ok(answers)
}

/// As [`probabilities_of`], and how many of the samples are in `known`; where that knows any, each
/// file is read a second time for its digest.
pub(crate) fn answers(
    classifier: &Classifier,
    known: &SeenSamples,
    (dataset, indices): (&Dataset, &[usize]),
    unreadable: Unreadable,
    around: &Surroundings<'_>,
) -> Result<(Answers, SeenCounts)> {
    refuse_foreign(dataset, indices)?;
    tell_of_masks(classifier, dataset, indices, around);
    let mut gathered = Gathered::default();
    around.tell(Event::Began { task: "predicting", total: indices.len() });
    let look = |samples: &[usize]| -> Vec<(usize, Result<Looked>)> {
        let look = |&sample| (sample, look_at(classifier, known, dataset, sample));
        samples.iter().map(look).collect()
    };
    in_order(indices, BATCH, around.threads, look, |batch| {
        if around.stopping() {
            return Err(Error::Interrupted);
        }
        gathered.add(classifier, batch, unreadable, around)
    })?;
    around.tell(Event::Ended);
    gathered.finish(classifier, dataset, indices.len(), around)
}

/// A prepared sample, and what it was to the classifier.
struct Looked {
    input: Input,
    /// What was lost on the way, in reading and in fitting the channels to the model.
    notices: Vec<Notice>,
    /// Height and width of what was cut out.
    object: [usize; 2],
    seen: Option<SeenIn>,
}

fn look_at(
    classifier: &Classifier,
    known: &SeenSamples,
    dataset: &Dataset,
    sample: usize,
) -> Result<Looked> {
    guarded(dataset, sample, || {
        let Labelled { image, mask } = dataset.read(sample)?;
        let mask = mask.as_ref().map(|mask| mask.view());
        let prepared = classifier.manifest().prepare(&image, mask).map_err(|source| {
            Error::Sample { sample: dataset.samples[sample].id.clone(), source: Box::new(source) }
        })?;
        let seen = if known.is_empty() { None } else { known.look_up(&dataset.digest(sample)?) };
        Ok(Looked {
            notices: image.notices.into_iter().chain(prepared.notice).collect(),
            object: prepared.object,
            input: prepared.input,
            seen,
        })
    })
}

#[derive(Default)]
struct Gathered {
    samples: Vec<usize>,
    /// Row by row.
    probabilities: Vec<f64>,
    objects: Vec<[usize; 2]>,
    seen: SeenCounts,
    notices: BTreeMap<String, usize>,
}

impl Gathered {
    fn add(
        &mut self,
        classifier: &Classifier,
        batch: Vec<(usize, Result<Looked>)>,
        unreadable: Unreadable,
        around: &Surroundings<'_>,
    ) -> Result<()> {
        let mut inputs = Vec::with_capacity(batch.len());
        for (sample, looked) in batch {
            around.tell(Event::Advanced);
            let Looked { input, notices, object, seen } = match looked {
                Err(error) if unreadable == Unreadable::Skip => {
                    around.tell(Event::Notice(&format!("left out: {error}")));
                    continue;
                }
                looked => looked?,
            };
            self.samples.push(sample);
            inputs.push(input);
            self.objects.push(object);
            self.seen.training += usize::from(seen == Some(SeenIn::Training));
            self.seen.validation += usize::from(seen == Some(SeenIn::Validation));
            for notice in &notices {
                *self.notices.entry(notice.to_string()).or_default() += 1;
            }
        }
        let rows = classifier.probabilities(&inputs)?;
        self.probabilities.extend(rows.iter());
        Ok(())
    }

    fn finish(
        self,
        classifier: &Classifier,
        dataset: &Dataset,
        asked: usize,
        around: &Surroundings<'_>,
    ) -> Result<(Answers, SeenCounts)> {
        let Self { samples, probabilities, objects, seen, notices } = self;
        for (notice, count) in notices {
            around.tell(Event::Notice(&format!("{notice} ({count} images)")));
        }
        if samples.is_empty() && asked > 0 {
            let problem = format!("none of {asked} images could be read");
            return Err(Error::Data { path: dataset.source.clone(), problem });
        }
        let shape = (samples.len(), classifier.classes().len());
        // Rows were appended whole, so the shape fits.
        let probabilities = Array2::from_shape_vec(shape, probabilities).unwrap_or_default();
        Ok((Answers { samples, probabilities, objects }, seen))
    }
}

impl Answers {
    /// Each sample with its row of probabilities.
    pub fn rows(&self) -> impl Iterator<Item = (usize, ArrayView1<'_, f64>)> {
        self.samples.iter().copied().zip(self.probabilities.axis_iter(Axis(0)))
    }
}

/// Whole images look other than cut-out objects: says so where training and samples differ in it.
fn tell_of_masks(
    classifier: &Classifier,
    dataset: &Dataset,
    indices: &[usize],
    around: &Surroundings<'_>,
) {
    let manifest = classifier.manifest();
    let (mode, total) = (manifest.preprocessing.input_mode, indices.len());
    let masked = dataset.masked(indices);
    let (whole, objects, cut) = if !manifest.model.takes_pixels() {
        ("measured whole", "objects inside masks".to_owned(), "measured inside it".to_owned())
    } else {
        let mode = format!("(input mode {mode})");
        ("seen whole", format!("objects cut out by masks {mode}"), format!("cut out by it {mode}"))
    };
    if manifest.training.masked_samples > 0 && masked < total {
        around.tell(Event::Notice(&format!(
            "{} of {total} images have no mask and are {whole}, but the model was trained on \
             {objects}: put X_mask.png beside X.png, or give --mask-template",
            total - masked
        )));
    }
    if manifest.training.masked_samples == 0 && masked > 0 {
        around.tell(Event::Notice(&format!(
            "{masked} of {total} images have a mask and are {cut}, but the model was trained on \
             whole images"
        )));
    }
}
