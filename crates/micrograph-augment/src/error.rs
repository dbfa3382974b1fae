//! What can go wrong: one type for the crate.

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong; a message says what was expected, what came, and the repair.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // --- The recipe.
    /// [`Recipe::rotation_degrees`](crate::Recipe::rotation_degrees) out of range.
    #[error("expected rotation_degrees in [0, 180], but got {got}")]
    RotationDegrees {
        /// The value.
        got: f64,
    },
    /// [`Recipe::shear_radians`](crate::Recipe::shear_radians) out of range or order.
    #[error(
        "expected shear_radians [low, high] with -1.5 <= low <= high <= 1.5, but got {got:?}; it is an angle in radians, not in degrees"
    )]
    ShearRadians {
        /// The range.
        got: [f64; 2],
    },
    /// [`Recipe::shift_fraction`](crate::Recipe::shift_fraction) out of range.
    #[error(
        "expected shift_fraction in [0, 1], but got {got}; it is a fraction of height and width, not in pixels"
    )]
    ShiftFraction {
        /// The value.
        got: f64,
    },
    /// [`Recipe::zoom`](crate::Recipe::zoom) out of range or order.
    #[error(
        "expected zoom [low, high] with 0.01 <= low <= high <= 100, but got {got:?}; [1, 1] leaves the size alone"
    )]
    Zoom {
        /// The range.
        got: [f64; 2],
    },
    /// [`Recipe::flip_horizontal`](crate::Recipe::flip_horizontal) is no probability.
    #[error("expected flip_horizontal, a probability, in [0, 1], but got {got}")]
    FlipHorizontal {
        /// The value.
        got: f64,
    },
    /// [`Recipe::flip_vertical`](crate::Recipe::flip_vertical) is no probability.
    #[error("expected flip_vertical, a probability, in [0, 1], but got {got}")]
    FlipVertical {
        /// The value.
        got: f64,
    },
    /// [`Recipe::elastic`](crate::Recipe::elastic) out of range.
    #[error(
        "expected elastic with alpha_px from 0 to 10000, sigma_px above 0 and at most 1000, and 2 to 64 nodes, but got {got:?}"
    )]
    Elastic {
        /// The setting.
        got: crate::Elastic,
    },
    /// A crop of no pixels, or with a probability that is none.
    #[error("expected a crop of at least 1 x 1 pixel and a probability of foreground in [0, 1], but got {} x {} and {foreground}", size[0], size[1])]
    Cropping {
        /// Height and width.
        size: [usize; 2],
        /// The probability.
        foreground: f64,
    },
    /// A range of [`Pasting`](crate::Pasting) that is none, or too large.
    #[error(
        "expected numbers of objects to paste [least, greatest] and a margin, each at most {most}, but got {objects:?} and {margin}"
    )]
    Pasting {
        /// The numbers.
        objects: [usize; 2],
        /// The margin.
        margin: usize,
        /// The greatest number of either.
        most: usize,
    },
    /// A cutout with other planes than the frame, or a mask of another size.
    #[error(
        "expected cutouts of {planes} plane{} with masks of their size, but got one of {} planes, {}x{}, with a mask of {}x{}",
        if *planes == 1 { "" } else { "s" }, got[0], got[1], got[2], mask[0], mask[1]
    )]
    Cutout {
        /// The planes of the frame.
        planes: usize,
        /// Planes, height and width of the cutout.
        got: [usize; 3],
        /// Height and width of its mask.
        mask: [usize; 2],
    },
    /// The value of a constant [`Recipe::border`](crate::Recipe::border) is not finite.
    #[error("expected a finite constant border, but got {got}")]
    Border {
        /// The value.
        got: f32,
    },
    /// A background of more or fewer values than the image has channels.
    #[error("expected a background of one value for each of {channels} channels, but got {got}")]
    Background {
        /// How many values there are.
        got: usize,
        /// The channels of the image.
        channels: usize,
    },
    /// [`Recipe::brightness`](crate::Recipe::brightness) out of range.
    #[error("expected brightness in [0, 1], but got {got}; it is a fraction of the full scale")]
    Brightness {
        /// The value.
        got: f64,
    },
    /// [`Recipe::contrast`](crate::Recipe::contrast) out of range or order.
    #[error(
        "expected contrast [low, high] with 0 <= low <= high <= 100, but got {got:?}; [1, 1] leaves it alone"
    )]
    Contrast {
        /// The range.
        got: [f64; 2],
    },
    /// [`Recipe::gamma`](crate::Recipe::gamma) out of range or order.
    #[error(
        "expected gamma [low, high] with 0.01 <= low <= high <= 100, but got {got:?}; [1, 1] leaves it alone"
    )]
    Gamma {
        /// The range.
        got: [f64; 2],
    },
    /// [`Recipe::noise_sigma`](crate::Recipe::noise_sigma) out of range.
    #[error("expected noise_sigma in [0, 1], but got {got}; it is a fraction of the full scale")]
    NoiseSigma {
        /// The value.
        got: f64,
    },
    /// A name that is no preset.
    #[error("expected one of the presets {}, but got `{name}`", crate::Recipe::PRESETS.join(", "))]
    UnknownPreset {
        /// What was given.
        name: String,
    },

    // --- The image.
    /// A mask of another size than its image.
    #[error("expected a mask of {} x {} (height x width) as the image, but got {} x {}; cut or scale both alike", image[0], image[1], mask[0], mask[1])]
    MaskShape {
        /// Height and width of the image.
        image: [usize; 2],
        /// Height and width of the mask.
        mask: [usize; 2],
    },
    /// A full scale by which nothing can be divided.
    #[error(
        "expected a positive, finite full scale, but got {got}; give 255 for 8 bits, 65535 for 16 bits, the brightest value for floats"
    )]
    FullScale {
        /// The value.
        got: f32,
    },
}
