//! Faces and names as a table: CSV and JSON, out and in again.

use csv::{ReaderBuilder, StringRecord};
use serde_json::{Deserializer, Value};

use super::ExchangeError;
use crate::types::{BBox, FaceId, SubjectId};

const COLUMNS: [&str; 10] = ["face", "photo", "digest", "x1", "y1", "x2", "y2", "subject", "name", "external_id"];

/// Bytes of a table at most; a million faces take a quarter of it.
const MOST_BYTES: usize = 1 << 30;

/// A face and whose it is. Out everything stands in it but names that nobody has; in, what the other program knew.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaceRow {
    /// In this gallery, or in the one that the table came from.
    pub face: Option<FaceId>,
    /// For people.
    pub photo: Option<String>,
    /// BLAKE3 of the photo's file.
    pub digest: Option<[u8; 32]>,
    /// In pixels of the upright photo.
    pub bbox: Option<BBox>,
    pub subject: Option<SubjectId>,
    pub name: Option<String>,
    pub external_id: Option<String>,
}

/// The table with a head, as RFC 4180 has it.
///
/// # Errors
/// Memory alone; texts of every kind have a form.
pub fn write_csv(rows: &[FaceRow]) -> Result<Vec<u8>, ExchangeError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let io = |error: csv::Error| ExchangeError::Io(error.into());
    writer.write_record(COLUMNS).map_err(io)?;
    for row in rows {
        let number = |side: fn(&BBox) -> f32| row.bbox.as_ref().map(|bbox| side(bbox).to_string()).unwrap_or_default();
        let fields = [
            row.face.map(|face| face.to_string()).unwrap_or_default(),
            row.photo.clone().unwrap_or_default(),
            row.digest_text().unwrap_or_default(),
            number(|bbox| bbox.x1),
            number(|bbox| bbox.y1),
            number(|bbox| bbox.x2),
            number(|bbox| bbox.y2),
            row.subject.map(|subject| subject.to_string()).unwrap_or_default(),
            row.name.clone().unwrap_or_default(),
            row.external_id.clone().unwrap_or_default(),
        ];
        writer.write_record(fields).map_err(io)?;
    }
    writer.into_inner().map_err(|error| ExchangeError::Io(error.into_error()))
}

impl FaceRow {
    /// The digest as it is written, in hexadecimal digits.
    pub fn digest_text(&self) -> Option<String> {
        self.digest.as_ref().map(hex)
    }
}

fn hex(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> = text.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect();
    let bytes: Vec<u8> = digits?.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect();
    bytes.try_into().ok().filter(|_| text.len() == 64)
}

/// CSV with a head – columns in any order, comma, semicolon or tab between –, JSON lines or one JSON array. Lines of
/// JSON that are of another `type` are passed over.
///
/// # Errors
/// [`ExchangeError::Row`] with the number of the first row that cannot be read, [`ExchangeError::NoColumns`],
/// [`ExchangeError::NotText`], [`ExchangeError::TooLarge`].
pub fn read_table(bytes: &[u8]) -> Result<Vec<FaceRow>, ExchangeError> {
    if bytes.len() > MOST_BYTES {
        return Err(ExchangeError::TooLarge { limit: MOST_BYTES as u64 });
    }
    let text = str::from_utf8(bytes).map_err(|_| ExchangeError::NotText)?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['{', '[']) { read_json(text) } else { read_csv(text) }
}

fn read_csv(text: &str) -> Result<Vec<FaceRow>, ExchangeError> {
    let head = text.lines().next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|mark| head.bytes().filter(|byte| byte == mark).count());
    let mut reader = ReaderBuilder::new().delimiter(delimiter.unwrap_or(b',')).from_reader(text.as_bytes());
    let bad = |error: &csv::Error| ExchangeError::Row {
        row: error.position().map_or(1, csv::Position::line),
        reason: error.to_string(),
    };
    let heads = reader.headers().map_err(|error| bad(&error))?.clone();
    let place = |name: &str| heads.iter().position(|head| head.trim().eq_ignore_ascii_case(name));
    let places = COLUMNS.map(place);
    if places[0].is_none() && places[2].is_none() {
        return Err(ExchangeError::NoColumns);
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| bad(&error))?;
        let row = record.position().map_or(rows.len() as u64 + 2, csv::Position::line);
        rows.push(csv_row(&record, &places).map_err(|column| wrong(row, column))?);
    }
    Ok(rows)
}

fn wrong(row: u64, column: &str) -> ExchangeError {
    ExchangeError::Row { row, reason: column.to_owned() }
}

/// `Err` is the column that cannot be read.
fn csv_row(record: &StringRecord, places: &[Option<usize>; 10]) -> Result<FaceRow, &'static str> {
    let field = |column: usize| {
        let text = places[column].and_then(|place| record.get(place)).map(str::trim);
        text.filter(|text| !text.is_empty())
    };
    let number = |column: usize| field(column).map(|text| text.parse().map_err(|_| COLUMNS[column])).transpose();
    let side = |column: usize| {
        let told: Option<f32> = field(column).map(|text| text.parse().map_err(|_| COLUMNS[column])).transpose()?;
        if told.is_some_and(|side| !side.is_finite()) { Err(COLUMNS[column]) } else { Ok(told) }
    };
    let bbox = match (side(3)?, side(4)?, side(5)?, side(6)?) {
        (Some(x1), Some(y1), Some(x2), Some(y2)) => Some(BBox { x1, y1, x2, y2 }),
        (None, None, None, None) => None,
        _ => return Err("x1, y1, x2, y2"),
    };
    Ok(FaceRow {
        face: number(0)?.map(FaceId),
        photo: field(1).map(str::to_owned),
        digest: field(2).map(|text| digest(text).ok_or(COLUMNS[2])).transpose()?,
        bbox,
        subject: number(7)?.map(SubjectId),
        name: field(8).map(str::to_owned),
        external_id: field(9).map(str::to_owned),
    })
}

fn read_json(text: &str) -> Result<Vec<FaceRow>, ExchangeError> {
    let mut rows = Vec::new();
    for (at, value) in Deserializer::from_str(text).into_iter::<Value>().enumerate() {
        let value = value.map_err(|error| wrong(error.line() as u64, &error.to_string()))?;
        let values = if let Value::Array(values) = value { values } else { vec![value] };
        for value in values {
            let kind = value.get("type").and_then(Value::as_str);
            if kind.is_none_or(|kind| ROW_TYPES.contains(&kind)) {
                rows.push(json_row(&value).map_err(|key| wrong((at.max(rows.len()) + 1) as u64, key))?);
            }
        }
    }
    Ok(rows)
}

/// The `type` of a row among JSON lines: of `regions export`, and of `faces`, which tells less.
const ROW_TYPES: [&str; 2] = ["named_face", "face"];

/// `Err` is the key that cannot be read.
fn json_row(value: &Value) -> Result<FaceRow, &'static str> {
    let of = |key: &str| value.get(key).filter(|value| !value.is_null());
    let number = |key: &'static str| of(key).map(|value| value.as_i64().ok_or(key)).transpose();
    let text = |key: &'static str| {
        let told = of(key).map(|value| value.as_str().ok_or(key)).transpose()?;
        Ok::<_, &'static str>(told.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned))
    };
    // `{"id": 3, "name": "Ada"}` as this program tells it, or a number with a name beside it.
    let subject = of("subject").filter(|subject| subject.is_object()).map(subject).transpose()?;
    let (subject, name) = match subject {
        Some((id, name)) => (id, name),
        None => (number("subject")?, text("name")?),
    };
    let row = FaceRow {
        face: number("face")?.map(FaceId),
        photo: text("photo")?,
        digest: text("digest")?.map(|text| digest(&text).ok_or("digest")).transpose()?,
        bbox: of("bbox").map(|value| bbox(value).ok_or("bbox")).transpose()?,
        subject: subject.map(SubjectId),
        name,
        external_id: text("external_id")?,
    };
    if row.face.is_none() && row.digest.is_none() { Err("face, digest") } else { Ok(row) }
}

fn subject(value: &Value) -> Result<(Option<i64>, Option<String>), &'static str> {
    let id = value.get("id").map(|id| id.as_i64().ok_or("subject")).transpose()?;
    let name = value.get("name").map(|name| name.as_str().ok_or("subject")).transpose()?;
    Ok((id, name.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned)))
}

fn bbox(value: &Value) -> Option<BBox> {
    let sides: Option<Vec<f64>> = value.as_array()?.iter().map(Value::as_f64).collect();
    let [x1, y1, x2, y2] = <[f64; 4]>::try_from(sides?).ok()?.map(|side| side as f32);
    let bbox = BBox { x1, y1, x2, y2 };
    [x1, y1, x2, y2].iter().all(|side| side.is_finite()).then_some(bbox)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> FaceRow {
        FaceRow {
            face: Some(FaceId(7)),
            photo: Some("/a, \"b\"\n.jpg".to_owned()),
            digest: Some([0xAB; 32]),
            bbox: Some(BBox { x1: -1.5, y1: 2.25, x2: 30.125, y2: 40.1 }),
            subject: Some(SubjectId(3)),
            name: Some("=Ada; O'Neil".to_owned()),
            external_id: Some("007".to_owned()),
        }
    }

    #[test]
    fn a_table_reads_back_as_it_was_written() {
        let rows = [row(), FaceRow { face: Some(FaceId(8)), ..FaceRow::default() }];
        assert_eq!(read_table(&write_csv(&rows).unwrap()).unwrap(), rows);
    }

    #[test]
    fn columns_in_any_order_and_other_marks_between() {
        let rows = read_table("\u{feff}Name;FACE\r\nÄnne;5\r\n;6\r\n".as_bytes()).unwrap();
        let named = FaceRow { face: Some(FaceId(5)), name: Some("Änne".to_owned()), ..FaceRow::default() };
        assert_eq!(rows, [named, FaceRow { face: Some(FaceId(6)), ..FaceRow::default() }]);
    }

    #[test]
    fn json_as_lines_and_as_an_array() {
        let line = format!(
            r#"{{"type":"named_face","face":7,"photo":"/p.jpg","digest":"{}","bbox":[1,2,3,4.5],"subject":{{"id":3,"name":"Ada"}}}}"#,
            hex(&[1; 32])
        );
        let lines = format!("{{\"type\":\"progress\",\"done\":1}}\n{line}\n{line}\n");
        let rows = read_table(lines.as_bytes()).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows, read_table(format!("[{line},{line}]").as_bytes()).unwrap());
        assert_eq!(rows[0].bbox, Some(BBox { x1: 1.0, y1: 2.0, x2: 3.0, y2: 4.5 }));
        assert_eq!((rows[0].digest, rows[0].subject), (Some([1; 32]), Some(SubjectId(3))));
        assert_eq!(rows[0].name.as_deref(), Some("Ada"));
        let plain = read_table(br#"{"face":1,"subject":4,"name":" Bo "}"#).unwrap();
        assert_eq!((plain[0].subject, plain[0].name.as_deref()), (Some(SubjectId(4)), Some("Bo")));
    }

    #[test]
    fn a_row_that_cannot_be_read_is_told_by_its_number() {
        for (table, row) in [
            ("face,name\n1,Ada\nx,Bob\n", 3),
            ("face,digest\n1,abc\n", 2),
            ("face,x1,y1,x2,y2\n1,1,2,3,\n", 2),
            ("face,x1,y1,x2,y2\n1,1,2,3,NaN\n", 2),
            ("face,name\n1\n", 2),
            ("{\"face\":1}\n{\"name\":\"x\"}", 2),
            ("{\"face\":\"1\"}", 1),
            ("{\"face\":1}\n{", 2),
            ("{\"face\":1,\"subject\":{\"id\":\"x\"}}", 1),
        ] {
            let told = read_table(table.as_bytes());
            assert!(matches!(&told, Err(ExchangeError::Row { row: at, .. }) if *at == row), "{table}: {told:?}");
        }
        assert!(matches!(read_table(b"name\nAda\n"), Err(ExchangeError::NoColumns)));
        assert!(matches!(read_table(b""), Err(ExchangeError::NoColumns)));
        assert!(matches!(read_table(b"face\n\xff"), Err(ExchangeError::NotText)));
    }
}
