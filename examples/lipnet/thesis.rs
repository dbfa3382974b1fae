//! What the thesis reports, classes in alphabetical order.

use micrograph::sampling::synthetic::Problem;

/// Truth by prediction.
type Matrix = [[f64; 3]; 3];

/// The figures of one problem.
pub(crate) struct Thesis {
    /// Images in all, Tables 1 and 2.
    pub(crate) images: usize,
    /// Table 9 or 10: mean counts of LipNet-4 over five folds.
    pub(crate) counts: (&'static str, Matrix),
    /// Table 6: mean shares with zoom as the only augmentation.
    pub(crate) zoom_alone: Option<Matrix>,
    /// Section 8.5 and Figures 20 and 21, of surround, crop and mask.
    pub(crate) modes: [&'static str; 3],
    /// The heading of the next field.
    pub(crate) of_recipes: &'static str,
    /// Section 8.2 and Figure 17, in the order of `Recipe::thesis_ablation`.
    pub(crate) recipes: [&'static str; 7],
}

pub(crate) fn of(problem: Problem) -> Thesis {
    match problem {
        Problem::Lamellarity => Thesis {
            images: 14_169,
            counts: ("Table 9", [[323.0, 16.0, 4.0], [3.0, 11.0, 2.0], [15.0, 124.0, 2325.0]]),
            zoom_alone: None,
            modes: ["worst", "", "best: uncertain +0.07, unilamellar +0.02"],
            of_recipes: "uncertain, thesis",
            recipes: [
                "about 0",
                "nearly 0.4",
                "better",
                "no gain",
                "no gain",
                "a little worse",
                "far below rotation",
            ],
        },
        Problem::Encapsulation => Thesis {
            images: 24_918,
            counts: ("Table 10", [[24.0, 1.0, 7.0], [272.0, 3929.0, 660.0], [30.0, 9.0, 61.0]]),
            zoom_alone: Some([[0.43, 0.13, 0.44], [0.04, 0.90, 0.06], [0.14, 0.35, 0.51]]),
            modes: ["worst", "", "best: empty +0.07, full +0.06, uncertain -0.02"],
            of_recipes: "thesis",
            recipes: [
                "nearly all full",
                "better",
                "better, full about 0.9",
                "no gain",
                "no gain",
                "uncertain better, full worse",
                "as rotation alone",
            ],
        },
    }
}
