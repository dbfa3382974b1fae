//! Liposomes as a transmission electron microscope shows them, and time-lapses of cells, drawn with
//! their masks.
//!
//! [`liposome`] draws one micrograph of a class of a [`Problem`], [`class_counts`] says how many of
//! each class a set of `n` has. The image is that of a weak phase object: bilayers are projected as
//! spherical shells, imaged through a contrast transfer function, and recorded as counted electrons.
//! `docs/synthetic.md` in the repository lists every distribution, and shows sheets of the classes.
//!
//! [`TimeLapse`] draws frames of cells that move, deform and divide, with the track of each pixel.
//!
//! ```
//! use micrograph_sampling::synthetic::{LiposomeConfig, Problem, class_counts, liposome};
//!
//! let config = LiposomeConfig::new(Problem::Lamellarity);
//! // 100 images in the shares of the thesis: multilamellar, uncertain, unilamellar.
//! assert_eq!(class_counts(&config, 100)?, [12, 1, 87]);
//!
//! let drawn = liposome(&config, 0, 7, 0)?;
//! let (_, height, width) = drawn.pixels.dim();
//! assert_eq!(drawn.mask.dim(), (height, width));
//! assert!(!drawn.mask[[49, width / 2]], "50 px of surroundings on each side");
//! assert_eq!(drawn, liposome(&config, 0, 7, 0)?);
//! # Ok::<(), micrograph_sampling::Error>(())
//! ```

mod background;
mod canvas;
mod cargo;
mod config;
mod curve;
mod detector;
mod ice;
mod liposome;
mod membrane;
mod noise;
mod optics;
mod size;
mod specimen;
mod time_lapse;
mod vesicle;

pub use config::{ClassRatio, LiposomeConfig, Problem, class_counts};
pub use liposome::{Liposome, liposome};
pub use time_lapse::{CellTrack, Microwell, TimeLapse, TimeLapseConfig, TimeLapseFrame};
