//! Colour profiles: whatever space a file's samples are in, networks want sRGB.

use crate::tell;
use crate::types::Telling;
use image::RgbImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use serde::{Deserialize, Serialize};

/// What a file's samples are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum Colour {
    /// Also what says nothing.
    #[default]
    Srgb,
    AdobeRgb,
    DisplayP3,
    Bt2020,
    /// By a profile of the International Color Consortium, not looked into yet.
    Profile(Vec<u8>),
}

impl Colour {
    /// By the file's profile; where it has none, as the camera says.
    pub fn told(profile: Option<Vec<u8>>, is_adobe_rgb: bool) -> Self {
        match profile {
            Some(profile) => Self::Profile(profile),
            None if is_adobe_rgb => Self::AdobeRgb,
            None => Self::Srgb,
        }
    }

    /// By the numbers of ITU-T H.273. Curves are taken for sRGB's, and those of high dynamic range left as they are.
    pub fn coded(primaries: u16, transfer: u16) -> Self {
        match (primaries, transfer) {
            (_, 16 | 18) => Self::Srgb,
            (12, _) => Self::DisplayP3,
            (9, _) => Self::Bt2020,
            _ => Self::Srgb,
        }
    }

    /// What it is for these samples: a profile for gray says nothing of a picture that has colours.
    pub fn for_samples(self, pixels: &RgbImage) -> Self {
        // The signature of the colour space (ICC.1:2022, 7.2).
        let is_for_gray = matches!(&self, Self::Profile(profile) if profile.get(16..20) == Some(b"GRAY"));
        let is_gray = |pixel: &image::Rgb<u8>| pixel.0[0] == pixel.0[1] && pixel.0[1] == pixel.0[2];
        if is_for_gray && !pixels.pixels().all(is_gray) {
            log::debug!("a profile for gray in a picture that has colours is passed over");
            return Self::Srgb;
        }
        self
    }

    fn profile(&self) -> Option<ColorProfile> {
        match self {
            Self::Srgb => None,
            Self::AdobeRgb => Some(ColorProfile::new_adobe_rgb()),
            Self::DisplayP3 => Some(ColorProfile::new_display_p3()),
            Self::Bt2020 => Some(ColorProfile::new_bt2020()),
            Self::Profile(bytes) => ColorProfile::new_from_slice(bytes)
                .map_err(|error| log::debug!("a colour profile cannot be read: {error}"))
                .ok(),
        }
    }

    /// Turns samples into sRGB, in place. Where a profile cannot be read, or does not fit a picture of three colours or
    /// of gray, or is sRGB by another name, they stay.
    pub fn apply(&self, pixels: &mut RgbImage) {
        let Some(profile) = self.profile() else { return };
        let channels = match profile.color_space {
            DataColorSpace::Rgb => 3,
            DataColorSpace::Gray => 1,
            _ => return,
        };
        let Some(transform) = Transform::new(&profile, channels) else { return };
        if transform.is_idle() {
            return;
        }
        let row = pixels.width() as usize * 3;
        for samples in pixels.chunks_exact_mut(row.max(3)) {
            let from: Vec<u8> = samples.chunks_exact(3).flat_map(|pixel| pixel[..channels].to_vec()).collect();
            transform.run(&from, samples);
        }
    }

    /// `None` where there is no profile for inks that can be read.
    fn inks_to_rgb(&self, inks: &[u8]) -> Option<Vec<u8>> {
        let profile = self.profile().filter(|profile| profile.color_space == DataColorSpace::Cmyk)?;
        let transform = Transform::new(&profile, 4)?;
        let mut rgb = vec![0; inks.len() / 4 * 3];
        transform.run(inks, &mut rgb).then_some(rgb)
    }
}

/// Four inks a pixel, 255 for full cover, as 8-bit sRGB by the file's profile. Where it has none for inks that can be read,
/// they are laid on white, each as if it took its own light alone, and the notice says so.
pub(super) fn inks_to_rgb(inks: Vec<u8>, profile: Option<&[u8]>) -> (Vec<u8>, Option<Telling>) {
    if let Some(rgb) = profile.and_then(|profile| Colour::Profile(profile.to_vec()).inks_to_rgb(&inks)) {
        return (rgb, None);
    }
    let notice = tell!("issue-inks");
    let mut rgb = Vec::with_capacity(inks.len() / 4 * 3);
    for &[cyan, magenta, yellow, black] in inks.as_chunks::<4>().0 {
        let left = u32::from(255 - black);
        rgb.extend([cyan, magenta, yellow].map(|ink| ((u32::from(255 - ink) * left + 127) / 255) as u8));
    }
    (rgb, Some(notice))
}

struct Transform {
    executor: std::sync::Arc<moxcms::Transform8BitExecutor>,
    channels: usize,
}

impl Transform {
    fn new(profile: &ColorProfile, channels: usize) -> Option<Self> {
        let layout = match channels {
            1 => Layout::Gray,
            3 => Layout::Rgb,
            _ => Layout::Rgba,
        };
        let srgb = ColorProfile::new_srgb();
        profile
            .create_transform_8bit(layout, &srgb, Layout::Rgb, TransformOptions::default())
            .map_err(|error| log::debug!("a colour profile cannot be used: {error}"))
            .ok()
            .map(|executor| Self { executor, channels })
    }

    fn run(&self, from: &[u8], to: &mut [u8]) -> bool {
        self.executor.transform(from, to).is_ok()
    }

    /// Whether it changes no sample by more than rounding does, so that sRGB photos keep their very samples.
    fn is_idle(&self) -> bool {
        const ROUNDING: u8 = 2;
        let steps = [0u8, 51, 102, 153, 204, 255];
        let colours: Vec<[u8; 3]> = match self.channels {
            1 => (0..=255).map(|gray| [gray; 3]).collect(),
            _ => steps.iter().flat_map(|&r| steps.iter().flat_map(move |&g| steps.map(|b| [r, g, b]))).collect(),
        };
        let from: Vec<u8> = colours.iter().flat_map(|colour| colour[..self.channels].to_vec()).collect();
        let mut to = vec![0; colours.len() * 3];
        self.run(&from, &mut to) && to.iter().zip(colours.as_flattened()).all(|(a, b)| a.abs_diff(*b) <= ROUNDING)
    }
}
