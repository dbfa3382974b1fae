//! linfa's traits (feature `linfa`): `cargo test -p micrograph-classic --features linfa --test linfa`.

use linfa::Dataset;
use linfa::prelude::ToConfusionMatrix as _;
use linfa::traits::{Fit as _, Predict as _};
use micrograph_classic::linfa::{ForLinfa, LinfaError};
use micrograph_classic::{Classifier as _, Error, Fit as _, Pipeline, Samples, SvmConfig};
use ndarray16::{Array1, Array2, ShapeBuilder as _};

/// Two clouds that overlap, and a third class of few.
fn data() -> (Array2<f64>, Array1<usize>) {
    let targets: Array1<usize> = (0..60).map(|i| if i % 15 == 0 { 2 } else { i % 2 }).collect();
    let x = Array2::from_shape_fn((60, 3), |(i, j)| {
        targets[i] as f64 + ((i * 7 + j * 13) % 17) as f64 / 9.0
    });
    (x, targets)
}

/// Every classifier, by rows in place and by columns, which are copied.
#[test]
fn every_classifier_fits_and_predicts_as_by_itself() {
    let (x, targets) = data();
    let mut by_columns = Array2::zeros((60, 3).f());
    by_columns.assign(&x);
    assert!(by_columns.as_slice().is_none());
    let own = ndarray::Array2::from_shape_fn((60, 3), |place| x[place]);
    let labels: Vec<u32> = targets.iter().map(|&target| target as u32).collect();
    for name in Pipeline::NAMES {
        let config = Pipeline::by_name(name).unwrap();
        let model = config.fit(&Samples::new(own.view(), &labels, 3).unwrap(), 5).unwrap();
        let expected: Array1<usize> =
            model.predict(own.view()).unwrap().into_iter().map(|class| class as usize).collect();
        for x in [x.clone(), by_columns.clone()] {
            let dataset = Dataset::new(x.clone(), targets.clone());
            let fitted = ForLinfa { config: config.clone(), seed: 5 }.fit(&dataset).unwrap();
            assert_eq!(fitted.0, model, "{name}");
            assert_eq!(fitted.predict(&dataset).unwrap(), expected);
            assert_eq!(fitted.predict(x.view()).unwrap(), expected);
            let probabilities = fitted.probabilities(&x).unwrap();
            let own = model.probabilities(own.view()).unwrap();
            assert!(probabilities.iter().zip(&own).all(|(a, b)| a == b));
        }
    }
}

#[test]
fn predictions_go_into_linfas_measures() {
    let (x, targets) = data();
    let dataset = Dataset::new(x, targets);
    let config = Pipeline::by_name("svm").unwrap();
    let predicted = ForLinfa { config, seed: 0 }.fit(&dataset).unwrap().predict(&dataset).unwrap();
    let right = predicted.iter().zip(dataset.targets()).filter(|(a, b)| a == b).count();
    let accuracy = predicted.confusion_matrix(&dataset).unwrap().accuracy();
    assert!((f64::from(accuracy) - right as f64 / 60.0).abs() < 1e-6);
}

#[test]
fn what_does_not_fit_is_an_error_and_no_panic() {
    let config = ForLinfa { config: SvmConfig::default(), seed: 0 };
    let fit = |x: Array2<f64>, targets: Vec<usize>| {
        let error = config.fit(&Dataset::new(x, targets.into())).unwrap_err();
        match error {
            LinfaError::Classic(error) => error,
            other => panic!("{other}"),
        }
    };
    let nan = Array2::from_elem((2, 1), f64::NAN);
    assert!(matches!(fit(nan, vec![0, 1]), Error::NotFinite { .. }));
    assert!(matches!(fit(Array2::zeros((0, 1)), vec![]), Error::Empty { .. }));
    let many = fit(Array2::zeros((2, 1)), vec![0, usize::MAX]);
    assert!(matches!(many, Error::Setting { field: "n_classes", .. }));
    let (x, targets) = data();
    let model = config.fit(&Dataset::new(x, targets)).unwrap();
    let error = model.predict(Array2::zeros((1, 5))).unwrap_err();
    assert_eq!(error, Error::Features { expected: 3, got: 5 });
}
