/// What a photo's file says beside its pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// The packet.
    pub xmp: Option<Vec<u8>>,
    /// What did not fit into a JPEG's packet, put together: an XML document of its own.
    pub extended: Option<Vec<u8>>,
    /// How the stored picture is turned to be upright, 1…8 as EXIF counts; 1 where nothing is said.
    pub orientation: u8,
}

impl Default for Embedded {
    fn default() -> Self {
        Self { xmp: None, extended: None, orientation: 1 }
    }
}
