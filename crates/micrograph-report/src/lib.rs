//! One self-contained HTML page for a run or a comparison: what was run, what came out, and what
//! it means.
//!
//! [`RunReport`] is a plain value: facts, the history of the training, class counts, object
//! sizes, evaluations, pictures and tables. [`render`] makes of it one page that needs no network,
//! no script and no other file: drawings are SVG, pictures are PNG inside the page. A program that
//! has trained or evaluated a classifier fills in what it has; what is empty is left out.
//! [`ComparisonReport`] and [`render_comparison`] do so for several classifiers on the same samples,
//! beside what was published of their classes ([`lipnet_thesis`]).
//!
//! ```
//! use micrograph_metrics::{Scored, evaluate};
//! use micrograph_report::{EvaluationSection, RunReport, render};
//! use ndarray::array;
//!
//! let classes = ["empty", "full"].map(String::from);
//! let probabilities = array![[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]];
//! let evaluation = evaluate(&Scored::new(&classes, &[0, 1, 1, 0], probabilities.view()))?;
//! let report = RunReport {
//!     title: "LipNet-1".into(),
//!     evaluations: vec![EvaluationSection {
//!         name: "test".into(),
//!         remark: String::new(),
//!         evaluation,
//!         intervals: None,
//!         roc: Vec::new(),
//!         pr: Vec::new(),
//!         fold_matrices: None,
//!     }],
//!     ..RunReport::default()
//! };
//! let page = render(&report)?;
//! assert!(page.contains("Test: the classifier is right for 3 of 4 samples, 75.0\u{202f}%."));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Decisions
//! - The page opens with a few numbers, each beside what the majority class or chance would reach,
//!   and a plain sentence: an accuracy alone means little where one class is 97 % of the samples.
//! - Equal reports give equal text, byte for byte: no clock, no counter, no hash order.
//! - Text is escaped by the template engine; drawings hold no text of the caller, whose names
//!   stand in HTML legends, where they also wrap.
//! - The page is well-formed XML, so that a strict parser can test it.
//! - Colors are CSS variables (after Okabe and Ito, darkened or lightened until they stand out from
//!   the page), also inside the drawings: one page serves light, dark and print. What color tells,
//!   a dash, a marker, a sign or a number tells too.
//! - Axes and marks come from kuva; confusion matrices and class tables are HTML tables, which
//!   can be read aloud, copied and scrolled.
//!
//! # Limits
//! Everything is held in memory. Pictures are kept at 128 pixels a side, so that a typical page
//! stays below a megabyte; a sheet of hundreds of pictures does not.
#![forbid(unsafe_code)]

mod comparison;
mod error;
mod format;
mod plot;
mod published;
mod text;
mod value;
mod view;

pub use comparison::{ComparisonReport, ModelFacts, Role};
pub use error::{Error, Result};
pub use published::{PublishedModel, lipnet_thesis};
pub use value::{
    ClassBalance, ContactSheet, EpochRecord, EvaluationSection, Fact, FactGroup, ObjectSize,
    PixelMeasures, RunReport, ScoreIntervals, SizeUnit, Table, Tile, Tone,
};
pub use view::{conclusion, render, render_comparison};
