//! A sequence as a whole: what is planned once, and its frames.

mod cell;
mod config;
mod crowd;
mod frame;
mod population;
mod scene;

use ndarray::{Array2, Array3};

pub use self::config::{Microwell, TimeLapseConfig};
use self::population::Population;
use self::scene::Scene;
use crate::Result;

/// A time-lapse of moving, dividing, deforming cells as phase contrast shows them.
///
/// The paths of all cells and what does not move are planned by [`TimeLapse::new`]; each frame is then
/// drawn by itself ([`TimeLapse::frame`]), in any order and on any thread.
///
/// # Example
/// ```
/// use micrograph_sampling::synthetic::{TimeLapse, TimeLapseConfig};
///
/// let sequence = TimeLapse::new(&TimeLapseConfig::example(), 7)?;
/// let frame = sequence.frame(3);
/// assert_eq!(frame.pixels.dim(), (1, 256, 256));
/// let foreground = frame.mask().iter().filter(|&&cell| cell).count();
/// assert!((1000..10_000).contains(&foreground)); // about 5 %
/// // Drawn again, and without the frames before it.
/// assert_eq!(TimeLapse::new(&TimeLapseConfig::example(), 7)?.frame(3), frame);
/// assert!(sequence.tracks().iter().all(|track| track.last < 24));
/// # Ok::<(), micrograph_sampling::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TimeLapse {
    config: TimeLapseConfig,
    seed: u64,
    population: Population,
    scene: Scene,
}

/// One frame and its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeLapseFrame {
    /// The image `(1, h, w)`: whole gray levels from 0 to 255.
    pub pixels: Array3<f32>,
    /// The number of the track at each pixel `(h, w)`, 0 for background.
    pub instances: Array2<u32>,
}

impl TimeLapseFrame {
    /// Where cells are `(h, w)`.
    pub fn mask(&self) -> Array2<bool> {
        self.instances.mapv(|track| track > 0)
    }
}

/// A cell from its birth, or the first frame, to its division, or the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellTrack {
    /// Its number, from 1; that of its pixels in [`TimeLapseFrame::instances`].
    pub id: u32,
    /// The first frame, from 0.
    pub first: usize,
    /// The last frame.
    pub last: usize,
    /// The track of the cell that divided into this one and another.
    pub parent: Option<u32>,
}

impl TimeLapse {
    /// Plans a sequence.
    ///
    /// # Errors
    /// Those of [`TimeLapseConfig::validate`].
    pub fn new(config: &TimeLapseConfig, seed: u64) -> Result<Self> {
        config.validate()?;
        let population = Population::new(config, seed);
        Ok(Self { config: config.clone(), seed, population, scene: Scene::new(config, seed) })
    }

    /// How the sequence is drawn.
    pub fn config(&self) -> &TimeLapseConfig {
        &self.config
    }

    /// The number of frames; there are more than that to be drawn, on which cells stand still.
    pub fn n_frames(&self) -> usize {
        self.config.n_frames
    }

    /// Draws the frame `index`, from 0. The same arguments give the same bits on one machine.
    ///
    /// # Edge cases
    /// A frame behind the last shows the cells as in the last, in other noise.
    pub fn frame(&self, index: usize) -> TimeLapseFrame {
        frame::draw(self, index)
    }

    /// The tracks, by number, with the columns of the Cell Tracking Challenge's `man_track.txt`.
    ///
    /// A cell can be hidden, or outside of the image, in some frames of its track, which that file
    /// does not allow.
    pub fn tracks(&self) -> Vec<CellTrack> {
        let track = |cell: &population::Life| CellTrack {
            id: cell.id,
            first: cell.first,
            last: cell.first + cell.moments.len() - 1,
            parent: cell.parent,
        };
        self.population.lives.iter().map(track).collect()
    }
}
