//! Classical models: what they look at, how classes are weighed, and the fit; alone, and in the place
//! of a network's last layer.

mod balance;
mod facts;
mod fit;
mod head;
mod importance;
mod resolve;
mod rows;
mod tuning;

pub(crate) use self::balance::weights_in_fitting;
pub(crate) use self::facts::{settings, settings_of_head};
pub(crate) use self::fit::{fit, predict, validated};
pub(crate) use self::head::fit_head;
pub(crate) use self::importance::importances;
pub(crate) use self::resolve::feature_input;
pub(crate) use self::rows::Measured;
pub(crate) use self::tuning::{check_tuning, table_of_folds, table_of_tried};
