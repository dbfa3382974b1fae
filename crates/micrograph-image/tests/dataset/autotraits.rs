use std::str::FromStr;

use micrograph_image::{Dataset, DatasetOptions, Layout, Part, Sample};

#[test]
fn data_sets_are_shared_between_threads() {
    fn check<T: Send + Sync + Clone>() {}
    check::<Dataset>();
    check::<Sample>();
    check::<DatasetOptions>();
}

#[test]
fn names_of_layouts_and_parts_are_read_back() {
    for layout in Layout::ALL {
        assert_eq!(Layout::from_str(layout.name()).unwrap(), layout);
        assert_eq!(serde_json::to_string(&layout).unwrap(), format!("\"{layout}\""));
    }
    for part in Part::ALL {
        assert_eq!(Part::from_str(part.name()).unwrap(), part);
        assert_eq!(serde_json::to_string(&part).unwrap(), format!("\"{part}\""));
    }
    assert_eq!("Validation".parse::<Part>().unwrap(), Part::Val);
    assert_eq!("valid".parse::<Part>().unwrap(), Part::Val);
}

#[test]
fn other_names_are_refused() {
    let error = "folders".parse::<Layout>().unwrap_err().to_string();
    assert_eq!(error, "expected class-folders, split-folders, npz or manifest, but got `folders`");
    let error = "dev".parse::<Part>().unwrap_err().to_string();
    assert_eq!(error, "expected train, val or test, but got `dev`");
}

#[test]
fn options_are_read_from_a_partial_configuration() {
    let options: DatasetOptions =
        serde_json::from_str(r#"{"layout": "manifest", "label_column": "class label"}"#).unwrap();
    let expected = DatasetOptions {
        layout: Some(Layout::Manifest),
        label_column: "class label".to_owned(),
        ..DatasetOptions::default()
    };
    assert_eq!(options, expected);
    let error = serde_json::from_str::<DatasetOptions>(r#"{"labels": "x"}"#).unwrap_err();
    assert!(error.to_string().starts_with("unknown field `labels`"), "{error}");
}
