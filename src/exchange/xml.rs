//! XML from anywhere, parsed within bounds: no document type, so no entities; bounded size, depth and declarations.

use roxmltree::{Document, Error, ParsingOptions};

use super::ExchangeError;

/// Bytes of a packet or sidecar at most.
pub(super) const MOST_BYTES: u64 = 16 << 20;

const MOST_NODES: u32 = 200_000;
/// XMP nests a dozen deep.
const DEEPEST: usize = 100;
/// The parser copies the declarations in force for each element that adds one.
const MOST_DECLARATIONS: usize = 2048;

/// The text of a packet: UTF-8 with a mark or without, or UTF-16 with one.
///
/// # Errors
/// [`ExchangeError::TooLarge`], [`ExchangeError::NotText`].
pub(super) fn text(bytes: &[u8]) -> Result<String, ExchangeError> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ExchangeError::TooLarge { limit: MOST_BYTES });
    }
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair)).collect();
        String::from_utf16(&units).map_err(|_| ExchangeError::NotText)
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // Packets are padded, some with zeros.
        _ => {
            let text = str::from_utf8(bytes).map_err(|_| ExchangeError::NotText)?;
            Ok(text.trim_start_matches('\u{feff}').trim_end_matches('\0').to_owned())
        }
    }
}

/// # Errors
/// [`ExchangeError::Dtd`], [`ExchangeError::TooComplex`], [`ExchangeError::Xml`].
pub(super) fn parse(text: &str) -> Result<Document<'_>, ExchangeError> {
    if text.len() as u64 > MOST_BYTES {
        return Err(ExchangeError::TooLarge { limit: MOST_BYTES });
    }
    if depth_exceeds(text, DEEPEST) || text.matches("xmlns").nth(MOST_DECLARATIONS).is_some() {
        return Err(ExchangeError::TooComplex);
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| match error {
        Error::DtdDetected => ExchangeError::Dtd,
        Error::NodesLimitReached | Error::AttributesLimitReached | Error::NamespacesLimitReached => {
            ExchangeError::TooComplex
        }
        other => ExchangeError::Xml(other.to_string()),
    })
}

/// Elements nest deeper than `most`. Comments and the like are passed over whole, quotes within tags hold no ends.
fn depth_exceeds(text: &str, most: usize) -> bool {
    let mut rest = text;
    let mut depth = 0usize;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        for (begin, end) in [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>")] {
            if rest.starts_with(begin) {
                rest = rest.find(end).map_or("", |at| &rest[at..]);
            }
        }
        let Some(end) = tag_end(rest) else { return false };
        let tag = &rest[..end];
        if tag.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !tag.ends_with('/') && !tag.starts_with(['!', '-', ']', '?']) {
            depth += 1;
        }
        if depth > most {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// Text as it may stand in XML, in elements and in attributes of either quote. What XML has no form for is left out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => {}
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_xml_is_refused_and_soon() {
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>"#;
        assert!(matches!(parse(bomb), Err(ExchangeError::Dtd)));
        let deep = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
        assert!(matches!(parse(&deep), Err(ExchangeError::TooComplex)));
        let declared: String = (0..5000).map(|n| format!("<a xmlns:n{n}='u{n}'/>")).collect();
        assert!(matches!(parse(&format!("<r>{declared}</r>")), Err(ExchangeError::TooComplex)));
        let wide = format!("<r>{}</r>", "<a/>".repeat(300_000));
        assert!(matches!(parse(&wide), Err(ExchangeError::TooComplex)));
        for text in ["", "<", "<a", "<a>", "<a b='", "<!--", "<![CDATA[", "<?", "</a>", "<a>&x;</a>", "<a>\u{0}</a>"] {
            assert!(matches!(parse(text), Err(ExchangeError::Xml(_))), "{text}");
        }
    }

    #[test]
    fn comments_quotes_and_long_rows_are_not_taken_for_depth() {
        let comment = format!("<r><!-- {} --><b c='a>b'/></r>", "<a>".repeat(500));
        assert!(parse(&comment).is_ok());
        let row = format!("<r>{}</r>", "<b c=\"x>/\"></b>".repeat(500));
        assert!(parse(&row).is_ok());
        assert!(parse(&format!("<r><![CDATA[{}]]></r>", "<a>".repeat(500))).is_ok());
    }

    #[test]
    fn texts_of_either_encoding() {
        assert_eq!(text(b"\xEF\xBB\xBF<a/>\0\0").unwrap(), "<a/>");
        let little: Vec<u8> = [0xFEFFu16].into_iter().chain("<ä/>".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&little).unwrap(), "<ä/>");
        let big: Vec<u8> = [0xFEFFu16].into_iter().chain("<ä/>".encode_utf16()).flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&big).unwrap(), "<ä/>");
        assert!(matches!(text(b"\xFFabc"), Err(ExchangeError::NotText)));
        assert!(matches!(text(&vec![b' '; (16 << 20) + 1]), Err(ExchangeError::TooLarge { .. })));
    }

    #[test]
    fn what_is_escaped_reads_back() {
        let name = "O'Neil & <\"Söhne\">";
        let xml = format!("<a b='{0}'>{0}</a>", escaped(&format!("{name}\u{1}")));
        let document = parse(&xml).unwrap();
        assert_eq!(document.root_element().text(), Some(name));
        assert_eq!(document.root_element().attribute("b"), Some(name));
    }
}
