//! The same bits on any number of threads, with any memory, and from a file.

use micrograph_classic::{
    ClassWeights, Classifier, Dummy, Fit, ForestConfig, Gamma, Kernel, Lda, Logistic,
    NearestCentroid, NearestNeighbors, NuSvmConfig, OneClassConfig, Pca, Probability, Selection,
    SvmConfig, TreeConfig, Wnd, permutation_importances,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{clouds, samples};

fn svm() -> SvmConfig {
    SvmConfig {
        class_weights: ClassWeights::Balanced,
        probability: Probability::platt(3),
        ..SvmConfig::default()
    }
}

fn on_threads<T: Send>(threads: usize, work: impl Fn() -> T + Send + Sync) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[test]
fn machines_and_forests_do_not_depend_on_threads() {
    let (data, probe) = (clouds(600, 7, 3, 1), clouds(200, 7, 3, 2));
    let work = || {
        let forest = ForestConfig { trees: 11, ..ForestConfig::default() };
        let forest = forest.fit(&samples(&data), 5).unwrap();
        let machine = svm().fit(&samples(&data), 5).unwrap();
        let logistic = Logistic::default().fit(&samples(&data), 5).unwrap();
        let lda = Lda.fit(&samples(&data), 5).unwrap();
        let linear = (logistic, lda, Pca::Count(3).fit(data.0.view()).unwrap());
        let probabilities = [
            forest.probabilities(probe.0.view()).unwrap(),
            machine.probabilities(probe.0.view()).unwrap(),
        ];
        let importances = permutation_importances(&forest, &samples(&probe), 3, 5).unwrap();
        (forest, machine, linear, probabilities, importances)
    };
    let alone = on_threads(1, work);
    for threads in [2, 5] {
        assert!(on_threads(threads, work) == alone, "{threads} threads");
    }
}

/// 32 rows are kept of a matrix of 400; the pairs of classes then have matrices of their own.
#[test]
fn machines_do_not_depend_on_memory() {
    let near = clouds(400, 6, 3, 3);
    let mut far = near.clone();
    // Two classes lie together, within reach of 32-bit products, and one far away.
    for (mut row, &label) in far.0.outer_iter_mut().zip(&far.1) {
        row += if label == 2 { 1e4 } else { 0.0 };
    }
    for data in [near, far] {
        let kernel = Kernel::Rbf { gamma: Gamma::Auto };
        let config = SvmConfig { kernel, ..svm() };
        let scarce = SvmConfig { cache_mb: 0, ..config.clone() };
        let scarce = scarce.fit(&samples(&data), 1).unwrap();
        assert_eq!(scarce, config.fit(&samples(&data), 1).unwrap());
    }
}

#[test]
fn seeds_matter_where_something_is_drawn() {
    let data = clouds(200, 5, 2, 4);
    let forest = ForestConfig { trees: 3, ..ForestConfig::default() };
    let fit = |seed| forest.fit(&samples(&data), seed).unwrap();
    assert_eq!(fit(1), fit(1));
    assert_ne!(fit(1), fit(2));
    let guess = |seed| {
        let model = Dummy::Stratified.fit(&samples(&data), seed).unwrap();
        model.predict(data.0.view()).unwrap()
    };
    assert_ne!(guess(1), guess(2));
    // Without probabilities nothing of a machine is drawn.
    let plain = SvmConfig { probability: Probability::None, ..svm() };
    let fit = |seed| plain.fit(&samples(&data), seed).unwrap();
    assert_eq!(fit(1), fit(2));
}

#[test]
fn models_are_the_same_from_a_file() {
    fn check<T: Serialize + DeserializeOwned + PartialEq>(model: &T) {
        let text = serde_json::to_string(model).unwrap();
        assert!(serde_json::from_str::<T>(&text).unwrap() == *model);
    }
    let data = clouds(120, 5, 2, 5);
    check(&svm().fit(&samples(&data), 0).unwrap());
    check(&ForestConfig { trees: 5, ..ForestConfig::default() }.fit(&samples(&data), 0).unwrap());
    check(&Lda.fit(&samples(&data), 0).unwrap());
    check(&Wnd::default().fit(&samples(&data), 0).unwrap());
    check(&NearestNeighbors::default().fit(&samples(&data), 0).unwrap());
    check(&TreeConfig::default().fit(&samples(&data), 0).unwrap());
    check(&Logistic::default().fit(&samples(&data), 0).unwrap());
    check(&NearestCentroid.fit(&samples(&data), 0).unwrap());
    check(&NuSvmConfig::default().fit(&samples(&data), 0).unwrap());
    check(&OneClassConfig::default().fit(data.0.view()).unwrap());
    check(&Pca::Share(0.9).fit(data.0.view()).unwrap());
    check(&Selection::Wilks { count: 3 }.fit(&samples(&data)).unwrap());
    check(&Dummy::Stratified.fit(&samples(&data), 0).unwrap());
    check(&micrograph_classic::Scaling::Robust.fit(data.0.view()).unwrap());
}
