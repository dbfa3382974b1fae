//! Axes and marks, drawn by kuva.

use std::sync::Arc;

use kuva::plot::{LinePlot, ScatterPlot};
use kuva::render::annotations::ReferenceLine;
use kuva::render::layout::{Layout, TickFormat};
use kuva::render::plots::Plot;
use kuva::render::theme::Theme;

use super::Look;

/// The width of every drawing in its own units; the page scales it.
pub(super) const WIDTH: f64 = 480.0;

const LEFT: f64 = 60.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 46.0;

/// One axis of a drawing.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    /// Empty where the title of the figure says it.
    label: &'static str,
    low: f64,
    high: f64,
    step: f64,
    format: TickFormat,
}

impl Axis {
    /// From 0 to 1, with a tick each fifth.
    pub(super) fn unit(label: &'static str) -> Self {
        Self { label, low: 0.0, high: 1.0, step: 0.2, format: TickFormat::Fixed(1) }
    }

    /// Whole numbers up to `last`, at most about eight of them labeled: from 1 where each has its
    /// tick, else from 0, so that ticks stand at round numbers.
    pub(super) fn counting(label: &'static str, last: u64) -> Self {
        let high = last.max(1) as f64;
        let step = nice_step(high, 8).max(1.0);
        let low = if last > 1 && step == 1.0 { 1.0 } else { 0.0 };
        Self { label, low, high, step, format: TickFormat::Integer }
    }

    /// From a round number at or below `low` to one at or above `high`.
    pub(super) fn around(label: &'static str, low: f64, high: f64) -> Self {
        let span = if high > low { high - low } else { low.abs().max(1.0) };
        let step = nice_step(span, 5);
        let bottom = (low / step + 1e-9).floor() * step;
        let top = ((high / step - 1e-9).ceil() * step).max(bottom + step);
        Self { label, low: bottom, high: top, step, format: decimals(step) }
    }

    /// The same axis with ticks of a learning rate: `8e−4`.
    pub(super) fn rate(label: &'static str, low: f64, high: f64) -> Self {
        let format = TickFormat::Custom(Arc::new(crate::format::rate));
        Self { format, ..Self::around(label, low, high) }
    }

    /// The ends with a margin, so that a line along an end is drawn at its full width.
    fn padded(&self) -> (f64, f64) {
        let margin = 0.02 * (self.high - self.low);
        (self.low - margin, self.high + margin)
    }

    /// As [`Axis::around`], but never past 0 and 1, and at least a twentieth long.
    pub(super) fn fraction(label: &'static str, low: f64, high: f64) -> Self {
        let low = low.min(high - 0.05).max(0.0);
        let around = Self::around(label, low, high.max(low + 0.05));
        Self { low: around.low.max(0.0), high: around.high.min(1.0), ..around }
    }
}

/// Collects the marks of one drawing.
pub(super) struct Canvas {
    id: String,
    height: f64,
    x: Axis,
    y: Axis,
    plots: Vec<Plot>,
    reference: Option<ReferenceLine>,
}

impl Canvas {
    /// An empty drawing; `id` is unique on the page.
    pub(super) fn new(id: &str, height: f64, x: Axis, y: Axis) -> Self {
        Self { id: id.into(), height, x, y, plots: Vec::new(), reference: None }
    }

    /// The height at which x and y have the same scale when their axes are equally long.
    pub(super) fn square_height() -> f64 {
        WIDTH - LEFT - RIGHT + TOP + BOTTOM
    }

    /// A line through `points`, all finite; one point alone becomes a dot.
    pub(super) fn line(&mut self, points: &[(f64, f64)], look: Look) {
        match points {
            [] => {}
            [only] => self.dots(&[*only], look),
            _ => self.plots.push(Plot::Line(
                LinePlot::new()
                    .with_data(points.iter().copied())
                    .with_color(look.color())
                    .with_line_style(look.line_style())
                    .with_stroke_width(1.8),
            )),
        }
    }

    /// Round dots on a line.
    pub(super) fn dots(&mut self, points: &[(f64, f64)], look: Look) {
        self.plots.push(Plot::Scatter(
            ScatterPlot::new()
                .with_data(points.iter().copied())
                .with_color(look.color())
                .with_size(2.6),
        ));
    }

    /// A cloud of see-through markers.
    pub(super) fn markers(&mut self, points: &[(f64, f64)], look: Look) {
        // Few markers would be lost in a cloud of many.
        let (opacity, size) = if points.len() < 30 { (0.95, 3.4) } else { (0.5, 2.3) };
        self.plots.push(Plot::Scatter(
            ScatterPlot::new()
                .with_data(points.iter().copied())
                .with_color(look.color())
                .with_marker(look.marker())
                .with_marker_opacity(opacity)
                .with_size(size),
        ));
    }

    /// A thin line that is no measurement, such as that of chance.
    pub(super) fn guide(&mut self, points: &[(f64, f64)]) {
        self.plots.push(Plot::Line(
            LinePlot::new()
                .with_data(points.iter().copied())
                .with_color("var(--faint)")
                .with_dashed()
                .with_stroke_width(1.0),
        ));
    }

    /// A thin vertical line at `x`.
    pub(super) fn vertical(&mut self, x: f64) {
        self.reference = Some(ReferenceLine::vertical(x).with_color("var(--faint)"));
    }

    /// The drawing as an `<svg>` element of [`WIDTH`] x the height given.
    pub(super) fn draw(self) -> String {
        let (x_low, x_high) = self.x.padded();
        let (y_low, y_high) = self.y.padded();
        let mut layout = Layout::new((x_low, x_high), (y_low, y_high))
            .with_width(WIDTH)
            .with_height(self.height)
            .with_force_margins(LEFT, RIGHT)
            .with_force_margins_y(TOP, BOTTOM)
            .with_x_label(self.x.label)
            .with_x_axis_min(x_low)
            .with_x_axis_max(x_high)
            .with_y_axis_min(y_low)
            .with_y_axis_max(y_high)
            .with_x_tick_step(self.x.step)
            .with_y_tick_step(self.y.step)
            .with_x_tick_format(self.x.format)
            .with_y_tick_format(self.y.format)
            .with_label_size(13)
            .with_tick_size(13)
            .with_font_family("inherit")
            .with_theme(theme());
        if !self.y.label.is_empty() {
            layout = layout.with_y_label(self.y.label);
        }
        if let Some(line) = self.reference {
            layout = layout.with_reference_line(line);
        }
        let drawn = kuva::render_to_svg(self.plots, layout);
        with_clip_id(&drawn, &self.id)
    }
}

/// Colors by CSS variable, so that one drawing serves the light, the dark and the printed page.
fn theme() -> Theme {
    Theme {
        background: "none".into(),
        axis_color: "var(--faint)".into(),
        grid_color: "var(--line)".into(),
        tick_color: "var(--faint)".into(),
        text_color: "var(--soft)".into(),
        ..Theme::light()
    }
}

/// Replaces kuva's id of the clip path, which counts the drawings of the process, by one that is
/// the same in every run and unique on the page.
fn with_clip_id(svg: &str, id: &str) -> String {
    const PREFIX: &str = "kuva-clip-";
    let Some(start) = svg.find(PREFIX) else { return svg.into() };
    let digits = svg[start + PREFIX.len()..].chars().take_while(char::is_ascii_digit).count();
    let theirs = &svg[start..start + PREFIX.len() + digits];
    // With what ends the id, lest `kuva-clip-1` be found in `kuva-clip-12`.
    svg.replace(&format!("{theirs}\""), &format!("{id}-clip\""))
        .replace(&format!("{theirs})"), &format!("{id}-clip)"))
}

/// The smallest of 1, 2, 5 times a power of ten that cuts `span` into at most `intervals`.
fn nice_step(span: f64, intervals: u32) -> f64 {
    let least = span / f64::from(intervals);
    let power = 10f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= least * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// As many decimals as ticks at multiples of `step` need.
fn decimals(step: f64) -> TickFormat {
    match -step.log10().floor() {
        d if d < -5.0 => TickFormat::Sci,
        d if d <= 0.0 => TickFormat::Integer,
        d if d <= 5.0 => TickFormat::Fixed(d as usize),
        _ => TickFormat::Sci,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_at_round_numbers() {
        assert_eq!(nice_step(12.0, 8), 2.0);
        assert_eq!(nice_step(8.0, 8), 1.0);
        assert_eq!(nice_step(300.0, 8), 50.0);
        assert!((nice_step(0.07, 5) - 0.02).abs() < 1e-12);
        let axis = Axis::around("loss", 0.13, 0.71);
        assert!((axis.low - 0.0).abs() < 1e-12 && (axis.high - 0.8).abs() < 1e-12);
        let axis = Axis::fraction("accuracy", 0.81, 0.985);
        assert!((axis.low - 0.8).abs() < 1e-12 && axis.high <= 1.0);
    }

    #[test]
    fn an_axis_of_one_value_has_a_length() {
        for value in [0.0, 1.0, -3.0, 1e-9, 1e9] {
            let axis = Axis::around("loss", value, value);
            assert!(axis.high > axis.low && axis.low <= value && value <= axis.high, "{axis:?}");
        }
        for value in [0.0, 0.5, 1.0] {
            let axis = Axis::fraction("accuracy", value, value);
            assert!(0.0 <= axis.low && axis.low < axis.high && axis.high <= 1.0, "{axis:?}");
        }
        for (last, low, high) in [(0, 0.0, 1.0), (1, 0.0, 1.0), (3, 1.0, 3.0), (12, 0.0, 12.0)] {
            let axis = Axis::counting("epoch", last);
            assert_eq!((axis.low, axis.high), (low, high));
        }
    }

    #[test]
    fn drawings_repeat_exactly_and_do_not_share_ids() {
        let draw = |id: &str| {
            let mut canvas = Canvas::new(id, 260.0, Axis::unit("x"), Axis::unit("y"));
            canvas.line(&[(0.0, 0.0), (0.5, 0.7), (1.0, 1.0)], Look::new(0));
            canvas.draw()
        };
        assert_eq!(draw("a"), draw("a"));
        assert!(draw("a").contains("id=\"a-clip\"") && draw("b").contains("url(#b-clip)"));
    }
}
