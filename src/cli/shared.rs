//! Arguments that several commands take, and how values are read.

use crate::app::params_told;
use crate::say;
use crate::types::{Effort, IndexSpec, Language, SearchParams};
use crate::words::told_all;

/// Detector parameters; those not given are the ones of the settings.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Detector")]
pub struct DetectorArgs {
    /// Smallest face looked for, pixels of the photo
    #[arg(long, value_name = "PIXELS")]
    pub min_face_size: Option<f32>,
    /// Step between pyramid levels
    #[arg(long, value_name = "FACTOR")]
    pub scale_factor: Option<f32>,
    /// Confidence asked for by P-, R- and O-Net
    #[arg(long, value_name = "P,R,O", value_parser = parse_three)]
    pub thresholds: Option<[f32; 3]>,
    /// Scale larger photos down to this many pixels on their longer side; 0 for never
    #[arg(long, value_name = "PIXELS")]
    pub max_image_side: Option<u32>,
    /// fast: large photos are scaled down to --max-image-side, where small faces are missed; thorough: only as far as
    /// leaves the smallest faces looked for 24 pixels
    #[arg(long, value_name = "EFFORT", value_parser = parse_effort)]
    pub effort: Option<Effort>,
}

/// The parameters that a search by this spec has: "nprobe 64, refine ×4".
pub(super) fn params_text(spec: &IndexSpec, params: &SearchParams) -> String {
    told_all(&params_told(spec, params))
}

/// A number between 0 and 1.
pub fn parse_share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err(say!("cli-share")),
    }
}

pub fn parse_language(text: &str) -> Result<Language, String> {
    Language::from_locale(text).ok_or_else(|| {
        let known = Language::ALL.map(|language| format!("{} ({})", language.tag(), language.own_name()));
        say!("cli-language", known = known.join(", "))
    })
}

pub fn parse_score(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(score) if (-1.0..=1.0).contains(&score) => Ok(score),
        _ => Err(say!("cli-score")),
    }
}

pub fn parse_three(text: &str) -> Result<[f32; 3], String> {
    let numbers: Result<Vec<f32>, _> = text.split(',').map(|number| number.trim().parse::<f32>()).collect();
    let three = numbers.ok().and_then(|numbers| <[f32; 3]>::try_from(numbers).ok());
    three.ok_or_else(|| say!("cli-three"))
}

pub fn parse_effort(text: &str) -> Result<Effort, String> {
    Effort::from_name(text).ok_or_else(|| say!("cli-effort"))
}
