//! Weights in files beside the model.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use super::OnnxError;
use super::proto::TensorProto;

/// Bytes read from all files together, at most; one file can be read many times over.
const MAX_BYTES: u64 = 2 << 30;

/// Reads parts of the files that tensors name. None outside the model's folder is opened.
pub(super) struct ExternalFiles {
    folder: PathBuf,
    open: BTreeMap<String, File>,
    bytes_left: u64,
}

impl ExternalFiles {
    /// `folder` is where the model lies.
    pub(super) fn new(folder: &Path) -> Self {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Self { folder: folder.to_owned(), open: BTreeMap::new(), bytes_left: MAX_BYTES }
    }

    /// Names of all files read so far, as the model states them: relative to its folder, in order.
    pub(super) fn into_locations(self) -> Vec<String> {
        self.open.into_keys().collect()
    }

    /// `wanted` bytes of the tensor's data.
    pub(super) fn read(&mut self, proto: &TensorProto, wanted: usize) -> Result<Vec<u8>, OnnxError> {
        let entry = |key: &str| proto.external_data.iter().find(|e| e.key == key).map(|e| e.value.as_str());
        let location = entry("location").unwrap_or_default();
        let fail = |reason: String| OnnxError::ExternalData {
            name: proto.name.clone(),
            location: location.chars().take(200).collect(),
            reason,
        };
        let number = |key: &str| match entry(key).map(str::parse::<u64>) {
            None => Ok(None),
            Some(Ok(number)) => Ok(Some(number)),
            Some(Err(_)) => Err(fail(format!("its {key} is no number"))),
        };
        let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
        if length.is_some_and(|length| length != wanted as u64) {
            let length = length.unwrap_or_default();
            return Err(fail(format!("{length} bytes are stated, the shape {:?} needs {wanted}", proto.dims)));
        }
        if wanted as u64 > self.bytes_left {
            return Err(OnnxError::TooMuch(format!("its files hold over {MAX_BYTES} bytes")));
        }
        if !self.open.contains_key(location) {
            let file = open_inside(&self.folder, location).map_err(fail)?;
            self.open.insert(location.to_owned(), file);
        }
        let Some(file) = self.open.get_mut(location) else { return Err(fail("it was not opened".to_owned())) };
        let whole = file.metadata().map_err(|e| fail(e.to_string()))?.len();
        if offset.checked_add(wanted as u64).is_none_or(|end| end > whole) {
            return Err(fail(format!("{wanted} bytes from {offset} on are needed, the file has {whole}")));
        }
        self.bytes_left -= wanted as u64;
        let mut bytes = vec![0; wanted];
        file.seek(SeekFrom::Start(offset)).map_err(|e| fail(e.to_string()))?;
        file.read_exact(&mut bytes).map_err(|e| fail(e.to_string()))?;
        Ok(bytes)
    }
}

/// Opens a plain file in `folder` or in a folder in it, links followed and looked through.
fn open_inside(folder: &Path, location: &str) -> Result<File, String> {
    let outside = || "it leads out of the model's folder".to_owned();
    let relative = Path::new(location);
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    if location.is_empty() || location.len() > 1000 || location.contains(['\\', '\0', ':']) || !plain {
        return Err(outside());
    }
    let path = folder.join(relative).canonicalize().map_err(|e| e.to_string())?;
    let folder = folder.canonicalize().map_err(|e| e.to_string())?;
    if !path.starts_with(&folder) {
        return Err(outside());
    }
    // Looked at before it is opened: opening a pipe would wait for its other end.
    if !path.metadata().map_err(|e| e.to_string())?.is_file() {
        return Err("it is no plain file".to_owned());
    }
    File::open(path).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vision::onnx::proto::{StringStringEntryProto, data_type};

    fn tensor(entries: &[(&str, &str)]) -> TensorProto {
        let entry =
            |(key, value): &(&str, &str)| StringStringEntryProto { key: (*key).to_owned(), value: (*value).to_owned() };
        TensorProto {
            name: "w".to_owned(),
            data_type: data_type::INT8,
            dims: vec![3],
            data_location: 1,
            external_data: entries.iter().map(entry).collect(),
            ..TensorProto::default()
        }
    }

    #[test]
    fn parts_are_read_and_files_remembered() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::fs::write(folder.path().join("sub/data"), [1, 2, 3, 4, 5]).unwrap();
        let mut files = ExternalFiles::new(folder.path());
        assert_eq!(files.read(&tensor(&[("location", "sub/data")]), 3).unwrap(), [1, 2, 3]);
        let part = tensor(&[("location", "sub/data"), ("offset", "2"), ("length", "3")]);
        assert_eq!(files.read(&part, 3).unwrap(), [3, 4, 5]);
        assert_eq!(files.into_locations(), ["sub/data"]);
    }

    #[test]
    fn what_leads_out_or_is_too_short_is_refused() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("model");
        std::fs::create_dir_all(folder.join("sub")).unwrap();
        std::fs::write(folder.join("data"), [1, 2, 3, 4]).unwrap();
        std::fs::write(outer.path().join("secret"), [0; 9]).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(outer.path().join("secret"), folder.join("link")).unwrap();
        let absolute = outer.path().join("secret").display().to_string();
        let cases = [
            (vec![("location", "../secret")], "leads out"),
            (vec![("location", "sub/../../secret")], "leads out"),
            (vec![("location", absolute.as_str())], "leads out"),
            (vec![("location", "..\\secret")], "leads out"),
            (vec![], "leads out"),
            (vec![("location", "none")], "none"),
            (vec![("location", "sub")], "no plain file"),
            (vec![("location", "data"), ("offset", "2")], "the file has 4"),
            (vec![("location", "data"), ("offset", "18446744073709551615")], "the file has 4"),
            (vec![("location", "data"), ("offset", "-1")], "no number"),
            (vec![("location", "data"), ("length", "4")], "4 bytes are stated"),
            #[cfg(unix)]
            (vec![("location", "link")], "leads out"),
        ];
        for (entries, word) in cases {
            let message = ExternalFiles::new(&folder).read(&tensor(&entries), 3).unwrap_err().to_string();
            assert!(message.contains(word) && message.contains("“w”"), "{message}");
        }
    }

    #[test]
    fn one_file_cannot_be_read_over_and_over() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("data"), [0; 4]).unwrap();
        let mut files = ExternalFiles::new(folder.path());
        files.bytes_left = 7;
        let part = tensor(&[("location", "data")]);
        files.read(&part, 4).unwrap();
        assert!(matches!(files.read(&part, 4), Err(OnnxError::TooMuch(_))));
    }
}
