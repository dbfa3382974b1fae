//! The physical size of a pixel, from what OME and ImageJ write into TIFF files.
//!
//! The resolution tags alone are never believed: most programs write 72 dots an inch into them,
//! which speaks of paper.

use crate::PixelSize;

/// Reads the pixel size that the description of a TIFF page tells.
///
/// - OME-XML: `PhysicalSizeX` and `PhysicalSizeY` of the first `Pixels` element, in the units of
///   `PhysicalSizeXUnit` and `PhysicalSizeYUnit` (default: micrometers).
/// - ImageJ: `unit=`, and `yunit=` where it differs, together with `resolution`, the pixels in a unit
///   along x and y, from the tags `XResolution` and `YResolution`.
///
/// None when a size is missing, not positive, or in a unit that is no length.
pub(crate) fn from_description(
    description: &str,
    resolution: Option<(f64, f64)>,
) -> Option<PixelSize> {
    if description.starts_with("ImageJ=") {
        from_imagej(description, resolution?)
    } else {
        from_ome(description)
    }
}

fn from_imagej(description: &str, (x, y): (f64, f64)) -> Option<PixelSize> {
    let value = |key: &str| description.lines().find_map(|line| line.strip_prefix(key));
    let x_unit = value("unit=")?;
    let y_unit = value("yunit=").unwrap_or(x_unit);
    positive(nanometers(y_unit)? / y, nanometers(x_unit)? / x)
}

fn from_ome(description: &str) -> Option<PixelSize> {
    let pixels = first_element(description, "Pixels")?;
    let size = |size_key: &str, unit_key: &str| {
        let size: f64 = attribute(pixels, size_key)?.trim().parse().ok()?;
        Some(size * nanometers(attribute(pixels, unit_key).unwrap_or("µm"))?)
    };
    positive(
        size("PhysicalSizeY", "PhysicalSizeYUnit")?,
        size("PhysicalSizeX", "PhysicalSizeXUnit")?,
    )
}

fn positive(y_nm: f64, x_nm: f64) -> Option<PixelSize> {
    let is_size = |size: f64| size.is_finite() && size > 0.0;
    (is_size(y_nm) && is_size(x_nm)).then_some(PixelSize { y_nm, x_nm })
}

/// The nanometers in a unit of length, under the names that OME and ImageJ give it.
fn nanometers(unit: &str) -> Option<f64> {
    // Micro sign and Greek letter, as they are, as ImageJ and XML escape them.
    let unit = ["\u{3bc}", "\\u00B5", "\\u00b5", "&#181;", "&#xB5;", "&#xb5;", "&#956;", "&#x3BC;"]
        .iter()
        .fold(unit.trim().to_owned(), |unit, micro| unit.replace(micro, "µ"));
    match unit.as_str() {
        "pm" => Some(1e-3),
        "Å" | "\u{212b}" | "angstrom" | "Angstrom" => Some(0.1),
        "nm" | "nanometer" | "nanometers" => Some(1.0),
        "µm" | "um" | "micron" | "microns" | "micrometer" | "micrometers" => Some(1e3),
        "mm" | "millimeter" | "millimeters" => Some(1e6),
        "cm" | "centimeter" | "centimeters" => Some(1e7),
        "m" | "meter" | "meters" => Some(1e9),
        "in" | "inch" | "inches" => Some(2.54e7),
        _ => None,
    }
}

/// What stands between `<name`, with any prefix of a name space, and the `>` that closes the tag.
fn first_element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    xml.split('<').skip(1).find_map(|tag| {
        let (tag_name, attributes) = tag.split_once(|c: char| c.is_whitespace())?;
        let local = tag_name.rsplit_once(':').map_or(tag_name, |(_, local)| local);
        (local == name).then_some(attributes)
    })
}

/// The value of an attribute, in quotes of either kind.
fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = attributes;
    loop {
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, next) = after.strip_prefix(quote)?.split_once(quote)?;
        if key.trim() == name {
            return Some(value);
        }
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_ome(attributes: &str, expected: Option<[f64; 2]>) {
        let xml = format!(
            r#"<?xml version="1.0"?><OME><Image ID="Image:0" Name="a"><Pixels {attributes} /></Image></OME>"#
        );
        let expected = expected.map(|[y_nm, x_nm]| PixelSize { y_nm, x_nm });
        assert_eq!(from_description(&xml, None), expected);
    }

    #[test]
    fn ome_sizes_are_in_micrometers_unless_said() {
        check_ome(r#"SizeX="4" PhysicalSizeX="0.5" PhysicalSizeY="0.25""#, Some([250.0, 500.0]));
        check_ome(
            r#"PhysicalSizeX="2" PhysicalSizeXUnit="nm" PhysicalSizeY='1' PhysicalSizeYUnit='mm'"#,
            Some([1e6, 2.0]),
        );
        check_ome(
            r#"PhysicalSizeX="1" PhysicalSizeXUnit="&#181;m" PhysicalSizeY="1" PhysicalSizeYUnit="&#xB5;m""#,
            Some([1e3, 1e3]),
        );
    }

    #[test]
    fn ome_sizes_that_are_none() {
        check_ome(r#"SizeX="4""#, None);
        check_ome(r#"PhysicalSizeX="0.5""#, None);
        check_ome(r#"PhysicalSizeX="0" PhysicalSizeY="1""#, None);
        check_ome(r#"PhysicalSizeX="NaN" PhysicalSizeY="1""#, None);
        check_ome(r#"PhysicalSizeX="1" PhysicalSizeXUnit="pixel" PhysicalSizeY="1""#, None);
        check_ome(r#"PhysicalSizeX="1 PhysicalSizeY=1"#, None);
    }

    #[test]
    fn an_attribute_that_quotes_another_is_not_it() {
        check_ome(
            r#"Name="PhysicalSizeX='9'" PhysicalSizeX="1" PhysicalSizeY="1""#,
            Some([1e3, 1e3]),
        );
    }

    #[track_caller]
    fn check_imagej(lines: &str, expected: Option<[f64; 2]>) {
        let description = format!("ImageJ=1.53t\n{lines}\nmin=0.0\n");
        let expected = expected.map(|[y_nm, x_nm]| PixelSize { y_nm, x_nm });
        assert_eq!(from_description(&description, Some((4.0, 2.0))), expected);
    }

    #[test]
    fn imagej_counts_pixels_in_a_unit() {
        check_imagej("unit=micron", Some([500.0, 250.0]));
        check_imagej("unit=\\u00B5m", Some([500.0, 250.0]));
        check_imagej("unit=um\nyunit=nm", Some([0.5, 250.0]));
        check_imagej("unit=inch", Some([1.27e7, 6.35e6]));
        check_imagej("unit=pixel", None);
        check_imagej("images=2", None);
    }

    #[test]
    fn resolution_alone_says_nothing() {
        assert_eq!(from_description("a scan", Some((72.0, 72.0))), None);
        assert_eq!(from_description("ImageJ=1.53t\nunit=um\n", None), None);
    }
}
