//! Every error names what was expected, what came, and the repair.

use micrograph_classic::{
    ClassWeights, Classifier, Error, Fit, ForestConfig, Gamma, Kernel, Lda, MaxFeatures,
    NearestNeighbors, Probability, Samples, Scaling, SvmConfig, Wnd,
};
use ndarray::{Array2, array};

use crate::{clouds, samples};

fn svm_error(config: &SvmConfig) -> String {
    let data = clouds(60, 3, 2, 0);
    config.fit(&samples(&data), 0).unwrap_err().to_string()
}

#[test]
fn samples_are_checked_once_for_all() {
    let x = array![[0.0, 1.0], [2.0, f64::INFINITY]];
    let error = Samples::new(x.view(), &[0, 1], 2).unwrap_err();
    assert_eq!(error, Error::NotFinite { sample: 1, feature: 1, value: f64::INFINITY });
    let x = array![[0.0, 1.0], [2.0, 3.0]];
    let error = Samples::new(x.view(), &[0], 2).unwrap_err();
    assert_eq!(error, Error::Labels { samples: 2, labels: 1 });
    let error = Samples::new(x.view(), &[0, 2], 2).unwrap_err();
    assert_eq!(error, Error::Label { sample: 1, label: 2, n_classes: 2 });
    let error = Samples::new(Array2::zeros((0, 3)).view(), &[], 2).unwrap_err();
    assert_eq!(error, Error::Empty { samples: 0, features: 3 });
    assert_eq!(Scaling::Standard.fit(Array2::zeros((0, 3)).view()).unwrap_err(), error);
}

#[test]
fn machines_need_two_classes_and_settings_in_range() {
    let x = array![[0.0], [1.0]];
    let one = Samples::new(x.view(), &[1, 1], 2).unwrap();
    let error = SvmConfig::default().fit(&one, 0).unwrap_err();
    assert_eq!(error, Error::OneClass { present: 1 });
    for (config, message) in [
        (SvmConfig { c: -1.0, ..SvmConfig::default() }, "c = -1: expected a finite number above 0"),
        (
            SvmConfig { tolerance: f64::NAN, ..SvmConfig::default() },
            "tolerance = NaN: expected a finite number above 0",
        ),
        (
            SvmConfig { kernel: Kernel::Rbf { gamma: Gamma::Value(0.0) }, ..SvmConfig::default() },
            "gamma = 0: expected a finite number above 0",
        ),
        (
            SvmConfig { class_weights: ClassWeights::Of(vec![1.0, 2.0]), ..SvmConfig::default() },
            "class_weights = [1.0, 2.0]: expected a number from 1e-100 to 1e100 for each class",
        ),
        (
            SvmConfig { probability: Probability::platt(1), ..SvmConfig::default() },
            "folds = 1: expected at least 2",
        ),
    ] {
        assert_eq!(svm_error(&config), message);
    }
}

/// Rows of kernels are 32-bit numbers; what they cannot hold must not become a useless machine.
#[test]
fn kernels_out_of_range_are_errors_that_name_the_repair() {
    let (x, labels) = clouds(60, 3, 2, 0);
    let fit = |kernel, unit: f64| {
        let x = &x * unit;
        let samples = Samples::new(x.view(), &labels, 3).unwrap();
        SvmConfig { kernel, ..SvmConfig::default() }.fit(&samples, 0)
    };
    let polynomial = Kernel::Polynomial { degree: 9, gamma: Gamma::Value(1.0), coef0: 0.0 };
    for (kernel, unit) in [
        (Kernel::Linear, 1e25),
        (Kernel::Linear, 1e200),
        (Kernel::Linear, 1e-25),
        (polynomial, 1e3),
        (Kernel::default(), 1e200),
        (Kernel::Rbf { gamma: Gamma::Value(1.0) }, 1e200),
    ] {
        let error = fit(kernel, unit).unwrap_err();
        assert!(matches!(error, Error::KernelRange { .. }), "{kernel:?} at {unit}: {error}");
        assert!(error.to_string().ends_with("scale the features"));
    }
    // As large as squares of 64-bit numbers allow, a radial basis function does as well as ever.
    let predict = |unit: f64| {
        let model = fit(Kernel::default(), unit).unwrap();
        let far = ndarray::Array2::from_elem((1, 3), f64::MAX);
        assert_eq!(model.predict(far.view()).unwrap().len(), 1);
        model.predict((&x * unit).view()).unwrap()
    };
    assert_eq!(predict(1.0), predict(1e30));
    assert_eq!(predict(1.0), predict(1e120));
    let far = ndarray::Array2::from_elem((2, 3), f64::MAX);
    let error = fit(Kernel::Linear, 1.0).unwrap().predict(far.view()).unwrap_err();
    assert_eq!(error, Error::Overflow { sample: 0 });
}

#[test]
fn a_machine_that_does_not_converge_says_so() {
    let message = svm_error(&SvmConfig { max_iterations: 3, ..SvmConfig::default() });
    assert!(message.starts_with("not converged after 3 iterations: the violation of optimality"));
    assert!(message.ends_with("scale the features, or raise `tolerance` or `max_iterations`"));
}

#[test]
fn forests_refuse_settings_of_nothing() {
    let data = clouds(60, 3, 2, 0);
    for (config, message) in [
        (ForestConfig { trees: 0, ..ForestConfig::default() }, "trees = 0: expected at least 1"),
        (
            ForestConfig { min_split: 1, ..ForestConfig::default() },
            "min_split = 1: expected at least 2",
        ),
        (
            ForestConfig { max_features: MaxFeatures::Count(0), ..ForestConfig::default() },
            "max_features = 0: expected at least 1",
        ),
    ] {
        assert_eq!(config.fit(&samples(&data), 0).unwrap_err().to_string(), message);
    }
}

#[test]
fn predictions_need_the_features_of_fitting_and_probabilities_their_sigmoids() {
    let data = clouds(60, 3, 2, 0);
    let model = SvmConfig::default().fit(&samples(&data), 0).unwrap();
    let error = model.predict(Array2::zeros((1, 4)).view()).unwrap_err();
    assert_eq!(error, Error::Features { expected: 3, got: 4 });
    let error = model.predict(array![[0.0, f64::NAN, 1.0]].view()).unwrap_err();
    assert!(error.to_string().starts_with("feature 1 of sample 0 is NaN"));
    assert_eq!(model.probabilities(data.0.view()).unwrap_err(), Error::NoProbabilities);
    assert_eq!(model.predict(Array2::zeros((0, 3)).view()).unwrap(), [0_u32; 0]);
}

#[test]
fn neighbors_and_discriminants_refuse_what_they_cannot_use() {
    let data = clouds(60, 3, 2, 0);
    let error = NearestNeighbors { k: 0 }.fit(&samples(&data), 0).unwrap_err();
    assert_eq!(error.to_string(), "k = 0: expected at least 1");
    let error = Wnd { fraction: 1.5 }.fit(&samples(&data), 0).unwrap_err();
    assert_eq!(error.to_string(), "fraction = 1.5: expected above 0 and at most 1");
    let x = array![[0.0], [0.0], [1.0]];
    let error = Lda.fit(&Samples::new(x.view(), &[0, 0, 1], 2).unwrap(), 0).unwrap_err();
    assert_eq!(error, Error::NoSpread);
}
