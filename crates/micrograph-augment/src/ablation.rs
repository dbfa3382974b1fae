//! The experiments on augmentation of the LipNet thesis.

use crate::Recipe;

impl Recipe {
    /// The recipes of the LipNet thesis, section 8.2, in its order: none, then one transform more
    /// each time (rotation, shift, flip, shear, zoom), and zoom alone.
    ///
    /// ```
    /// use micrograph_augment::Recipe;
    ///
    /// let ablation = Recipe::thesis_ablation();
    /// assert_eq!(ablation[2].0, "+ shift");
    /// assert_eq!(ablation[2].1.rotation_degrees, 180.0);
    /// assert_eq!(ablation[5].1, Recipe::thesis());
    /// ```
    #[must_use]
    pub fn thesis_ablation() -> [(&'static str, Self); 7] {
        let all = Self::thesis();
        let none = Self {
            rotation_degrees: 0.0,
            shift_fraction: 0.0,
            flip_horizontal: 0.0,
            flip_vertical: 0.0,
            shear_radians: [0.0; 2],
            zoom: [1.0; 2],
            ..all
        };
        let rotation = Self { rotation_degrees: all.rotation_degrees, ..none };
        let shift = Self { shift_fraction: all.shift_fraction, ..rotation };
        let flip = Self {
            flip_horizontal: all.flip_horizontal,
            flip_vertical: all.flip_vertical,
            ..shift
        };
        let shear = Self { shear_radians: all.shear_radians, ..flip };
        let zoom = Self { zoom: all.zoom, ..none };
        [
            ("none", none),
            ("+ rotation", rotation),
            ("+ shift", shift),
            ("+ flip", flip),
            ("+ shear", shear),
            ("+ zoom", all),
            ("zoom alone", zoom),
        ]
    }
}
