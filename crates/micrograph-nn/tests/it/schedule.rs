//! Schedules against PyTorch's at whole epochs.

use std::collections::BTreeMap;

use micrograph_nn::Schedule;
use micrograph_testkit::{assert_close, golden};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    rates: BTreeMap<String, Vec<f64>>,
}

#[test]
fn schedules_are_those_of_pytorch() {
    let warm_up = |then| Schedule::WarmUp { epochs: 3.0, start: 0.25, then: Box::new(then) };
    let schedules = [
        ("exponential", Schedule::Exponential { factor: 0.8 }),
        ("step", Schedule::Step { every: 3.0, factor: 0.5 }),
        ("cosine", Schedule::Cosine { end: 0.05 }),
        ("warm_up_constant", warm_up(Schedule::Constant)),
        ("warm_up_cosine", warm_up(Schedule::Cosine { end: 0.0 })),
    ];
    let golden: Golden = golden(env!("CARGO_MANIFEST_DIR"), "schedules.json");
    assert_eq!(golden.rates.len(), schedules.len());
    for (name, schedule) in schedules {
        let rates: Vec<f64> =
            (0..10).map(|epoch| schedule.rate(0.4, f64::from(epoch), Some(10))).collect();
        assert_close(&rates, &golden.rates[name], 1e-15, 1e-13);
    }
}
