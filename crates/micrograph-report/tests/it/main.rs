//! The page as a reader gets it.

mod comparison;
mod fixture;
mod form;
mod hard_cases;
mod numbers;
