//! What holds of every image.

use micrograph_segment::{
    Connectivity, Element, InstancesConfig, Split, close, dilate, erode, fill_holes,
    label_components, open, split_mask, thin, watershed,
};
use ndarray::Array2;
use proptest::prelude::*;

fn masks() -> impl Strategy<Value = Array2<bool>> {
    let sizes = (1_usize..14, 1_usize..14, 0.2_f64..0.9);
    sizes.prop_flat_map(|(height, width, share)| {
        prop::collection::vec(prop::bool::weighted(share), height * width)
            .prop_map(move |bits| Array2::from_shape_vec((height, width), bits).unwrap())
    })
}

fn elements() -> impl Strategy<Value = Element> {
    (0_usize..4, 0..3).prop_map(|(radius, kind)| match kind {
        0 => Element::Disk(radius),
        1 => Element::Square(radius),
        _ => Element::Cross(radius),
    })
}

fn within(small: &Array2<bool>, large: &Array2<bool>) -> bool {
    small.iter().zip(large).all(|(&small, &large)| !small || large)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn opening_and_closing_are_ordered_and_done_once(mask in masks(), element in elements()) {
        let (opened, closed) = (open(mask.view(), element).unwrap(), close(mask.view(), element).unwrap());
        prop_assert!(within(&opened, &mask) && within(&mask, &closed));
        prop_assert_eq!(&open(opened.view(), element).unwrap(), &opened);
        prop_assert_eq!(&close(closed.view(), element).unwrap(), &closed);
    }

    #[test]
    fn erosion_is_dilation_of_the_background(mask in masks(), element in elements()) {
        let background = mask.mapv(|object| !object);
        let dilated = dilate(background.view(), element).unwrap();
        prop_assert_eq!(erode(mask.view(), element).unwrap(), dilated.mapv(|outside| !outside));
    }

    #[test]
    fn thinning_keeps_the_number_of_pieces_and_of_holes(mask in masks()) {
        let thinned = thin(mask.view());
        prop_assert!(within(&thinned, &mask));
        prop_assert_eq!(&thin(thinned.view()), &thinned);
        let pieces = |mask: &Array2<bool>| label_components(mask.view(), Connectivity::Eight).1;
        let outside = |mask: &Array2<bool>| {
            // A frame of background joins all that is outside.
            let (height, width) = mask.dim();
            let framed = Array2::from_shape_fn((height + 2, width + 2), |(y, x)| {
                !(y > 0 && x > 0 && mask.get((y - 1, x - 1)) == Some(&true))
            });
            label_components(framed.view(), Connectivity::Four).1
        };
        prop_assert_eq!(pieces(&thinned), pieces(&mask));
        prop_assert_eq!(outside(&thinned), outside(&mask));
    }

    #[test]
    fn a_watershed_divides_all_that_its_markers_reach(mask in masks()) {
        let (parts, n) = label_components(mask.view(), Connectivity::Four);
        let mut markers = Array2::zeros(mask.dim());
        for part in 1..=n {
            let (at, _) = parts.indexed_iter().find(|&(_, &label)| label == part).unwrap();
            markers[at] = part;
        }
        let heights = Array2::from_shape_fn(mask.dim(), |(y, x)| ((y * 7 + x * 3) % 5) as f32);
        let flooded = watershed(heights.view(), markers.view(), mask.view(), Connectivity::Four).unwrap();
        prop_assert_eq!(flooded, parts);
    }

    #[test]
    fn instances_cover_the_filled_mask_but_for_the_small(mask in masks(), depth in 0.0..10.0) {
        let config = InstancesConfig { least_px: 1, split: Split::Depth(depth), ..Default::default() };
        let labels = split_mask(mask.view(), &config).unwrap();
        let filled = fill_holes(mask.view(), Connectivity::Four);
        prop_assert_eq!(labels.mapv(|label| label > 0), filled);
    }
}
