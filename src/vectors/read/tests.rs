use super::*;
use crate::types::EmbeddingError;
use crate::vectors::{VectorWriter, write_ids};
use npyz::WriterBuilder;
use proptest::prelude::*;

fn npy_bytes(rows: usize, d: usize, value: impl Fn(usize, usize) -> f32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = npyz::WriteOptions::new().default_dtype().shape(&[rows as u64, d as u64]);
    let mut writer = options.writer(&mut bytes).begin_nd().unwrap();
    writer.extend((0..rows * d).map(|at| value(at / d, at % d))).unwrap();
    writer.finish().unwrap();
    bytes
}

fn fvecs_bytes(rows: &[Vec<f32>]) -> Vec<u8> {
    let row = |row: &Vec<f32>| {
        let values = row.iter().flat_map(|value| value.to_le_bytes());
        (row.len() as i32).to_le_bytes().into_iter().chain(values).collect::<Vec<u8>>()
    };
    rows.iter().flat_map(row).collect()
}

fn read_bytes(bytes: &[u8], expected_d: usize) -> Result<Vec<Embedding>, VectorFileError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectors.bin");
    std::fs::write(&path, bytes).unwrap();
    read_vectors(&path, expected_d)
}

#[track_caller]
fn refused(bytes: &[u8], expected_d: usize) -> VectorsError {
    match read_bytes(bytes, expected_d) {
        Err(VectorFileError::Vectors { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

fn header_only(text: &str) -> Vec<u8> {
    [npy::MAGIC, &[1, 0], &(text.len() as u16).to_le_bytes(), text.as_bytes()].concat()
}

#[test]
fn arrays_of_both_widths_and_fvecs_are_read_and_normalised() {
    let value = |row: usize, column: usize| (row + 2 * column) as f32 + 1.0;
    let rows: Vec<Vec<f32>> = (0..3).map(|row| (0..4).map(|column| value(row, column)).collect()).collect();
    let expected: Vec<Embedding> = rows.iter().map(|row| Embedding::try_from_raw(row.clone()).unwrap()).collect();
    assert_eq!(read_bytes(&npy_bytes(3, 4, value), 4).unwrap(), expected);
    assert_eq!(read_bytes(&fvecs_bytes(&rows), 4).unwrap(), expected);
    let mut wide = Vec::new();
    let mut writer = npyz::WriteOptions::new().default_dtype().shape(&[3, 4]).writer(&mut wide).begin_nd().unwrap();
    writer.extend(rows.iter().flatten().map(|&value| f64::from(value))).unwrap();
    writer.finish().unwrap();
    assert_eq!(read_bytes(&wide, 4).unwrap(), expected);
}

#[test]
fn another_length_says_which() {
    assert_eq!(refused(&npy_bytes(2, 4, |_, _| 1.0), 5), VectorsError::WrongLength { found: 4, expected: 5 });
    assert_eq!(refused(&fvecs_bytes(&[vec![1.0; 4]]), 5), VectorsError::WrongLength { found: 4, expected: 5 });
    let uneven = fvecs_bytes(&[vec![1.0; 4], vec![1.0; 3]]);
    assert_eq!(refused(&uneven, 4), VectorsError::Uneven { row: 1, found: 3, expected: 4 });
}

#[test]
fn a_bad_row_is_named() {
    let nan = |row: usize, column: usize| if (row, column) == (7, 1) { f32::NAN } else { 1.0 };
    let expected = VectorsError::Row { row: 7, reason: EmbeddingError::NotFinite };
    assert_eq!(refused(&npy_bytes(9, 3, nan), 3), expected);
    let rows: Vec<Vec<f32>> = (0..9).map(|row| (0..3).map(|column| nan(row, column)).collect()).collect();
    assert_eq!(refused(&fvecs_bytes(&rows), 3), expected);
    let zero = npy_bytes(2, 3, |row, _| row as f32);
    assert_eq!(refused(&zero, 3), VectorsError::Row { row: 0, reason: EmbeddingError::ZeroNorm });
}

#[test]
fn cut_and_overlong_files_are_refused() {
    let whole = npy_bytes(3, 4, |_, _| 1.0);
    assert_eq!(refused(&whole[..whole.len() - 5], 4), VectorsError::Truncated { missing: 5 });
    assert_eq!(refused(&[&whole[..], &[0; 3]].concat(), 4), VectorsError::Trailing { extra: 3 });
    for length in [6, 7, 8, 9, 40] {
        assert!(matches!(refused(&whole[..length], 4), VectorsError::Header(_)), "{length}");
    }
    let whole = fvecs_bytes(&[vec![1.0; 4], vec![2.0; 4]]);
    assert_eq!(refused(&whole[..whole.len() - 5], 4), VectorsError::Truncated { missing: 5 });
    assert_eq!(refused(&whole[..22], 4), VectorsError::Truncated { missing: 18 });
    assert_eq!(refused(&whole[..3], 4), VectorsError::NotVectors);
}

#[test]
fn other_files_are_told_apart() {
    assert_eq!(refused(b"", 4), VectorsError::Empty);
    assert_eq!(refused(b"no vectors at all, just text\n", 4), VectorsError::NotVectors);
    assert_eq!(refused(&[0xff; 64], 4), VectorsError::NotVectors);
    assert_eq!(refused(&npy_bytes(0, 4, |_, _| 1.0), 4), VectorsError::Empty);
    let folder = tempfile::tempdir().unwrap();
    assert!(read_vectors(folder.path(), 4).is_err());
    assert!(matches!(read_vectors(&folder.path().join("none.npy"), 4), Err(VectorFileError::Io { .. })));
}

#[test]
fn hostile_headers_are_errors() {
    let dictionary = |descr: &str, order: &str, shape: &str| {
        header_only(&format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"))
    };
    assert_eq!(refused(&dictionary("'<i8'", "False", "(2, 4)"), 4), VectorsError::ValueType("<i8".into()));
    assert_eq!(refused(&dictionary("'>f4'", "False", "(2, 4)"), 4), VectorsError::ValueType(">f4".into()));
    assert!(matches!(refused(&dictionary("[('a', '<f4')]", "False", "(2,)"), 4), VectorsError::ValueType(_)));
    assert_eq!(refused(&dictionary("'<f4'", "False", "(8,)"), 4), VectorsError::NotTwoDimensional(1));
    assert_eq!(refused(&dictionary("'<f4'", "False", "()"), 4), VectorsError::NotTwoDimensional(0));
    assert_eq!(refused(&dictionary("'<f4'", "True", "(2, 4)"), 4), VectorsError::ByColumns);
    let huge = dictionary("'<f4'", "False", "(18446744073709551615, 4)");
    assert_eq!(refused(&huge, 4), VectorsError::TooLarge { rows: u64::MAX, d: 4 });
    assert_eq!(
        refused(&dictionary("'<f4'", "False", "(1000000, 4)"), 4),
        VectorsError::Truncated { missing: 16_000_000 }
    );
    assert!(matches!(
        refused(&dictionary("'<f4'", "False", "(99999999999999999999999, 4)"), 4),
        VectorsError::Header(_)
    ));
    assert!(matches!(refused(&dictionary("'<f4'", "False", "(-2, 4)"), 4), VectorsError::Header(_)));
    assert!(matches!(refused(&dictionary("'<f4'", "maybe", "(2, 4)"), 4), VectorsError::Header(_)));
    assert!(matches!(refused(&header_only(&"(".repeat(9000)), 4), VectorsError::Header(_)));
    let claim = [npy::MAGIC, &[2, 0], &u32::MAX.to_le_bytes()].concat();
    assert!(matches!(refused(&claim, 4), VectorsError::Header(_)));
    assert!(matches!(refused(&[npy::MAGIC, &[9, 0, 1, 1, 1]].concat(), 4), VectorsError::Header(_)));
}

#[test]
fn what_is_written_is_read_again_by_others_too() {
    let folder = tempfile::tempdir().unwrap();
    let vectors: Vec<f32> = (0..3 * 5).map(|i| i as f32 - 4.0).collect();
    for name in ["a.npy", "a.fvecs"] {
        let path = folder.path().join(name);
        let mut writer = VectorWriter::create(&path, 3, 5).unwrap();
        writer.write(&vectors[..10]).unwrap();
        assert!(!path.exists(), "the file stands there before it is whole");
        writer.write(&vectors[10..]).unwrap();
        writer.finish().unwrap();
        let read = read_vectors(&path, 5).unwrap();
        let expected = Embedding::try_from_raw(vectors[5..10].to_vec()).unwrap();
        assert_eq!((read.len(), &read[1]), (3, &expected));
    }
    let bytes = std::fs::read(folder.path().join("a.npy")).unwrap();
    let array = npyz::NpyFile::new(&bytes[..]).unwrap();
    assert_eq!(array.shape(), &[3, 5]);
    assert_eq!(array.into_vec::<f32>().unwrap(), vectors);
    write_ids(&folder.path().join("ids.npy"), &[1, 5, 1 << 40]).unwrap();
    let bytes = std::fs::read(folder.path().join("ids.npy")).unwrap();
    let array = npyz::NpyFile::new(&bytes[..]).unwrap();
    assert_eq!((array.shape(), array.header().dtype().descr()), (&[3][..], "'<i8'".to_owned()));
    assert_eq!(array.into_vec::<i64>().unwrap(), [1, 5, 1 << 40]);
}

#[test]
fn a_file_left_unfinished_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    let mut writer = VectorWriter::create(&path, 3, 5).unwrap();
    writer.write(&[1.0; 10]).unwrap();
    drop(writer);
    let mut writer = VectorWriter::create(&path, 2, 5).unwrap();
    writer.write(&[1.0; 5]).unwrap();
    assert!(matches!(writer.finish(), Err(VectorFileError::Vectors { reason: VectorsError::RowCount { .. }, .. })));
    let mut writer = VectorWriter::create(&path, 1, 5).unwrap();
    assert!(writer.write(&[1.0; 10]).is_err());
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(VectorWriter::create(&folder.path().join("a.txt"), 1, 5).is_err());
    assert!(matches!(VectorWriter::create(&folder.path().join("no/a.npy"), 1, 5), Err(VectorFileError::Io { .. })));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said() {
    let full = std::path::Path::new("/dev/full");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npy");
    std::os::unix::fs::symlink(full, folder.path().join("a.npy.part")).unwrap();
    let mut writer = VectorWriter::create(&path, 100_000, 5).unwrap();
    let written = (0..100_000).try_for_each(|_| writer.write(&[1.0; 5]));
    assert!(matches!(written, Err(VectorFileError::Vectors { reason: VectorsError::DiskFull, .. })), "{written:?}");
}

proptest! {
    /// Whatever bytes stand in a file, reading it ends in vectors or in an error.
    #[test]
    fn no_bytes_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), is_npy in any::<bool>()) {
        if is_npy && bytes.len() > 12 {
            bytes[..8].copy_from_slice(b"\x93NUMPY\x01\x00");
            bytes[8..10].copy_from_slice(&60u16.to_le_bytes());
        }
        let _ = read_bytes(&bytes, 4);
    }
}
