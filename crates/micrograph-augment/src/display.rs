//! A recipe in words.

use std::fmt::{self, Display, Formatter};

use crate::{Elastic, Recipe};

/// What may happen to an image, in the order in which it does; `none` for nothing.
///
/// ```
/// use micrograph_augment::Recipe;
///
/// assert_eq!(Recipe::none().to_string(), "none");
/// assert_eq!(
///     Recipe::thesis().to_string(),
///     "rotation ±180°, shift ±10 %, shear 0 to 0.2 rad, zoom 0.8 to 1, \
///      horizontal flip 50 %, vertical flip 50 %"
/// );
/// ```
impl Display for Recipe {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| (share * 1000.0).round() / 10.0;
        let around = |name: &str, limit: f64, unit: &str| {
            (limit > 0.0).then(|| format!("{name} ±{limit}{unit}"))
        };
        let between = |name: &str, [low, high]: [f64; 2], neutral: f64, unit: &str| {
            let acts = [low, high].iter().any(|end| end.to_bits() != neutral.to_bits());
            acts.then(|| format!("{name} {low} to {high}{unit}"))
        };
        let flip = |name: &str, chance: f64| {
            (chance > 0.0).then(|| format!("{name} flip {} %", percent(chance)))
        };
        let parts = [
            around("rotation", self.rotation_degrees, "°"),
            self.quarter_turns.then(|| "quarter turns".to_owned()),
            around("shift", percent(self.shift_fraction), " %"),
            between("shear", self.shear_radians, 0.0, " rad"),
            between("zoom", self.zoom, 1.0, ""),
            flip("horizontal", self.flip_horizontal),
            flip("vertical", self.flip_vertical),
            match self.elastic {
                Elastic::None => None,
                Elastic::Gaussian { alpha_px, sigma_px } => {
                    Some(format!("elastic (alpha {alpha_px} px, sigma {sigma_px} px)"))
                }
                Elastic::Grid { nodes, sigma_px } => {
                    Some(format!("elastic ({nodes} x {nodes} nodes, sigma {sigma_px} px)"))
                }
            },
            around("brightness", percent(self.brightness), " %"),
            between("contrast", self.contrast, 1.0, ""),
            between("gamma", self.gamma, 1.0, ""),
            (self.noise_sigma > 0.0).then(|| format!("noise {} %", percent(self.noise_sigma))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { f.write_str("none") } else { f.write_str(&parts.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_act_is_not_named() {
        let recipe = Recipe { contrast: [0.9, 1.0], noise_sigma: 0.015, ..Recipe::none() };
        assert_eq!(recipe.to_string(), "contrast 0.9 to 1, noise 1.5 %");
        let light = "rotation ±7°, shift ±5 %, horizontal flip 50 %";
        assert_eq!(Recipe::light().to_string(), light);
    }
}
