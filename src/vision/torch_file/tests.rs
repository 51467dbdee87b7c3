use super::*;
use half::{bf16, f16};
use proptest::prelude::*;

/// A file with one 2×3 tensor `w` whose storage is transposed and starts at element 1.
fn small_file() -> Vec<u8> {
    let mut file = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.".to_vec();
    file.extend(b"\x80\x02M\xe9\x03.");
    file.extend(b"\x80\x02}.");
    file.extend(b"\x80\x02ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n((");
    file.extend(b"X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x00kX\x03\x00\x00\x00cpuK\x07Nt");
    file.extend(b"QK\x01K\x02K\x03\x86K\x01K\x02\x86\x89ccollections\nOrderedDict\n)RtRu.");
    file.extend(b"\x80\x02](X\x01\x00\x00\x00ke.");
    file.extend(7u64.to_le_bytes());
    file.extend((0..7u8).flat_map(|v| f32::from(v).to_le_bytes()));
    file
}

#[test]
fn a_strided_view_is_gathered() {
    let arrays = read_state_dict(&small_file()).unwrap();
    let expected = FloatArray { shape: vec![2, 3], data: vec![1.0, 3.0, 5.0, 2.0, 4.0, 6.0] };
    assert_eq!(arrays.into_iter().collect::<Vec<_>>(), [("w".to_owned(), expected)]);
}

#[test]
fn every_truncation_is_refused() {
    let file = small_file();
    for length in 0..file.len() {
        assert!(read_state_dict(&file[..length]).is_err(), "{length} of {} bytes", file.len());
    }
}

#[test]
fn other_files_are_named_for_what_they_are() {
    assert!(read_state_dict(b"PK\x03\x04").unwrap_err().contains("zip"));
    assert!(read_state_dict(b"<html>").unwrap_err().contains("instruction"));
    assert!(read_state_dict(&[b'('; 1_100_000]).unwrap_err().contains("instructions"));
    let nested = [&b"\x80\x02N"[..], &[0x85; 100_000], b"."].concat();
    assert!(read_state_dict(&nested).unwrap_err().contains("too deep"));
    let call = b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.";
    assert!(read_state_dict(call).unwrap_err().contains("os.system"));
}

proptest! {
    #[test]
    fn damage_never_panics(place in 0usize..400, value in any::<u8>()) {
        let mut file = small_file();
        let place = place % file.len();
        file[place] = value;
        let _either = read_state_dict(&file);
    }
}

/// The same tensor in a zip archive whose entries are only stored.
fn small_archive(kind: &str, data: &[u8]) -> Vec<u8> {
    let mut pickle =
        b"\x80\x02ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n((".to_vec();
    pickle.extend(b"X\x07\x00\x00\x00storagectorch\n");
    pickle.extend(kind.as_bytes());
    pickle.extend(b"\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x07Nt");
    pickle.extend(b"QK\x01K\x02K\x03\x86K\x01K\x02\x86\x89ccollections\nOrderedDict\n)RtRu.");
    archive_of(&[("net/data.pkl", &pickle), ("net/data/0", data), ("net/version", b"3")])
}

fn archive_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in files {
        let offset = zip.len() as u32;
        let sizes = [data.len() as u32, data.len() as u32].map(u32::to_le_bytes).concat();
        // Version, flags, method, time, date and a checksum that nobody looks at.
        let common = [&[0u8; 14][..], &sizes, &(name.len() as u16).to_le_bytes(), &[0, 0]].concat();
        zip.extend([b"PK\x03\x04", &common[..], name.as_bytes(), data].concat());
        let tail = [&[0u8; 10][..], &offset.to_le_bytes(), name.as_bytes()].concat();
        directory.extend([b"PK\x01\x02\0\0", &common[..], &tail].concat());
    }
    let count = (files.len() as u16).to_le_bytes();
    let place = [directory.len() as u32, zip.len() as u32].map(u32::to_le_bytes).concat();
    zip.extend(&directory);
    zip.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count, &place, &[0, 0]].concat());
    zip
}

fn read_arrays(bytes: &[u8]) -> Result<BTreeMap<String, FloatArray>, String> {
    match read(bytes)? {
        TorchFile::StateDict(arrays) => Ok(arrays),
        TorchFile::Script => Err("a script".to_owned()),
    }
}

#[test]
fn archives_are_read_in_every_type() {
    let halves = |of: fn(f32) -> [u8; 2]| (0..7u8).flat_map(|v| of(f32::from(v))).collect::<Vec<u8>>();
    for (kind, data) in [
        ("FloatStorage", (0..7u8).flat_map(|v| f32::from(v).to_le_bytes()).collect::<Vec<u8>>()),
        ("DoubleStorage", (0..7u8).flat_map(|v| f64::from(v).to_le_bytes()).collect()),
        ("HalfStorage", halves(|v| f16::from_f32(v).to_le_bytes())),
        ("BFloat16Storage", halves(|v| bf16::from_f32(v).to_le_bytes())),
    ] {
        let arrays = read_arrays(&small_archive(kind, &data)).unwrap();
        assert_eq!(arrays["w"], FloatArray { shape: vec![2, 3], data: vec![1.0, 3.0, 5.0, 2.0, 4.0, 6.0] }, "{kind}");
    }
    assert!(read_arrays(&small_archive("LongStorage", &[0; 56])).unwrap().is_empty());
    assert!(read_arrays(&small_archive("FloatStorage", &[0; 27])).unwrap_err().contains("w reaches past"));
    assert!(read_arrays(&small_archive("StringStorage", &[0; 56])).unwrap_err().contains("StringStorage"));
}

#[test]
fn programs_and_other_archives_are_told_apart() {
    assert!(matches!(read(&archive_of(&[("n/constants.pkl", b"."), ("n/data.pkl", b".")])), Ok(TorchFile::Script)));
    assert!(read_arrays(&archive_of(&[("letter.txt", b"hello")])).unwrap_err().contains("data.pkl"));
    let cut = small_archive("FloatStorage", &[0; 28]);
    for length in 4..cut.len() {
        assert!(read(&cut[..length]).is_err(), "{length} of {}", cut.len());
    }
}

proptest! {
    #[test]
    fn damaged_archives_never_panic(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut file = small_archive("FloatStorage", &[0; 28]);
        for (place, value) in places {
            let place = place.index(file.len());
            file[place] = value;
        }
        let _either = read(&file);
    }
}

#[test]
fn checkpoints_of_pytorch_itself_are_read_in_both_formats() {
    // Made by tests/reference/state_dict.py.
    for bytes in [
        &include_bytes!("../../../tests/data/state_dict_zip.pth")[..],
        include_bytes!("../../../tests/data/state_dict_old.pth"),
    ] {
        assert!(begins_like_one(bytes));
        let arrays = read_arrays(bytes).unwrap();
        assert_eq!(arrays.len(), 6, "{:?}", arrays.keys()); // the count is no float
        let array = |name: &str| (arrays[name].shape.clone(), arrays[name].data.clone());
        assert_eq!(array("floats"), (vec![2, 3], vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]));
        assert_eq!(array("turned"), (vec![3, 2], vec![0.0, 3.0, 1.0, 4.0, 2.0, 5.0]));
        assert_eq!(array("halves"), (vec![2, 3], vec![0.0, 0.5, 1.0, 1.5, 2.0, 2.5]));
        assert_eq!(array("brains"), (vec![2, 3], vec![0.0, 0.25, 0.5, 0.75, 1.0, 1.25]));
        assert_eq!(array("doubles"), (vec![2, 3], vec![0.0, 0.125, 0.25, 0.375, 0.5, 0.625]));
        assert_eq!(array("parameter"), (vec![3], vec![3.5, 4.5, 5.5]));
    }
}
