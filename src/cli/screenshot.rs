//! The arguments of `screenshot`, which `main` carries out: it needs the window's renderer.

use crate::say;
use std::path::PathBuf;

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScreenName {
    Enroll,
    /// The newest face with its photo
    Detail,
    People,
    Search,
    /// A search with the first candidate side by side
    Compare,
    Tune,
    Models,
    Settings,
}

#[derive(Debug, clap::Args)]
pub struct ScreenshotArgs {
    /// The screen
    pub screen: ScreenName,
    /// Where the picture is written
    #[arg(long, value_name = "PNG")]
    pub out: PathBuf,
    /// Photo to search on the screens `search` and `compare`
    #[arg(long, value_name = "PHOTO")]
    pub probe: Option<PathBuf>,
    /// Draw it in the dark theme
    #[arg(long)]
    pub dark: bool,
    /// Size of text and of everything around it, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 100, value_parser = clap::value_parser!(u16).range(75..=200))]
    pub text_size: u16,
    /// Width and height in pixels
    #[arg(long, value_name = "WxH", default_value = "1280x800", value_parser = parse_size)]
    pub size: [u32; 2],
}

fn parse_size(text: &str) -> Result<[u32; 2], String> {
    let parsed = text.split_once('x').and_then(|(w, h)| Some([w.parse().ok()?, h.parse().ok()?]));
    match parsed {
        Some(size) if size.iter().all(|side| (320..=8192).contains(side)) => Ok(size),
        _ => Err(say!("cli-size")),
    }
}
