//! What holds of every synthetic time-lapse.

use std::collections::BTreeMap;

use micrograph_sampling::Error;
use micrograph_sampling::synthetic::{Microwell, TimeLapse, TimeLapseConfig, TimeLapseFrame};

/// Small, and with many divisions.
fn lively() -> TimeLapseConfig {
    TimeLapseConfig {
        height: 96,
        width: 128,
        n_cells: 6,
        radius_px: 7.0,
        cycle_frames: 16.0,
        n_frames: 20,
        ..TimeLapseConfig::example()
    }
}

fn share(frame: &TimeLapseFrame) -> f64 {
    let cells = frame.instances.iter().filter(|&&track| track > 0).count();
    cells as f64 / frame.instances.len() as f64
}

fn mean_share(config: &TimeLapseConfig, seeds: std::ops::Range<u64>) -> f64 {
    let frame = |seed| {
        let sequence = TimeLapse::new(config, seed).unwrap();
        share(&sequence.frame(sequence.n_frames() / 2))
    };
    let n = (seeds.end - seeds.start) as f64;
    seeds.map(frame).sum::<f64>() / n
}

#[test]
fn a_frame_follows_from_seed_and_index_alone() {
    let sequence = TimeLapse::new(&lively(), 5).unwrap();
    let all: Vec<TimeLapseFrame> = (0..6).map(|index| sequence.frame(index)).collect();
    let alone = TimeLapse::new(&lively(), 5).unwrap();
    assert_eq!(alone.frame(4), all[4]);
    assert_ne!(all[3].pixels, all[4].pixels);
    assert_ne!(TimeLapse::new(&lively(), 6).unwrap().frame(4).pixels, all[4].pixels);
    let threads: Vec<_> = (0..3)
        .map(|index| {
            let sequence = sequence.clone();
            std::thread::spawn(move || sequence.frame(index))
        })
        .collect();
    for (index, thread) in threads.into_iter().enumerate() {
        assert_eq!(thread.join().unwrap(), all[index]);
    }
}

#[test]
fn a_longer_sequence_begins_with_the_shorter() {
    let short = TimeLapse::new(&lively(), 5).unwrap();
    let long = TimeLapse::new(&TimeLapseConfig { n_frames: 40, ..lively() }, 5).unwrap();
    assert_eq!(short.frame(19), long.frame(19));
}

#[test]
fn presets_have_the_shares_that_they_promise() {
    let thesis = mean_share(&TimeLapseConfig::thesis(), 0..2);
    assert!((0.0006..0.0016).contains(&thesis), "{thesis}");
    let example = mean_share(&TimeLapseConfig::example(), 0..5);
    assert!((0.04..0.06).contains(&example), "{example}");
}

#[test]
fn pixels_are_whole_gray_levels_around_a_middle_gray() {
    let frame = TimeLapse::new(&lively(), 1).unwrap().frame(7);
    assert_eq!(frame.pixels.dim(), (1, 96, 128));
    let is_gray = |gray: &f32| (0.0..=255.0).contains(gray) && gray.fract() == 0.0;
    assert!(frame.pixels.iter().all(is_gray));
    let mean = frame.pixels.mean().unwrap();
    assert!((90.0..140.0).contains(&mean), "{mean}");
}

#[test]
fn cells_are_darker_than_the_halo_around_them() {
    let config = TimeLapseConfig { microwell: Microwell::None, n_debris: 0, ..lively() };
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for seed in 0..4 {
        let frame = TimeLapse::new(&config, seed).unwrap().frame(2);
        let mask = frame.mask();
        for ((y, x), &cell) in mask.indexed_iter() {
            let near = |reach: usize| {
                let rows = y.saturating_sub(reach)..(y + reach + 1).min(96);
                rows.flat_map(|v| {
                    (x.saturating_sub(reach)..(x + reach + 1).min(128)).map(move |u| (v, u))
                })
                .any(|at| mask[at])
            };
            let gray = f64::from(frame.pixels[[0, y, x]]);
            if cell {
                inside.push(gray);
            } else if near(2) {
                outside.push(gray);
            }
        }
    }
    let mean = |grays: &[f64]| grays.iter().sum::<f64>() / grays.len() as f64;
    assert!(mean(&inside) < mean(&outside) - 15.0, "{} {}", mean(&inside), mean(&outside));
}

#[test]
fn tracks_tell_who_is_born_of_whom() {
    let sequence = TimeLapse::new(&lively(), 2).unwrap();
    let tracks = sequence.tracks();
    assert!(tracks.iter().filter(|track| track.parent.is_some()).count() >= 4);
    let mut children: BTreeMap<u32, usize> = BTreeMap::new();
    for (track, id) in tracks.iter().zip(1..) {
        assert_eq!(track.id, id);
        assert!(track.first <= track.last && track.last < sequence.n_frames());
        match track.parent {
            Some(parent) => {
                assert_eq!(track.first, tracks[parent as usize - 1].last + 1);
                *children.entry(parent).or_default() += 1;
            }
            None => assert_eq!(track.first, 0),
        }
    }
    assert!(children.values().all(|&n| n == 2));
    for index in 0..sequence.n_frames() {
        for &id in sequence.frame(index).instances.iter().filter(|&&id| id > 0) {
            let track = tracks[id as usize - 1];
            assert!((track.first..=track.last).contains(&index), "{id} in frame {index}");
        }
    }
}

#[test]
fn cells_move_a_little_between_frames() {
    let config = TimeLapseConfig { cycle_frames: 1000.0, ..lively() };
    let sequence = TimeLapse::new(&config, 3).unwrap();
    let center = |frame: &TimeLapseFrame, id: u32| {
        let (mut sum, mut n) = ([0.0, 0.0], 0.0);
        for ((y, x), _) in frame.instances.indexed_iter().filter(|&(_, &track)| track == id) {
            sum = [sum[0] + y as f64, sum[1] + x as f64];
            n += 1.0;
        }
        [sum[0] / n, sum[1] / n]
    };
    let frames: Vec<TimeLapseFrame> = (0..12).map(|index| sequence.frame(index)).collect();
    let mut ways = Vec::new();
    for pair in frames.windows(2) {
        for id in 1..=6 {
            let [a, b] = [&pair[0], &pair[1]].map(|frame| center(frame, id));
            ways.push((a[0] - b[0]).hypot(a[1] - b[1]));
        }
    }
    let mean = ways.iter().sum::<f64>() / ways.len() as f64;
    assert!((1.0..4.0).contains(&mean), "{mean}");
    assert!(ways.iter().all(|&way| way < 12.0), "{ways:?}");
}

#[test]
fn settings_outside_their_range_are_named() {
    let error = |config: TimeLapseConfig| TimeLapse::new(&config, 0).unwrap_err().to_string();
    let base = TimeLapseConfig::example;
    let config = TimeLapseConfig { height: 8, ..base() };
    assert_eq!(error(config), "height = 8: expected 32 to 4096");
    let config = TimeLapseConfig { radius_px: f64::NAN, ..base() };
    assert_eq!(error(config), "radius_px = NaN: expected 3 to 200");
    let config = TimeLapseConfig { microwell: Microwell::Round(0.0), ..base() };
    assert!(error(config).starts_with("microwell = Round(0.0): expected none"));
    let config = TimeLapseConfig { n_frames: 0, ..base() };
    assert!(matches!(config.validate(), Err(Error::Setting { field: "n_frames", .. })));
}

#[test]
fn extremes_can_be_drawn() {
    let small =
        TimeLapseConfig { height: 32, width: 32, n_frames: 3, ..TimeLapseConfig::example() };
    for config in [
        TimeLapseConfig { n_cells: 0, n_debris: 0, n_drifting: 0, ..small.clone() },
        TimeLapseConfig { n_cells: 60, radius_px: 200.0, ..small.clone() },
        TimeLapseConfig { n_cells: 60, speed_px: 50.0, cycle_frames: 8.0, ..small.clone() },
        TimeLapseConfig { microwell: Microwell::Round(0.2), photons_per_pixel: 20.0, ..small },
    ] {
        let sequence = TimeLapse::new(&config, 9).unwrap();
        assert_eq!(sequence.frame(2).instances.dim(), (32, 32));
        assert_eq!(sequence.frame(7).instances, sequence.frame(2).instances);
        assert_eq!(sequence.frame(0).mask().iter().any(|&cell| cell), config.n_cells > 0);
    }
}

#[test]
fn a_configuration_survives_json_and_unknown_fields_do_not() {
    let config = TimeLapseConfig { microwell: Microwell::None, ..TimeLapseConfig::thesis() };
    let text = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<TimeLapseConfig>(&text).unwrap(), config);
    let part: TimeLapseConfig = serde_json::from_str(r#"{"n_cells":4}"#).unwrap();
    assert_eq!(part, TimeLapseConfig { n_cells: 4, ..TimeLapseConfig::example() });
    assert!(serde_json::from_str::<TimeLapseConfig>(r#"{"cells":4}"#).is_err());
}
