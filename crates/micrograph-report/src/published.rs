//! What others have published, as plain data.

use micrograph_metrics::{ConfusionMatrix, Result};

/// A classifier as it was published.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedModel {
    /// Such as `SVM`.
    pub name: String,
    /// Where the numbers stand, and what was derived from them.
    pub source: String,
    /// Samples, truth by prediction, in the order of the classes of the source; of one fold or of all,
    /// as `source` says.
    pub matrix: ConfusionMatrix,
}

/// A table of the thesis.
struct Published {
    name: &'static str,
    source: &'static str,
    classes: [&'static str; 3],
    /// The samples of each class where `rows` are shares; `None` where they are counts.
    samples: Option<[f64; 3]>,
    rows: [[f64; 3]; 3],
}

const LAMELLARITY: [&str; 3] = ["unilamellar", "multilamellar", "uncertain"];
const ENCAPSULATION: [&str; 3] = ["empty", "full", "uncertain"];

/// The benchmark of the thesis (section 9): each of its two problems by SVM and by network.
const LIPNET_THESIS: [Published; 4] = [
    Published {
        name: "thesis: SVM",
        source: "Table 8, shares to two decimals, times the samples of Table 1",
        classes: LAMELLARITY,
        samples: Some([12_368.0, 1_717.0, 84.0]),
        rows: [[0.94, 0.04, 0.02], [0.00, 0.98, 0.02], [0.03, 0.11, 0.86]],
    },
    Published {
        name: "thesis: LipNet-4",
        source: "Table 9, samples a fold",
        classes: LAMELLARITY,
        samples: None,
        rows: [[2325.0, 15.0, 124.0], [4.0, 323.0, 16.0], [2.0, 3.0, 11.0]],
    },
    Published {
        name: "thesis: SVM",
        source: "Table 7, shares to two decimals, times the samples of Table 2",
        classes: ENCAPSULATION,
        samples: Some([161.0, 24_255.0, 502.0]),
        rows: [[0.89, 0.01, 0.10], [0.04, 0.87, 0.09], [0.18, 0.10, 0.72]],
    },
    Published {
        name: "thesis: LipNet-2",
        source: "Table 10, samples a fold (its caption says LipNet-4, section 9 LipNet-2)",
        classes: ENCAPSULATION,
        samples: None,
        rows: [[24.0, 1.0, 7.0], [272.0, 3929.0, 660.0], [30.0, 9.0, 61.0]],
    },
];

/// What the LipNet thesis (Gryshkevych, Uppsala 2017) reports of these classes: its lamellarity or
/// its encapsulation benchmark (Tables 7 to 10, drawn in Figure 22), five-fold, out of fold, on
/// Vironova's electron micrographs. Nothing for other classes; the order and the case of the names do
/// not matter. The matrices are in the order of the tables.
///
/// The thesis prints rates to two decimals or counts averaged over folds; PPV, NPV and F1 follow
/// from them and the class sizes. Its text calls SVM's NPV of "unilamellar" 0.5 and its PPV of
/// "uncertain" half that of the network; its own tables give 0.708 and 0.204, thrice the network's.
///
/// ```
/// use micrograph_report::lipnet_thesis;
///
/// let classes = ["multilamellar", "uncertain", "unilamellar"].map(String::from);
/// let published = lipnet_thesis(&classes);
/// let uncertain = published[1].matrix.counts_named("uncertain").unwrap();
/// assert_eq!(published[1].name, "thesis: LipNet-4");
/// assert_eq!(uncertain.tpr(), Some(11.0 / 16.0));
/// assert_eq!(uncertain.ppv(), Some(11.0 / 151.0));
/// assert!(lipnet_thesis(&["cat".to_owned(), "dog".to_owned()]).is_empty());
/// ```
#[must_use]
pub fn lipnet_thesis(classes: &[String]) -> Vec<PublishedModel> {
    let mut names: Vec<String> = classes.iter().map(|name| name.to_lowercase()).collect();
    names.sort();
    let same = |published: &&Published| {
        let mut theirs = published.classes;
        theirs.sort_unstable();
        names == theirs
    };
    // The name as the caller writes it, in the order of the thesis.
    let as_given = |name: &str| {
        classes.iter().find(|class| class.to_lowercase() == name).cloned().unwrap_or_default()
    };
    let matrix = |published: &Published| -> Result<ConfusionMatrix> {
        let row = |(truth, row): (usize, &[f64; 3])| {
            let scale = published.samples.map_or(1.0, |samples| samples[truth]);
            row.iter().map(|cell| cell * scale).collect()
        };
        let rows: Vec<Vec<f64>> = published.rows.iter().enumerate().map(row).collect();
        ConfusionMatrix::from_rows(published.classes.map(as_given).to_vec(), &rows)
    };
    let model = |published: &Published| {
        let matrix = matrix(published).ok()?;
        Some(PublishedModel {
            name: published.name.into(),
            source: published.source.into(),
            matrix,
        })
    };
    LIPNET_THESIS.iter().filter(same).filter_map(model).collect()
}
