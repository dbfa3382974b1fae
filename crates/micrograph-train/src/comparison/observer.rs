//! What is told of one model among several.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::{Event, Observer};

/// Passes events on, with the model's name before its phases, and each notice once for all models.
pub(super) struct OfModel<'a> {
    observer: &'a dyn Observer,
    name: &'a str,
    told: &'a Mutex<BTreeSet<String>>,
}

impl<'a> OfModel<'a> {
    /// What no model has told so far.
    pub(super) fn memory() -> Mutex<BTreeSet<String>> {
        Mutex::default()
    }

    pub(super) fn new(
        observer: &'a dyn Observer,
        name: &'a str,
        told: &'a Mutex<BTreeSet<String>>,
    ) -> Self {
        Self { observer, name, told }
    }
}

impl Observer for OfModel<'_> {
    fn event(&self, event: Event<'_>) {
        match event {
            Event::Phase(phase) => {
                self.observer.event(Event::Phase(&format!("{}, {phase}", self.name)));
            }
            Event::Notice(notice) => {
                let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                if told.insert(notice.to_owned()) {
                    self.observer.event(event);
                }
            }
            other => self.observer.event(other),
        }
    }
}
