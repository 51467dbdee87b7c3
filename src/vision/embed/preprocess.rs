use image::RgbImage;
use tch::{Device, TchError, Tensor};

use crate::vision::spec::{ChannelOrder, InputSpec};

/// Turns crops into the tensor that a network takes.
pub(crate) struct Preprocessor {
    /// (value − mean) / std for every value of a byte, per plane of the network's order.
    tables: [[f32; 256]; 3],
    /// Which channel of an RGB pixel stands in each plane.
    channels: [usize; 3],
    device: Device,
}

impl Preprocessor {
    pub(crate) fn new(input: &InputSpec, device: Device) -> Self {
        let channels = match input.channel_order {
            ChannelOrder::Rgb => [0, 1, 2],
            ChannelOrder::Bgr => [2, 1, 0],
        };
        let tables = std::array::from_fn(|plane| {
            std::array::from_fn(|value| (value as f32 - input.mean[plane]) / input.std[plane])
        });
        Self { tables, channels, device }
    }

    /// N×3×height×width, float. The memory is ordered channels last, as the pixels are, which the convolutions
    /// take without a copy. All crops must have the size of the first.
    pub(crate) fn tensor_from_crops(&self, crops: &[RgbImage]) -> Result<Tensor, TchError> {
        let (width, height) = crops.first().map_or((0, 0), RgbImage::dimensions);
        let mut values = Vec::with_capacity(crops.len() * width as usize * height as usize * 3);
        let [a, b, c] = self.channels;
        let [ta, tb, tc] = &self.tables;
        for pixel in crops.iter().flat_map(|crop| crop.as_raw().as_chunks::<3>().0) {
            values.extend([ta[pixel[a] as usize], tb[pixel[b] as usize], tc[pixel[c] as usize]]);
        }
        Tensor::f_from_slice(&values)?
            .f_reshape([crops.len() as i64, i64::from(height), i64::from(width), 3])?
            .f_permute([0, 3, 1, 2])?
            .f_to_device(self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn values_land_in_the_plane_and_place_of_their_pixel() {
        let mut crop = RgbImage::new(3, 2);
        crop.put_pixel(2, 1, Rgb([10, 20, 30]));
        let mut input = InputSpec { mean: [1.0, 2.0, 3.0], std: [2.0, 4.0, 8.0], ..InputSpec::ARCFACE };
        for (order, expected) in [
            (ChannelOrder::Rgb, [(10.0 - 1.0) / 2.0, (20.0 - 2.0) / 4.0, (30.0 - 3.0) / 8.0]),
            (ChannelOrder::Bgr, [(30.0 - 1.0) / 2.0, (20.0 - 2.0) / 4.0, (10.0 - 3.0) / 8.0]),
        ] {
            input.channel_order = order;
            let crops = [RgbImage::new(3, 2), crop.clone()];
            let tensor = Preprocessor::new(&input, Device::Cpu).tensor_from_crops(&crops).unwrap();
            assert_eq!(tensor.size(), [2, 3, 2, 3]);
            for (plane, value) in expected.into_iter().enumerate() {
                assert_eq!(tensor.double_value(&[1, plane as i64, 1, 2]), value);
                let black = f64::from(-input.mean[plane] / input.std[plane]);
                assert_eq!(tensor.double_value(&[0, plane as i64, 1, 2]), black);
            }
        }
    }
}
