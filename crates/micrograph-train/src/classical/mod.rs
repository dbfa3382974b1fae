//! Classical models: what they look at, how classes are weighed, and the fit.

mod balance;
mod facts;
mod fit;
mod importance;
mod resolve;
mod rows;

pub(crate) use self::balance::weights_in_fitting;
pub(crate) use self::facts::settings;
pub(crate) use self::fit::{fit, predict};
pub(crate) use self::importance::importances;
pub(crate) use self::resolve::feature_input;
pub(crate) use self::rows::Measured;
