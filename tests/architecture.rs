//! The table in `docs/ARCHITECTURE.md` and the invariants that a test can see.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata")
}

fn short(name: &str) -> &str {
    name.strip_prefix("micrograph-").unwrap_or(name)
}

/// Crate name to the crates of ours that it may know, from the table.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("the page");
    text.lines()
        .filter(|line| line.starts_with("| `micrograph"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let may_know = cells[3].split(", ").filter(|name| !name.is_empty());
            (cells[1].replace('`', ""), may_know.map(str::to_owned).collect())
        })
        .collect()
}

#[test]
fn the_crate_table_is_true() {
    let table = table();
    let metadata = metadata();
    let mut seen = BTreeSet::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        let allowed = table.get(name).unwrap_or_else(|| panic!("{name} is not in the table"));
        let known: BTreeSet<String> = package
            .dependencies
            .iter()
            .filter(|d| d.kind == DependencyKind::Normal && d.name.starts_with("micrograph"))
            .map(|d| short(&d.name).to_owned())
            .collect();
        assert_eq!(&known, allowed, "{name}: the manifest and the table differ");
        seen.insert(name.to_owned());
    }
    assert_eq!(seen, table.keys().cloned().collect(), "crates of the table that do not exist");
}

#[test]
fn only_four_crates_know_candle() {
    let allowed = ["micrograph-ops", "micrograph-nn", "micrograph-model", "micrograph-train"];
    for package in &metadata().packages {
        let knows = package
            .dependencies
            .iter()
            .any(|d| d.kind == DependencyKind::Normal && d.name.starts_with("candle"));
        assert!(
            !knows || allowed.contains(&package.name.as_str()),
            "{} knows Candle",
            package.name
        );
    }
}

#[test]
fn unsafe_code_lives_in_ops_alone() {
    for package in metadata().packages.iter().filter(|p| p.name.as_str() != "micrograph-ops") {
        for target in package.targets.iter().filter(|t| t.is_lib() || t.is_bin()) {
            let text = std::fs::read_to_string(&target.src_path).expect("a source file");
            assert!(text.contains("#![forbid(unsafe_code)]"), "{} lacks forbid", target.src_path);
        }
    }
}

#[test]
fn every_crate_has_license_readme_and_no_library_bench() {
    for package in &metadata().packages {
        let folder = package.manifest_path.parent().expect("a folder");
        for name in ["LICENSE", "README.md"] {
            assert!(folder.join(name).exists(), "{}: no {name}", package.name);
        }
        assert_eq!(folder.file_name(), Some(package.name.as_str()), "folder name = crate name");
        for target in package.targets.iter().filter(|target| target.is_lib()) {
            let manifest = std::fs::read_to_string(&package.manifest_path).expect("a manifest");
            assert!(manifest.contains("bench = false"), "{}: lib is a bench", target.name);
        }
    }
}
