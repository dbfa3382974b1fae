//! What the user sees while work goes on.

use std::io::Write;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use micrograph::train::{EpochRecord, Event, Observer};

/// Bars and lines on standard error; nothing but warnings when quiet.
pub(crate) struct Progress {
    verbosity: Verbosity,
    bar: Mutex<ProgressBar>,
    epochs: Mutex<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbosity {
    Quiet,
    Normal,
}

impl Progress {
    pub(crate) fn new(verbosity: Verbosity) -> Self {
        Self { verbosity, bar: Mutex::new(ProgressBar::hidden()), epochs: Mutex::default() }
    }

    fn start(&self, length: usize, template: &str) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_millis(250));
        if let Ok(mut current) = self.bar.lock() {
            current.finish_and_clear();
            *current = bar.clone();
        }
        bar
    }

    fn with_bar(&self, act: impl FnOnce(&ProgressBar)) {
        if let Ok(bar) = self.bar.lock() {
            act(&bar);
        }
    }

    fn line(&self, text: &str) {
        self.with_bar(|bar| {
            // A hidden bar swallows lines, so that a log file would stay empty.
            if bar.is_hidden() {
                // A terminal that has gone away must not end a run.
                let _ = writeln!(std::io::stderr(), "{text}");
            } else {
                bar.println(text);
            }
        });
    }
}

impl Progress {
    /// The line of an epoch, with what `measured` says of its validation.
    fn record<V>(&self, record: &EpochRecord<V>, measured: impl FnOnce(&V) -> String) {
        self.with_bar(ProgressBar::finish_and_clear);
        let prefix = self.epochs.lock().map(|text| text.clone()).unwrap_or_default();
        let validation = record.validation.as_ref().map_or_else(String::new, measured);
        let EpochRecord { train_loss, train_accuracy, seconds, .. } = record;
        self.line(&format!(
            "{prefix}  loss {train_loss:.4}  accuracy {train_accuracy:.4}{validation}  {seconds:.1} s"
        ));
    }
}

impl Observer for Progress {
    fn event(&self, event: Event<'_>) {
        if let Event::Notice(text) = event {
            self.line(&format!("note: {text}"));
            return;
        }
        if self.verbosity == Verbosity::Quiet {
            return;
        }
        match event {
            Event::Phase(text) => self.line(&format!("note: {text}")),
            Event::Began { task, total } => {
                let template = "{msg} [{bar:32}] {pos}/{len} {per_sec}, {eta} left";
                self.start(total, template).set_message(task.to_owned());
            }
            Event::Advanced => self.with_bar(|bar| bar.inc(1)),
            Event::Ended => self.with_bar(ProgressBar::finish_and_clear),
            Event::Epoch { epoch, epochs, steps, done } => {
                let of = epochs.map_or_else(String::new, |n| format!("/{n}"));
                let prefix = format!("epoch {epoch}{of}");
                let template = "{prefix} [{bar:32}] {pos}/{len} {per_sec}, {eta} left  {msg}";
                let bar = self.start(steps, template);
                bar.set_prefix(prefix.clone());
                bar.set_position(done as u64);
                if let Ok(mut text) = self.epochs.lock() {
                    *text = prefix;
                }
            }
            Event::Step { loss } => self.with_bar(|bar| {
                bar.inc(1);
                bar.set_message(format!("loss {loss:.4}"));
            }),
            Event::Record(record) => self.record(record, |v| {
                let auroc = v.auroc.map_or_else(String::new, |a| format!("  AUROC {a:.4}"));
                format!("  validation loss {:.4}  accuracy {:.4}{auroc}", v.loss, v.accuracy)
            }),
            Event::PixelRecord(record) => self.record(record, |v| {
                let f1 = v.f1.map_or_else(String::new, |f1| format!("  F1 {f1:.4}"));
                format!("  validation loss {:.4}  error rate {:.4}{f1}", v.loss, v.error_rate)
            }),
            _ => {}
        }
    }
}
