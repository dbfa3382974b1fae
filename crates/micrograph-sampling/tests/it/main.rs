//! The crate's behavior through its public functions.

mod balance;
mod blocks;
mod folds;
mod goldens;
mod imblearn;
mod resample;
mod synthetic;
mod time_lapse;

/// Everything public can be sent to and shared with other threads.
#[test]
fn types_are_send_and_sync() {
    fn check<T: Send + Sync>() {}
    check::<micrograph_sampling::Folds>();
    check::<micrograph_sampling::HoldOut>();
    check::<micrograph_sampling::CostMatrix>();
    check::<micrograph_sampling::Error>();
    check::<micrograph_sampling::synthetic::Liposome>();
    check::<micrograph_sampling::synthetic::TimeLapse>();
    check::<micrograph_sampling::Resampler>();
    check::<micrograph_sampling::Resampled>();
}
