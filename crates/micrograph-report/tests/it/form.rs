//! Form: well-formed, escaped, self-contained, the same each time.

use std::collections::BTreeSet;

use micrograph_report::RunReport;
use proptest::prelude::*;

use crate::fixture::{full, page, text_of};

#[test]
fn a_full_page_is_well_formed_and_every_id_is_its_own() {
    let mut report = full("lamellarity");
    let again = report.evaluations[0].clone();
    report.evaluations.push(again);
    let page = page(&report);
    let ids: Vec<&str> =
        page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let distinct: BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), distinct.len(), "{ids:?}");
    // Whatever is pointed at is there.
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&page, options).unwrap();
    for node in document.descendants() {
        let anchors = node.attribute("href").and_then(|href| href.strip_prefix('#'));
        let labels = node.attribute("aria-labelledby").unwrap_or_default().split_whitespace();
        for target in labels.chain(anchors) {
            assert!(ids.contains(&target), "#{target} is not on the page");
        }
    }
}

#[test]
fn hostile_text_stays_text_wherever_it_comes_in() {
    let hostile = "<script>alert(\"1\")</script>&'\"--><img src=x onerror=y>";
    let page = page(&full(hostile));
    assert!(!page.contains("<script") && !page.contains("<img src=x") && !page.contains("-->\""));
    assert!(page.contains("&#60;script&#62;"));
    assert!(text_of(&page, "data").contains("<script>alert(\"1\")</script>"));
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let page = page(&full("lamellarity"));
    let namespace = "xmlns=\"http://www.w3.org/2000/svg\"";
    let rest = page.replace(namespace, "");
    for loader in ["http", "//", "@import", "<script", "<iframe", "<object", "srcset"] {
        // Base64 may hold two slashes by chance: pictures are checked by their prefix.
        let outside = rest.split("base64,").map(|part| {
            let end = part.find('"').filter(|_| part.starts_with("iVBOR")).unwrap_or(0);
            &part[end..]
        });
        for part in outside {
            assert!(!part.contains(loader), "{loader} in {part}");
        }
    }
    let sources: BTreeSet<&str> =
        rest.split(" src=\"").skip(1).map(|source| &source[..22]).collect();
    assert_eq!(sources, BTreeSet::from(["data:image/png;base64,"]));
}

#[test]
fn equal_reports_give_equal_bytes_and_a_change_shows() {
    let report = full("lamellarity");
    let first = page(&report);
    assert_eq!(first, page(&report));
    assert_ne!(first, page(&RunReport { best_epoch: Some(3), ..report }));
}

#[test]
fn every_drawing_and_picture_says_what_it_shows() {
    let page = page(&full("lamellarity"));
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&page, options).unwrap();
    let drawings = document.descendants().filter(|node| node.attribute("role") == Some("img"));
    let mut n_drawings = 0;
    for drawing in drawings {
        n_drawings += 1;
        let said =
            |tag| drawing.children().any(|child| child.has_tag_name(tag) && child.text().is_some());
        let svg = "http://www.w3.org/2000/svg";
        assert!(said((svg, "title")) && said((svg, "desc")));
    }
    // Loss, accuracy, AUROC, learning rate; ROC, precision and recall; sizes.
    assert_eq!(n_drawings, 7);
    let pictures = || document.descendants().filter(|node| node.has_tag_name("img"));
    assert_eq!(pictures().count(), 3);
    assert!(pictures().all(|picture| !picture.attribute("alt").unwrap_or_default().is_empty()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_text_gives_a_well_formed_page(text in any::<String>()) {
        page(&full(&text));
    }
}
