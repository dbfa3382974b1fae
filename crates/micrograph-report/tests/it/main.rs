//! The page as a reader gets it.

mod fixture;
mod form;
mod hard_cases;
mod numbers;
