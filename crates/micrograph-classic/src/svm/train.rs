//! One machine for each pair of classes, over one kernel matrix.

use ndarray::{Array1, Array2, Axis};
use rand::RngExt as _;

use super::gram::Gram;
use super::model::{Machines, SvmModel};
use super::platt::Sigmoid;
use super::solver::{Limits, Problem, Solution, solve};
use super::{Probability, SvmConfig};
use crate::random::{Purpose, stream};
use crate::samples::rows;
use crate::{Result, Samples};

/// The samples of two classes, the first of which has decision values above 0.
struct Pair {
    samples: Vec<usize>,
    is_first: Vec<bool>,
    /// The greatest coefficient of each sample.
    bounds: Vec<f64>,
}

/// What the machines of a pair are fitted with.
struct Bench<'a> {
    gram: &'a mut Gram,
    /// Where each sample of the pair stands in `gram`.
    columns: Vec<usize>,
    limits: Limits,
}

/// Fits all pairs of the classes that are present.
pub(super) fn fit(config: &SvmConfig, samples: &Samples<'_>, seed: u64) -> Result<SvmModel> {
    let classes = samples.at_least_two_classes()?;
    let weights = config.class_weights.of(samples)?;
    let function = config.kernel.resolve(samples.x())?;
    let center = if function.moves_freely() {
        samples.x().mean_axis(Axis(0)).unwrap_or_default()
    } else {
        Array1::zeros(samples.x().ncols())
    };
    let x = &samples.x() - &center;
    let limits = Limits { tolerance: config.tolerance, max_iterations: config.max_iterations };
    // All pairs share one matrix where it can be kept whole; else each has its own, without the
    // columns that it does not need.
    let n = samples.labels().len();
    let whole = classes.len() == 2 || n.saturating_mul(n * 4) <= config.cache_mb << 20;
    let mut shared = whole.then(|| Gram::new(x.view(), function, config.cache_mb));
    let (mut fitted, mut sigmoids) = (Vec::new(), Vec::new());
    for (a, &first) in classes.iter().enumerate() {
        for &second in &classes[a + 1..] {
            let pair = Pair::new(samples, [first, second], config.c, &weights);
            let mut own;
            let mut bench = if let Some(gram) = &mut shared {
                Bench { gram, columns: pair.samples.clone(), limits }
            } else {
                let part = rows(x.view(), &pair.samples);
                own = Gram::new(part.view(), function, config.cache_mb);
                Bench { gram: &mut own, columns: (0..pair.samples.len()).collect(), limits }
            };
            let all: Vec<usize> = (0..pair.samples.len()).collect();
            fitted.push((pair.solve(&all, &mut bench)?, pair.samples.clone()));
            if let Probability::Platt { folds } = config.probability {
                let seed = stream(Purpose::Platt, seed, first.into(), second.into()).random();
                let decisions = pair.held_out(&mut bench, folds, seed)?;
                sigmoids.push(Sigmoid::fit(&decisions, &pair.is_first));
            }
        }
    }
    let sigmoids = (config.probability != Probability::None).then_some(sigmoids);
    let (vectors, coefficients, rho) = assemble(&x, &fitted);
    let machines = Machines { rho, sigmoids, classes, n_classes: samples.n_classes() };
    Ok(SvmModel::new(function, center, vectors, coefficients, machines))
}

impl Pair {
    fn new(samples: &Samples<'_>, [first, second]: [u32; 2], c: f64, weights: &[f64]) -> Self {
        let labels = samples.labels();
        let chosen = |sample: &usize| labels[*sample] == first || labels[*sample] == second;
        let chosen: Vec<usize> = (0..labels.len()).filter(chosen).collect();
        let is_first = chosen.iter().map(|&sample| labels[sample] == first).collect();
        let bounds = chosen.iter().map(|&sample| c * weights[labels[sample] as usize]).collect();
        Self { samples: chosen, is_first, bounds }
    }

    /// The machine of the `part` of the pair's samples.
    fn solve(&self, part: &[usize], bench: &mut Bench<'_>) -> Result<Solution> {
        let pick = |value: &dyn Fn(usize) -> f64| part.iter().map(|&t| value(t)).collect();
        let problem = Problem {
            columns: part.iter().map(|&t| bench.columns[t]).collect(),
            linear: pick(&|t| if self.is_first[t] { 1.0 } else { -1.0 }),
            lower: pick(&|t| if self.is_first[t] { 0.0 } else { -self.bounds[t] }),
            upper: pick(&|t| if self.is_first[t] { self.bounds[t] } else { 0.0 }),
            beta: vec![0.0; part.len()],
        };
        solve(problem, bench.gram, bench.limits)
    }

    /// The decision value of each sample by a machine that was fitted without its fold.
    ///
    /// A part of one class alone decides for it with value 1, as LIBSVM does.
    fn held_out(&self, bench: &mut Bench<'_>, folds: usize, seed: u64) -> Result<Vec<f64>> {
        let labels: Vec<u32> = self.is_first.iter().map(|&first| u32::from(first)).collect();
        let mut decisions = vec![0.0; labels.len()];
        for split in micrograph_sampling::stratified_k_fold(&labels, folds, seed)?.iter() {
            let firsts = split.train.iter().filter(|&&t| self.is_first[t]).count();
            if firsts == 0 || firsts == split.train.len() {
                let value = if firsts == 0 { -1.0 } else { 1.0 };
                split.test.iter().for_each(|&t| decisions[t] = value);
                continue;
            }
            let Solution { beta, rho } = self.solve(&split.train, bench)?;
            split.test.iter().for_each(|&t| decisions[t] = -rho);
            let support = split.train.iter().zip(beta).filter(|entry| entry.1 != 0.0);
            for (&s, beta) in support {
                bench.gram.ensure(&[bench.columns[s]]);
                let row = bench.gram.row(bench.columns[s]);
                for &t in &split.test {
                    decisions[t] += beta * f64::from(row[bench.columns[t]]);
                }
            }
        }
        Ok(decisions)
    }
}

/// The samples that support any machine, their coefficients in each, `(support, machines)`, and
/// what each machine subtracts.
fn assemble(
    x: &Array2<f64>,
    fitted: &[(Solution, Vec<usize>)],
) -> (Array2<f64>, Array2<f64>, Vec<f64>) {
    let mut all = Array2::zeros((x.nrows(), fitted.len()));
    for (machine, (solution, samples)) in fitted.iter().enumerate() {
        for (&sample, &beta) in samples.iter().zip(&solution.beta) {
            all[[sample, machine]] = beta;
        }
    }
    let supports = |&sample: &usize| all.row(sample).iter().any(|&beta| beta != 0.0);
    let support: Vec<usize> = (0..x.nrows()).filter(supports).collect();
    let rho = fitted.iter().map(|(solution, _)| solution.rho).collect();
    (rows(x.view(), &support), rows(all.view(), &support), rho)
}
