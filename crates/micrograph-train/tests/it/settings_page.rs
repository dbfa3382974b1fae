//! `docs/settings.md` shows what a file of settings may hold, and the defaults.

use micrograph_train::{
    DataConfig, FoldPlan, RunConfig, SegmentationConfig, SegmentationRun, TrainConfig,
};

const PAGE: &str = include_str!("../../../../docs/settings.md");

/// The first line of settings of a segmentation.
const SEGMENT: &str = "task = \"segment\"\n";

fn all_blocks() -> impl Iterator<Item = &'static str> {
    let blocks = PAGE.split("```toml\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default())
}

/// The blocks of settings on the page where images are classified.
fn blocks() -> Vec<&'static str> {
    all_blocks().filter(|block| !block.starts_with(SEGMENT)).collect()
}

/// The block of settings of a segmentation.
fn block_of_segmentation() -> &'static str {
    let mut blocks = all_blocks().filter(|block| block.starts_with(SEGMENT));
    let (Some(block), None) = (blocks.next(), blocks.next()) else { panic!("expected one block") };
    block
}

/// With the settings that are absent by default: `#name = value` without a space.
fn uncommented(block: &str) -> String {
    let is_setting = |line: &&str| line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '[');
    let line = |line: &str| match line.strip_prefix('#').filter(is_setting) {
        Some(setting) => format!("{setting}\n"),
        None => format!("{line}\n"),
    };
    block.lines().map(line).collect()
}

/// All names of settings, as `train.input.mode`; the constants of optimizers and the settings of
/// classical models have blocks of their own.
fn names(table: &toml::Table, above: &str, into: &mut Vec<String>) {
    for (name, value) in table {
        let name = format!("{above}{name}");
        match value.as_table() {
            Some(inner)
                if ![
                    "train.optimizer",
                    "train.classical.pipeline",
                    "train.classical.resampler",
                    "segment.model",
                    "segment.optimizer",
                    "segment.augment.elastic",
                ]
                .contains(&&*name) =>
            {
                names(inner, &format!("{name}."), into);
            }
            _ => into.push(name),
        }
    }
}

#[test]
fn the_first_file_of_the_page_shows_the_defaults() {
    let read: RunConfig = toml::from_str(blocks()[0]).unwrap();
    let default = RunConfig::default();
    let data = DataConfig { path: "images".into(), ..default.data.clone() };
    assert_eq!((&read.train, &read.data), (&default.train, &data));
    assert_eq!(read.crossval, Some(FoldPlan::default()));
}

#[test]
fn it_names_every_setting_and_no_other() {
    let text = uncommented(blocks()[0]);
    let read: RunConfig = toml::from_str(&text).unwrap();
    read.train.validate().unwrap();
    let (mut shown, mut known) = (Vec::new(), Vec::new());
    names(&toml::from_str(&text).unwrap(), "", &mut shown);
    names(&toml::Table::try_from(&read).unwrap(), "", &mut known);
    shown.sort();
    known.sort();
    assert_eq!(shown, known);
}

#[test]
fn the_block_of_segmentation_shows_the_defaults() {
    let read: SegmentationRun = toml::from_str(block_of_segmentation()).unwrap();
    let mut default = SegmentationRun::default();
    default.data.path = "images".into();
    assert_eq!(read, default);
}

#[test]
fn it_names_every_setting_of_segmentation_and_no_other() {
    let text = uncommented(block_of_segmentation());
    let read: SegmentationRun = toml::from_str(&text).unwrap();
    read.segment.validate().unwrap();
    assert_ne!(read.segment, SegmentationConfig::default(), "what is absent by default is set");
    let (mut shown, mut known) = (Vec::new(), Vec::new());
    names(&toml::from_str(&text).unwrap(), "", &mut shown);
    names(&toml::Table::try_from(&read).unwrap(), "", &mut known);
    shown.sort();
    known.sort();
    assert_eq!(shown, known);
}

/// What a name stands for is what the page shows.
#[test]
fn the_page_shows_the_settings_of_every_classical_model() {
    let read = |block: &&str| toml::from_str::<RunConfig>(block).unwrap().train;
    let shown: Vec<TrainConfig> =
        blocks().iter().map(read).filter(|train| train.classical.pipeline.is_some()).collect();
    let names: Vec<String> = shown.iter().map(|train| train.model.to_string()).collect();
    for name in micrograph_classic::Pipeline::NAMES {
        assert!(names.iter().any(|shown| shown == name), "{name} is not on the page");
    }
    for train in shown {
        assert_eq!(train.classical.pipeline, train.model.pipeline(), "{}", train.model);
    }
}

#[test]
fn every_other_block_of_the_page_is_accepted() {
    assert!(blocks().len() > 3);
    for block in &blocks()[1..] {
        let read = toml::from_str::<RunConfig>(block);
        let config = read.unwrap_or_else(|error| panic!("{error} in\n{block}"));
        // The program puts in the default where a file names neither epochs nor minutes.
        let epochs = config.train.epochs.or(TrainConfig::default().epochs);
        TrainConfig { epochs, ..config.train }.validate().unwrap();
    }
}
