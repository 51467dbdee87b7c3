use super::*;
use crate::exchange::regions::read_regions;

const SIZE: [u32; 2] = [400, 300];

fn named(name: &str, x: f32) -> NamedFace {
    NamedFace { name: name.to_owned(), bbox: BBox { x1: x, y1: 100.0, x2: x + 60.0, y2: 180.0 } }
}

fn text(edited: &Edited) -> &str {
    str::from_utf8(&edited.bytes).unwrap()
}

/// Names and places as they are read back and laid over the faces.
fn read_back(edited: &Edited, faces: &[NamedFace], orientation: u8) -> Vec<Option<String>> {
    let set = read_regions(&edited.bytes).unwrap().remove(0);
    let boxes: Vec<BBox> = faces.iter().map(|face| face.bbox).collect();
    let matched = match_regions(&set, SIZE, orientation, &boxes).unwrap();
    let mut names = vec![None; faces.len()];
    matched.pairs.iter().for_each(|&(region, face, iou)| {
        assert!(iou > 0.99, "{iou}");
        names[face] = set.regions[region].name.clone();
    });
    names
}

#[test]
fn a_new_sidecar_reads_back_in_every_orientation() {
    let faces = [named("Ada & <Bob> \"O'Neil\"", 10.0), named("Šárka 张伟", 300.0)];
    for orientation in 1..=8 {
        let edited = new_sidecar(&faces, SIZE, orientation);
        let names = faces.each_ref().map(|face| Some(face.name.clone()));
        assert_eq!(read_back(&edited, &faces, orientation), names, "orientation {orientation}");
        let wanted = if orientation < 5 { [400.0, 300.0] } else { [300.0, 400.0] };
        assert_eq!(read_regions(&edited.bytes).unwrap()[0].applied, Some(wanted));
    }
}

const OTHERS: &str = "\u{feff}<?xpacket begin='\u{feff}' id='W5M0MpCehiHzreSzNTczkc9d'?>\r\n<!-- mine -->\n\
    <x:xmpmeta xmlns:x='adobe:ns:meta/'><r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\n\
    <r:Description r:about='uuid:1' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='5'>\n\
    <dc:subject xmlns:dc='http://purl.org/dc/elements/1.1/'><r:Bag><r:li>sea &amp; sun</r:li></r:Bag></dc:subject>\n\
    </r:Description></r:RDF></x:xmpmeta>\n<?xpacket end='w'?>  \n";

#[test]
fn a_sidecar_without_regions_keeps_every_byte_that_it_has() {
    let faces = [named("Ada", 10.0)];
    let edited = edit_sidecar(OTHERS.as_bytes(), &faces, SIZE, 6).unwrap();
    assert_eq!((edited.added, edited.renamed, edited.kept), (1, 0, 0));
    let at = OTHERS.find("</r:RDF>").unwrap();
    assert!(text(&edited).starts_with(&OTHERS[..at]) && text(&edited).ends_with(&OTHERS[at..]));
    assert!(text(&edited).contains("rdf:about=\"uuid:1\""), "about the same thing as the others");
    assert_eq!(read_back(&edited, &faces, 6), [Some("Ada".to_owned())]);
    // Once more: nothing is to be changed.
    let again = edit_sidecar(&edited.bytes, &faces, SIZE, 6).unwrap();
    assert_eq!((again.added, again.renamed, again.kept), (0, 0, 1));
    assert_eq!(again.bytes, edited.bytes);
}

#[test]
fn regions_that_are_there_are_kept_renamed_and_added_to() {
    let before = new_sidecar(&[named("Ada", 10.0), named("Bob", 100.0), named("Not found", 200.0)], SIZE, 8);
    let pet = text(&before).replacen("<mwg-rs:Type>Face", "<mwg-rs:Extensions/><mwg-rs:Type>Face", 1);
    let faces = [named("ADA", 10.0), named("Eve", 100.0), named("Zoe", 320.0)];
    let edited = edit_sidecar(pet.as_bytes(), &faces, SIZE, 8).unwrap();
    assert_eq!((edited.added, edited.renamed, edited.kept), (1, 1, 1));
    let names = ["Ada", "Eve", "Zoe"].map(|name| Some(name.to_owned()));
    assert_eq!(read_back(&edited, &faces, 8), names, "a name that is written differently is the same");
    let all = read_regions(&edited.bytes).unwrap().remove(0);
    assert_eq!(all.regions.len(), 4);
    assert!(text(&edited).contains("Not found") && text(&edited).contains("<mwg-rs:Extensions/>"));
}

/// Attributes, another prefix, a list that is empty, areas in pixels of the upright picture.
#[test]
fn other_forms_of_rdf_are_added_to_in_their_own_frame() {
    let with = |list: &str| {
        format!(
            "<r:RDF xmlns:r='{RDF}'><r:Description xmlns:m='{MWG}' xmlns:a='{AREA}'><m:Regions><r:Description>\
             <m:AppliedToDimensions a:w='400' a:h='300'/><m:RegionList>{list}</m:RegionList></r:Description></m:Regions>\
             </r:Description></r:RDF>"
        )
    };
    let faces = [named("Ada", 10.0), named("Bob", 100.0)];
    let wanted = ["Ada", "Bob"].map(|name| Some(name.to_owned()));
    for list in [
        "<r:Bag/>".to_owned(),
        "<r:Seq ></r:Seq>".to_owned(),
        "<r:Bag><r:li m:Type='Face' m:Name='Eve'><m:Area a:x='130' a:y='140' a:w='60' a:h='80' a:unit='pixel'/></r:li></r:Bag>"
            .to_owned(),
        "<r:Bag><r:li><r:Description m:Type='Face'><m:Area a:x='.1' a:y='.4666667' a:w='.15' a:h='.2666667'/>\
         </r:Description></r:li></r:Bag>"
            .to_owned(),
    ] {
        let edited = edit_sidecar(with(&list).as_bytes(), &faces, SIZE, 6).unwrap();
        assert_eq!(edited.added + edited.renamed, 2, "{list}");
        assert_eq!(read_back(&edited, &faces, 6), wanted, "{list}");
        assert!(text(&edited).contains("a:w='400'"));
    }
}

#[test]
fn what_cannot_be_changed_with_certainty_is_refused() {
    let faces = [named("Ada", 10.0)];
    let refused = |text: &str| edit_sidecar(text.as_bytes(), &faces, SIZE, 1).unwrap_err();
    assert!(matches!(refused("<a"), ExchangeError::Xml(_)));
    assert!(matches!(refused("<html/>"), ExchangeError::NotXmp));
    assert!(matches!(refused("<!DOCTYPE a><a/>"), ExchangeError::Dtd));
    let other = String::from_utf8(new_sidecar(&faces, [300, 300], 1).bytes).unwrap();
    assert!(matches!(refused(&other), ExchangeError::OtherPicture(..)));
    let utf16: Vec<u8> = OTHERS.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(edit_sidecar(&utf16, &faces, SIZE, 1), Err(ExchangeError::NotUtf8 | ExchangeError::Xml(_))));
    let empty = format!("<r:RDF xmlns:r='{RDF}'><r:Description xmlns:m='{MWG}'><m:Regions/></r:Description></r:RDF>");
    assert!(matches!(refused(&empty), ExchangeError::OtherForm));
    let closed = format!("<r:RDF xmlns:r='{RDF}'/>");
    let edited = edit_sidecar(closed.as_bytes(), &faces, SIZE, 1).unwrap();
    assert_eq!(read_back(&edited, &faces, 1), [Some("Ada".to_owned())]);
}
