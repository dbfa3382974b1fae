//! Which samples to train on and which to test on, how to make up for rare classes, and synthetic
//! micrographs for when there are not enough.
//!
//! - [`Folds`] and [`HoldOut`] divide samples: [`stratified_k_fold`], [`group_k_fold`],
//!   [`stratified_group_k_fold`] and the hold-outs of the same names.
//! - [`block_hold_out`] and [`block_k_fold`] divide sequences, with a gap between the parts.
//! - [`oversample`], [`undersample`], [`class_weights`] and [`CostMatrix`] meet class imbalance.
//! - [`Resampler`] evens out classes in feature matrices: SMOTE and its kin, cleaning, undersampling.
//! - [`synthetic`] draws liposomes as a transmission electron microscope shows them, and time-lapses
//!   of cells, with masks.
//!
//! Functions take labels or groups as slices and give sample indices back; resamplers take features,
//! and say of which samples each row was made. No pixel passes through them. Everything random follows from a `u64` seed: the same seed gives the same result on any
//! number of threads, and an epoch's draw does not depend on the epochs before it.
//!
//! ```
//! use micrograph_sampling::{oversample, stratified_k_fold};
//!
//! // Twelve unilamellar liposomes, three multilamellar.
//! let labels = [0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
//! let folds = stratified_k_fold(&labels, 3, 42)?;
//! for split in folds.iter() {
//!     let rare = |part: &[usize]| part.iter().filter(|&&sample| labels[sample] == 1).count();
//!     assert_eq!((split.test.len(), rare(&split.test)), (5, 1));
//!     // Only the training part is balanced; the test part keeps the shares of nature.
//!     let epoch = oversample(&labels, &split.train, 42, 0);
//!     assert_eq!((epoch.len(), rare(&epoch)), (16, 8));
//! }
//! # Ok::<(), micrograph_sampling::Error>(())
//! ```
//!
//! Design: groups are never divided, rare classes warn instead of failing, and what a network trains
//! on is resampled by indices, so that an image is read once however often it is drawn.
//! Limits: neighbors are searched exactly, in a time that grows with the square of the samples.
#![forbid(unsafe_code)]

mod balance;
mod blocks;
mod cost;
mod error;
mod folds;
mod hold_out;
mod random;
mod remainder;
mod resample;
pub mod synthetic;
mod warning;
mod weights;

pub use balance::{oversample, shuffle, undersample};
pub use blocks::{BlockSplit, block_hold_out, block_k_fold, leave_out_background};
pub use cost::CostMatrix;
pub use error::{Error, Result};
pub use folds::{Folds, Split, group_k_fold, stratified_group_k_fold, stratified_k_fold};
pub use hold_out::{HoldOut, group_hold_out, stratified_group_hold_out, stratified_hold_out};
pub use resample::{
    AdasynConfig, Agreement, BorderlineConfig, Cleaned, EnnConfig, KMeansSmoteConfig, Labeled,
    NearMissConfig, Origin, RandomConfig, ResampleWarning, Resampled, Resampler, SmoteConfig,
    SmoteEnnConfig, SmoteTomekConfig, SupportVectors, SvmSmoteConfig, Target, TomekConfig,
};
pub use warning::Warning;
pub use weights::{ClassWeighting, class_weights};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
