pub mod decode;
pub mod quality;
