//! What resampling gives back.

use std::fmt;

use ndarray::{Array, Array2, ArrayView, ArrayView2, Axis, NdFloat, RemoveAxis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Where a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It is this sample.
    Sample(usize),
    /// `x[from] + step (x[to] - x[from])`.
    Between {
        /// The sample that it starts from.
        from: usize,
        /// One of its neighbors.
        to: usize,
        /// How far it goes, in `[0, 1)`; beyond the sample, down to `-out_step`, in SVM-SMOTE.
        step: f64,
    },
}

impl Origin {
    /// Whether `sample` is it, or an end of the line on which it lies.
    pub fn uses(&self, sample: usize) -> bool {
        match *self {
            Self::Sample(own) => own == sample,
            Self::Between { from, to, .. } => from == sample || to == sample,
        }
    }

    /// The same in rows that `rows` lists.
    pub(super) fn in_rows(self, rows: &[usize]) -> Self {
        match self {
            Self::Sample(own) => Self::Sample(rows[own]),
            Self::Between { from, to, step } => {
                Self::Between { from: rows[from], to: rows[to], step }
            }
        }
    }
}

/// Resampled features with their labels: what stays of the samples, in their order, then what is
/// new, class by class.
#[derive(Debug, Clone, PartialEq)]
pub struct Resampled {
    /// `(m, d)`, a sample a row.
    pub x: Array2<f64>,
    /// The class of each row.
    pub labels: Vec<u32>,
    /// What each row was made of.
    pub origin: Vec<Origin>,
    /// What the caller should know.
    pub warnings: Vec<ResampleWarning>,
}

impl Resampled {
    /// The same copies and mixtures of something else that is known of each sample: images,
    /// embeddings, soft labels.
    ///
    /// `of` has the samples along its first axis, in the order of the features that were resampled.
    /// Mixing images pixel by pixel is rarely sensible: mix what a network makes of them.
    ///
    /// # Errors
    /// [`Error::Row`] when `of` has too few samples.
    ///
    /// # Example
    /// ```
    /// use micrograph_sampling::Resampler;
    /// use ndarray::array;
    ///
    /// let x = array![[0.0], [1.0], [2.0], [8.0], [9.0]];
    /// let smote = Resampler::by_name("smote").expect("a name of `Resampler::NAMES`");
    /// let balanced = smote.resample(x.view(), &[0, 0, 0, 1, 1], 2, 7)?;
    /// let tenfold = balanced.apply((&x * 10.0).view())?;
    /// assert!((tenfold[[5, 0]] - 10.0 * balanced.x[[5, 0]]).abs() < 1e-12);
    /// # Ok::<(), micrograph_sampling::Error>(())
    /// ```
    pub fn apply<A: NdFloat, D: RemoveAxis>(&self, of: ArrayView<'_, A, D>) -> Result<Array<A, D>> {
        let rows = of.len_of(Axis(0));
        let last = |origin: &Origin| match *origin {
            Origin::Sample(own) => own,
            Origin::Between { from, to, .. } => from.max(to),
        };
        if let Some(row) = self.origin.iter().map(last).find(|&row| row >= rows) {
            return Err(Error::Row { row, rows });
        }
        let mut shape = of.raw_dim();
        shape[0] = self.origin.len();
        let mut made = Array::zeros(shape);
        for (mut made, origin) in made.outer_iter_mut().zip(&self.origin) {
            match *origin {
                Origin::Sample(own) => made.assign(&of.index_axis(Axis(0), own)),
                Origin::Between { from, to, step } => {
                    let step = A::from(step).unwrap_or_else(A::zero);
                    made.assign(&of.index_axis(Axis(0), to));
                    made.zip_mut_with(&of.index_axis(Axis(0), from), |to, &from| {
                        *to = from + step * (*to - from);
                    });
                }
            }
        }
        Ok(made)
    }
}

/// What was resampled, but not as one would wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResampleWarning {
    /// Classes without samples stay without.
    EmptyClasses {
        /// How many.
        count: usize,
        /// The first of them.
        first: u32,
    },
    /// There are fewer samples than neighbors asked for.
    FewNeighbors {
        /// The class whose samples ask.
        label: u32,
        /// The neighbors asked for.
        asked: usize,
        /// Those taken.
        taken: usize,
    },
    /// The only sample of a class was copied.
    SingleSample {
        /// The class.
        label: u32,
    },
    /// The method found no sample to start from, and plain SMOTE over the whole class was taken.
    PlainSmote {
        /// The class.
        label: u32,
    },
    /// Fewer samples were kept than asked for.
    FewerKept {
        /// The class.
        label: u32,
        /// How many were asked for.
        asked: usize,
        /// How many were kept.
        kept: usize,
    },
    /// Cleaning left nothing of a class.
    ClassRemoved {
        /// The class.
        label: u32,
        /// How many samples it had.
        count: usize,
    },
}

impl ResampleWarning {
    /// The sentence with the names of the classes in the place of their numbers.
    ///
    /// ```
    /// use micrograph_sampling::ResampleWarning;
    ///
    /// let warning = ResampleWarning::SingleSample { label: 1 };
    /// let names = ["benign".to_string(), "rare".to_string()];
    /// assert!(warning.with_names(&names).starts_with("class rare has a single sample"));
    /// assert!(warning.to_string().starts_with("class 1 has a single sample"));
    /// ```
    #[must_use]
    pub fn with_names(&self, names: &[String]) -> String {
        let name = |label: u32| names.get(label as usize).cloned().unwrap_or(label.to_string());
        self.sentence(&name)
    }

    fn sentence(&self, name: &dyn Fn(u32) -> String) -> String {
        match self {
            Self::EmptyClasses { count: 1, first } => {
                format!("class {} has no sample and stays empty", name(*first))
            }
            Self::EmptyClasses { count, first } => {
                let first = name(*first);
                format!("{count} classes have no sample and stay empty, the first is {first}")
            }
            Self::FewNeighbors { label, asked, taken } => format!(
                "class {}: there are samples for {taken} neighbors, {asked} were asked for; {taken} were taken",
                name(*label)
            ),
            Self::SingleSample { label } => format!(
                "class {} has a single sample, which was copied: nothing lies between one sample and itself",
                name(*label)
            ),
            Self::PlainSmote { label } => format!(
                "class {}: the method found no sample to start from (none in danger, none hard to learn, or no cluster); plain SMOTE over the whole class was taken",
                name(*label)
            ),
            Self::FewerKept { label, asked, kept } => format!(
                "class {}: {kept} samples were kept, {asked} were asked for; raise `k_first` to keep more",
                name(*label)
            ),
            Self::ClassRemoved { label, count } => format!(
                "all {count} samples of class {} were left out: their neighbors are of other classes; clean other classes alone, or lower `k`",
                name(*label)
            ),
        }
    }
}

impl fmt::Display for ResampleWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(&|label| label.to_string()))
    }
}

/// Origins and labels of the rows to come.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) origin: Vec<Origin>,
    pub(super) labels: Vec<u32>,
    pub(super) warnings: Vec<ResampleWarning>,
}

impl Draft {
    /// All samples, or those that are `kept`.
    pub(super) fn of(labels: &[u32], kept: impl Fn(usize) -> bool) -> Self {
        let rows: Vec<usize> = (0..labels.len()).filter(|&row| kept(row)).collect();
        let labels = rows.iter().map(|&row| labels[row]).collect();
        Self {
            origin: rows.into_iter().map(Origin::Sample).collect(),
            labels,
            warnings: Vec::new(),
        }
    }

    /// Makes the rows from `x` in standard layout.
    pub(super) fn rows(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let (values, width) = (x.to_slice().unwrap_or_default(), x.ncols());
        check_room(self.origin.len(), width)?;
        // Zeros that the system has at hand: the threads are the first to write to them.
        let mut made = vec![0.0; self.origin.len() * width];
        made.par_chunks_mut(width.max(1)).zip(&self.origin).for_each(
            |(made, origin)| match *origin {
                Origin::Sample(own) => made.copy_from_slice(&values[own * width..][..width]),
                Origin::Between { from, to, step } => {
                    let from = &values[from * width..][..width];
                    let to = &values[to * width..][..width];
                    for ((made, from), to) in made.iter_mut().zip(from).zip(to) {
                        *made = from + step * (to - from);
                    }
                }
            },
        );
        let shape = (self.origin.len(), width);
        Array2::from_shape_vec(shape, made)
            .map_err(|_| Error::TooLarge { samples: shape.0, features: shape.1 })
    }
}

/// Refuses more than memory can hold, before anything is drawn.
pub(super) fn check_room(samples: usize, features: usize) -> Result<()> {
    let bytes = features
        .checked_mul(size_of::<f64>())
        .and_then(|bytes| bytes.checked_add(2 * size_of::<Origin>()))
        .and_then(|bytes| bytes.checked_mul(samples));
    let mut probe: Vec<u8> = Vec::new();
    match bytes.map(|bytes| probe.try_reserve_exact(bytes)) {
        Some(Ok(())) => Ok(()),
        _ => Err(Error::TooLarge { samples, features }),
    }
}
