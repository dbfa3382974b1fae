//! Figures: a vector drawing with its title, its description in words and its legend.

mod canvas;
mod curves;
mod histogram;
mod history;
mod sizes;
mod whisker;

pub(crate) use curves::{precision_recall, roc};
pub(crate) use histogram::Histogram;
pub(crate) use history::history;
pub(crate) use sizes::scatter;
pub(crate) use whisker::whisker;

/// The hues that the style sheet defines as `--hue-0` and so on.
const N_HUES: usize = 6;

/// A figure of the page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    /// Unique on the page; also the anchor of its title and description.
    pub(crate) id: String,
    pub(crate) title: String,
    /// What a reader who cannot see the drawing should know.
    pub(crate) description: String,
    /// The drawing: SVG text without user input.
    pub(crate) svg: String,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) marks: Marks,
    pub(crate) legend: Vec<LegendEntry>,
}

impl Figure {
    pub(crate) fn is_cloud(&self) -> bool {
        self.marks == Marks::Cloud
    }
}

/// What stands for a series in the drawing, and hence in the legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marks {
    Lines,
    Cloud,
}

/// A line of a legend.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LegendEntry {
    pub(crate) look: Look,
    pub(crate) name: String,
    /// A number that belongs to it, such as the area under a curve.
    pub(crate) value: String,
}

/// The color of a series, and a second mark that tells it from the others without color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    index: usize,
}

impl Look {
    /// The look of the series `index`; 24 differ, then they repeat.
    pub(crate) fn new(index: usize) -> Self {
        Self { index }
    }

    /// The CSS color, which differs between the light and the dark page.
    pub(crate) fn color(self) -> String {
        format!("var(--hue-{})", self.index % N_HUES)
    }

    /// The SVG dash array: solid for the first six, then dashed, dotted, dash-dotted.
    pub(crate) fn dashes(self) -> &'static str {
        match self.index / N_HUES % 4 {
            0 => "none",
            1 => "8 4",
            2 => "2 4",
            _ => "8 4 2 4",
        }
    }

    fn line_style(self) -> kuva::plot::LineStyle {
        use kuva::plot::LineStyle;
        match self.dashes() {
            "none" => LineStyle::Solid,
            dashes => LineStyle::Custom(dashes.into()),
        }
    }

    fn marker(self) -> kuva::plot::MarkerShape {
        use kuva::plot::MarkerShape as Shape;
        let shapes = [Shape::Circle, Shape::Triangle, Shape::Square, Shape::Diamond];
        shapes[(self.index + self.index / N_HUES) % shapes.len()]
    }

    /// The character that looks like the marker.
    pub(crate) fn glyph(self) -> &'static str {
        ["●", "▲", "■", "◆"][(self.index + self.index / N_HUES) % 4]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_first_24_looks_differ_as_lines_and_as_markers() {
        let looks = || (0..24).map(Look::new);
        let lines: BTreeSet<_> = looks().map(|look| (look.color(), look.dashes())).collect();
        assert_eq!(lines.len(), 24);
        let markers: BTreeSet<_> = looks().map(|look| (look.color(), look.glyph())).collect();
        assert_eq!(markers.len(), 24);
    }
}
