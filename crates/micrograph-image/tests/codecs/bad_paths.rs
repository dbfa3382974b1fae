//! Paths that lead to no file.

use std::fs;
use std::path::Path;

use micrograph_image::{Error, Limits, Result, page_count, probe, read};
use micrograph_testkit::temporary_folder;

/// Each function that opens an image refuses `path` with an error that names it and is as expected.
#[track_caller]
fn check(path: &Path, is_expected: fn(&Error) -> bool) {
    #[track_caller]
    fn refuses<T: std::fmt::Debug>(result: Result<T>, path: &Path, expected: fn(&Error) -> bool) {
        let error = result.unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        assert!(expected(&error), "{error}");
    }
    refuses(read(path, &Limits::default()), path, is_expected);
    refuses(probe(path, &Limits::default()), path, is_expected);
    refuses(page_count(path), path, is_expected);
}

#[test]
fn the_cause_is_told() {
    let folder = temporary_folder();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    check(folder.path(), |error| matches!(error, Error::IsFolder { .. }));
    let absent = folder.path().join("absent.png");
    check(&absent, |error| matches!(error, Error::NoSuchPath { .. }));
    check(&file.join("below.png"), |error| matches!(error, Error::PathThroughFile { .. }));
}

/// To open a pipe waits for somebody who writes into it: images, tables, archives alike.
#[cfg(unix)]
#[test]
fn a_pipe_is_refused_at_once() {
    use std::process::Command;
    use std::sync::mpsc;
    use std::time::Duration;

    use micrograph_image::{Dataset, DatasetOptions};

    let folder = temporary_folder();
    let path = |name: &str| folder.path().join(name);
    for name in ["x.png", "x.csv", "x.npz"] {
        assert!(Command::new("mkfifo").arg(path(name)).status().unwrap().success());
    }
    let (image, table, archive) = (path("x.png"), path("x.csv"), path("x.npz"));
    let (done, finished) = mpsc::channel();
    std::thread::spawn(move || {
        check(&image, |error| matches!(error, Error::NotAFile { .. }));
        for path in [table, archive] {
            let error = Dataset::open(&path, &DatasetOptions::default()).unwrap_err();
            assert!(matches!(error, Error::NotAFile { .. }), "{error}");
        }
        let images = Dataset::images(&[image], &DatasetOptions::default()).unwrap();
        assert!(matches!(images.digest(0).unwrap_err(), Error::NotAFile { .. }));
        done.send(()).unwrap();
    });
    finished.recv_timeout(Duration::from_secs(20)).expect("no pipe is waited for");
}
