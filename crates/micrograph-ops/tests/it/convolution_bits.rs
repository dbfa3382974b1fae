//! What the bits of a convolution depend on: its arguments alone.

use crate::gradient::outputs_and_gradients;
use crate::numbers::{numbers, spread};
use candle::{DType, Result, Tensor};
use micrograph_ops::{Conv2dConfig, Padding, conv2d};
use rayon::ThreadPoolBuilder;

/// Kernel, channels and size of each way to compute: Winograd's two, the first layer's, plain sums
/// with few kernels, plain sums with many.
const WAYS: [(usize, [usize; 2], [usize; 2]); 5] = [
    (3, [24, 40], [30, 27]),
    (5, [9, 16], [30, 27]),
    (5, [3, 20], [30, 27]),
    (1, [24, 40], [30, 27]),
    (5, [60, 300], [4, 5]),
];

fn single(shape: &[usize], seed: u32) -> Tensor {
    spread(shape, seed).to_dtype(DType::F32).unwrap()
}

/// Outputs and gradients of a batch.
fn bits(way: (usize, [usize; 2], [usize; 2]), batch: usize) -> Result<Vec<Vec<f64>>> {
    let (kernel, [inputs, outputs], [height, width]) = way;
    let config = Conv2dConfig { padding: Padding::same([kernel; 2]), ..Conv2dConfig::DEFAULT };
    let tensors = [
        single(&[batch, inputs, height, width], 1),
        single(&[outputs, inputs, kernel, kernel], 2),
        single(&[outputs], 3),
    ];
    outputs_and_gradients(&tensors, |v| conv2d(&v[0], &v[1], Some(&v[2]), &config))
}

#[test]
fn one_two_and_four_threads_give_the_same() {
    for way in WAYS {
        let on = |threads: usize| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| bits(way, 5).unwrap())
        };
        let one = on(1);
        assert_eq!(one, on(2), "two threads, {way:?}");
        assert_eq!(one, on(4), "four threads, {way:?}");
    }
}

#[test]
fn a_sample_has_the_same_alone_and_in_a_batch() {
    for (kernel, [inputs, outputs], [height, width]) in WAYS {
        let config = Conv2dConfig { padding: Padding::same([kernel; 2]), ..Conv2dConfig::DEFAULT };
        let xs = single(&[7, inputs, height, width], 1);
        let weight = single(&[outputs, inputs, kernel, kernel], 2);
        let batch = numbers(&conv2d(&xs, &weight, None, &config).unwrap());
        for n in 0..7 {
            let alone = conv2d(&xs.narrow(0, n, 1).unwrap(), &weight, None, &config).unwrap();
            let len = alone.elem_count();
            assert_eq!(numbers(&alone), batch[n * len..][..len], "sample {n}, kernel {kernel}");
        }
    }
}

#[test]
fn a_pixel_that_is_not_a_number_is_never_hidden() {
    for (kernel, [inputs, outputs], [height, width]) in WAYS {
        let config = Conv2dConfig { padding: Padding::same([kernel; 2]), ..Conv2dConfig::DEFAULT };
        let mut pixels =
            single(&[inputs, height, width], 1).flatten_all().unwrap().to_vec1().unwrap();
        let (y, x) = (height / 2, width / 2);
        pixels[y * width + x] = f32::NAN;
        let xs =
            Tensor::from_vec(pixels, (1, inputs, height, width), &candle::Device::Cpu).unwrap();
        let ys =
            conv2d(&xs, &single(&[outputs, inputs, kernel, kernel], 2), None, &config).unwrap();
        let ys = ys.squeeze(0).unwrap().to_vec3::<f32>().unwrap();
        let reach = kernel / 2;
        for map in &ys {
            for row in &map[y.saturating_sub(reach)..(y + reach + 1).min(height)] {
                let seen = &row[x.saturating_sub(reach)..(x + reach + 1).min(width)];
                assert!(seen.iter().all(|y| y.is_nan()), "kernel {kernel}");
            }
            assert!(height < 9 || map[0][0].is_finite(), "the whole image, kernel {kernel}");
        }
    }
}
