//! HEIC and AVIF: boxes within boxes (ISO/IEC 14496-12 and 23008-12). XMP is an item of its own; the turning stands in
//! properties of the picture, and EXIF's is not followed.

use std::io::{Read, Seek};

use super::embedded::Embedded;
use super::source::{Source, be, be16, be32};
use crate::exchange::ExchangeError;
use crate::exchange::place::composed;

const MOST_BOXES: usize = 4096;
const XMP_TYPE: &[u8] = b"application/rdf+xml";

pub(super) fn read<R: Read + Seek>(source: &mut Source<R>) -> Result<Embedded, ExchangeError> {
    let mut at = 0;
    for _ in 0..MOST_BOXES {
        let head = source.some(at, 16)?;
        let Some((kind, begin, length)) = box_head(&head, source.len().saturating_sub(at)) else { break };
        if &kind == b"meta" {
            let meta = source.whole(at + begin, length - begin)?;
            // Version and flags come first.
            return of_meta(source, meta.get(4..).unwrap_or_default());
        }
        at += length;
    }
    Ok(Embedded::default())
}

/// Kind, where the body begins, and the length with the head; at most `left` bytes.
fn box_head(head: &[u8], left: u64) -> Option<([u8; 4], u64, u64)> {
    let kind = head.get(4..8)?.try_into().ok()?;
    let (begin, length) = match be32(head, 0)? {
        0 => (8, left),
        1 => (16, be(head, 8, 8)?),
        length => (8, length),
    };
    (length >= begin && length <= left).then_some((kind, begin, length))
}

/// The boxes of a body.
fn boxes(body: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let (kind, begin, length) = box_head(rest, rest.len() as u64)?;
        let (this, next) = rest.split_at(usize::try_from(length).ok()?);
        rest = next;
        Some((kind, &this[begin as usize..]))
    })
    .take(MOST_BOXES)
}

fn child<'a>(body: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(body).find(|(kind, _)| kind == name).map(|(_, body)| body)
}

fn of_meta<R: Read + Seek>(source: &mut Source<R>, meta: &[u8]) -> Result<Embedded, ExchangeError> {
    let orientation = child(meta, b"iprp").and_then(|properties| turned(meta, properties)).unwrap_or(1);
    let item = child(meta, b"iinf").and_then(xmp_item);
    let extents = item.and_then(|item| extents(child(meta, b"iloc")?, item)).unwrap_or_default();
    let mut xmp = Vec::new();
    for (within, at, length) in extents {
        if within {
            let held = child(meta, b"idat").unwrap_or_default();
            let range = usize::try_from(at).ok().zip(usize::try_from(at.saturating_add(length)).ok());
            xmp.extend(range.and_then(|(at, end)| held.get(at..end)).ok_or(ExchangeError::Cut)?);
        } else {
            // No length: to the end of the file.
            let length = if length == 0 { source.len().saturating_sub(at) } else { length };
            xmp.extend(source.whole(at, length)?);
        }
        if xmp.len() as u64 > crate::exchange::xml::MOST_BYTES {
            return Err(ExchangeError::TooLarge { limit: crate::exchange::xml::MOST_BYTES });
        }
    }
    Ok(Embedded { xmp: Some(xmp).filter(|xmp| !xmp.is_empty()), extended: None, orientation })
}

/// The number of the item that is XMP.
fn xmp_item(iinf: &[u8]) -> Option<u64> {
    let entries = if *iinf.first()? == 0 { iinf.get(6..)? } else { iinf.get(8..)? };
    boxes(entries).filter(|(kind, _)| kind == b"infe").find_map(|(_, entry)| {
        let (id, rest) = match entry.first()? {
            2 => (be16(entry, 4)?, entry.get(8..)?),
            3 => (be32(entry, 4)?, entry.get(10..)?),
            _ => return None,
        };
        let mut texts = rest.strip_prefix(b"mime")?.split(|byte| *byte == 0);
        let (_name, kind) = (texts.next()?, texts.next()?);
        (kind == XMP_TYPE).then_some(id)
    })
}

/// Where an item lies: whether within the box `idat` rather than in the file, its place and its length.
fn extents(iloc: &[u8], item: u64) -> Option<Vec<(bool, u64, u64)>> {
    let version = *iloc.first()?;
    let sizes = be16(iloc, 4)?;
    let [offset, length, base, index] = [12, 8, 4, 0].map(|shift| (sizes >> shift & 15) as usize);
    let index = if version == 0 { 0 } else { index };
    let id_size = if version < 2 { 2 } else { 4 };
    let items = be(iloc, 6, id_size)?;
    let mut at = 6 + id_size;
    for _ in 0..items {
        let id = be(iloc, at, id_size)?;
        at += id_size;
        let within = if version == 0 { 0 } else { be16(iloc, at)? & 15 };
        at += if version == 0 { 2 } else { 4 }; // with the number of the file that it lies in
        let begin = be(iloc, at, base)?;
        let count = be16(iloc, at + base)?;
        at += base + 2;
        if count > 1 && index + offset + length == 0 {
            return None; // extents that are written in no bytes could be any number
        }
        let mut found = Vec::new();
        for _ in 0..count {
            at += index;
            let (place, bytes) = (be(iloc, at, offset)?, be(iloc, at + offset, length)?);
            at += offset + length;
            if id == item {
                found.push((within == 1, begin.checked_add(place)?, bytes));
            }
        }
        if id == item {
            return (within < 2).then_some(found);
        }
    }
    None
}

/// How the main picture is turned by its properties, in their order.
fn turned(meta: &[u8], properties: &[u8]) -> Option<u8> {
    let main = child(meta, b"pitm").and_then(|pitm| match pitm.first()? {
        0 => be16(pitm, 4),
        _ => be32(pitm, 4),
    })?;
    let known: Vec<([u8; 4], &[u8])> = boxes(child(properties, b"ipco")?).collect();
    let mut orientation = 1;
    for number in associations(child(properties, b"ipma")?, main)? {
        let property = number.checked_sub(1).and_then(|at| known.get(at));
        let told = match property.map(|(kind, body)| (kind, *body)) {
            Some((b"irot", body)) => [1, 8, 3, 6][usize::from(body.first()? & 3)],
            Some((b"imir", body)) => [2, 4][usize::from(body.first()? & 1)],
            _ => continue,
        };
        orientation = composed(orientation, told);
    }
    Some(orientation)
}

/// The numbers of an item's properties, from 1.
fn associations(ipma: &[u8], item: u64) -> Option<Vec<usize>> {
    let id_size = if *ipma.first()? == 0 { 2 } else { 4 };
    let number_size = if ipma.get(3)? & 1 == 0 { 1 } else { 2 };
    let mut at = 8;
    for _ in 0..be32(ipma, 4)? {
        let id = be(ipma, at, id_size)?;
        let count = usize::from(*ipma.get(at + id_size)?);
        at += id_size + 1;
        if id == item {
            // The highest bit says whether a reader must know the property.
            let mask = if number_size == 1 { 0x7F } else { 0x7FFF };
            let number = |n| Some((be(ipma, at + n * number_size, number_size)? & mask) as usize);
            return (0..count).map(number).collect();
        }
        at += count * number_size;
    }
    None
}
