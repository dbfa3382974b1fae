//! Which names are those of images and which those of masks.

/// What a file or folder holds, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Image,
    Mask,
}

const IMAGES: &[&str] = &["image", "images", "frame", "frames", "raw", "volume", "img", "imgs"];
const MASKS: &[&str] =
    &["label", "labels", "mask", "masks", "instance", "instances", "segmentation", "seg", "gt"];

/// The role of a folder: `image*` and `frames`, `label*`, `masks` and `instances`, in any case.
pub(super) fn of_folder(name: &str) -> Option<Role> {
    let name = name.to_lowercase();
    if name.starts_with("image") || name == "frames" {
        Some(Role::Image)
    } else if name.starts_with("label") || matches!(name.as_str(), "masks" | "mask" | "instances") {
        Some(Role::Mask)
    } else {
        None
    }
}

/// Whether the name says that each value is an object.
pub(super) fn names_instances(name: &str) -> bool {
    words(stem(name)).any(|word| matches!(word.to_lowercase().as_str(), "instance" | "instances"))
}

/// The role that a word of a file's name tells, `None` without one.
pub(super) fn of_file(name: &str) -> Option<Role> {
    let has = |known: &[&str]| {
        words(stem(name)).any(|word| known.contains(&word.to_lowercase().as_str()))
    };
    if has(MASKS) { Some(Role::Mask) } else { has(IMAGES).then_some(Role::Image) }
}

/// What an image and its mask have in common: the name without its ending and without words of roles.
pub(super) fn key(name: &str) -> String {
    let kept: Vec<&str> = words(stem(name))
        .filter(|word| {
            let word = word.to_lowercase();
            !IMAGES.contains(&word.as_str()) && !MASKS.contains(&word.as_str())
        })
        .collect();
    kept.join("_")
}

/// The name without its ending.
pub(super) fn stem(name: &str) -> &str {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.strip_suffix(".ome").unwrap_or(stem)
}

/// The parts between separators.
fn words(stem: &str) -> impl Iterator<Item = &str> {
    stem.split(['_', '-', ' ', '.']).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_have_one_key() {
        for [image, mask] in [
            ["00.png", "00.tif"],
            ["train-volume.tif", "train-labels.tif"],
            ["7.png", "7_mask.png"],
            ["frame_7.png", "mask_7.png"],
            ["raw.tif", "instances.png"],
            ["t001.ome.tif", "t001.tif"],
        ] {
            assert_eq!(key(image), key(mask), "{image} {mask}");
        }
        assert_ne!(key("1_2.png"), key("12.png"));
    }

    #[test]
    fn words_tell_roles() {
        assert_eq!(of_file("train-volume.tif"), Some(Role::Image));
        assert_eq!(of_file("7_MASK.png"), Some(Role::Mask));
        assert_eq!(of_file("7.png"), None);
        assert_eq!(of_file("unmasked.png"), None);
        assert_eq!(of_folder("Images"), Some(Role::Image));
        assert_eq!(of_folder("annotated"), None);
        assert!(names_instances("instances") && !names_instances("masks"));
    }
}
