//! The behavior of micrograph-features through its public interface.

mod appearance;
mod edge_cases;
mod errors;
mod laws;
mod lipnet;
mod phantom;
mod references;
mod sets;
mod shape;
mod texture;
mod transforms;

#[test]
fn values_can_be_sent_between_threads() {
    fn check<T: Send + Sync + 'static>() {}
    check::<micrograph_features::FeatureSet>();
    check::<micrograph_features::FeatureTable>();
    check::<micrograph_features::Features>();
    check::<micrograph_features::OwnedObject>();
    check::<micrograph_features::Error>();
}
