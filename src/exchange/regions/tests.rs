use super::*;

/// What each program writes for Ada at the left and a pet, with the namespaces that it declares.
const ELEMENTS: &str = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions rdf:parseType="Resource">
<stDim:w>4000</stDim:w><stDim:h>3000</stDim:h><stDim:unit>pixel</stDim:unit></mwg-rs:AppliedToDimensions>
<mwg-rs:RegionList><rdf:Bag>
<rdf:li rdf:parseType="Resource"><mwg-rs:Name>Ada &amp; Co</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>
<mwg-rs:Area rdf:parseType="Resource"><stArea:x>0.25</stArea:x><stArea:y>0.5</stArea:y><stArea:w>0.1</stArea:w>
<stArea:h>0.2</stArea:h><stArea:unit>normalized</stArea:unit></mwg-rs:Area></rdf:li>
<rdf:li rdf:parseType="Resource"><mwg-rs:Name>Rex</mwg-rs:Name><mwg-rs:Type>Pet</mwg-rs:Type>
<mwg-rs:Area stArea:x="0.7" stArea:y="0.5" stArea:w="0.1" stArea:h="0.2" stArea:unit="normalized"/></rdf:li>
</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"#;

const ATTRIBUTES: &str = r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<R:RDF xmlns:R="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><R:Description R:about=""
 xmlns:m="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:d="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
 xmlns:a="http://ns.adobe.com/xmp/sType/Area#"><m:Regions><R:Description><m:AppliedToDimensions d:w="4000" d:h="3000" d:unit="pixel"/>
<m:RegionList><R:Seq><R:li><R:Description m:Type="Face" m:Name="Ada &amp; Co"><m:Area a:x="1000" a:y="1500" a:w="400" a:h="600" a:unit="pixel"/>
</R:Description></R:li><R:li m:Type="Focus"><m:Area a:x="0,5" a:y="0,5" a:w="0,1" a:h="0,1"/></R:li></R:Seq></m:RegionList>
</R:Description></m:Regions></R:Description></R:RDF>"#;

fn near(area: [f64; 4], wanted: [f64; 4]) -> bool {
    area.iter().zip(wanted).all(|(one, other)| (one - other).abs() < 1e-9)
}

#[test]
fn mwg_in_every_form_of_rdf_and_with_any_prefix() {
    for (text, form) in [(ELEMENTS, "elements"), (ATTRIBUTES, "attributes, pixels")] {
        let sets = read_regions(text.as_bytes()).unwrap();
        let [set] = sets.as_slice() else { panic!("{form}: {sets:?}") };
        assert_eq!(
            (set.form, set.applied, set.others, set.unusable),
            (Form::Mwg, Some([4000.0, 3000.0]), 1, 0),
            "{form}"
        );
        assert_eq!(set.regions.len(), 1);
        assert_eq!(set.regions[0].name.as_deref(), Some("Ada & Co"), "{form}");
        assert!(near(set.regions[0].area, [0.2, 0.4, 0.3, 0.6]), "{form}: {:?}", set.regions[0].area);
    }
}

#[test]
fn microsoft_photo_gives_left_and_top() {
    let text = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
      xmlns:MP="http://ns.microsoft.com/photo/1.2/"><MP:RegionInfo xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
      xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"><rdf:Description><MPRI:Regions><rdf:Bag>
      <rdf:li MPReg:Rectangle="0.2, 0.4, 0.1, 0.2" MPReg:PersonDisplayName="Ada"/>
      <rdf:li rdf:parseType="Resource"><MPReg:Rectangle>0.5,0.5,0.1,0.1</MPReg:Rectangle></rdf:li>
      <rdf:li MPReg:PersonDisplayName="only said to be there"/>
      </rdf:Bag></MPRI:Regions></rdf:Description></MP:RegionInfo></rdf:Description></rdf:RDF>"#;
    let sets = read_regions(text.as_bytes()).unwrap();
    assert_eq!((sets.len(), sets[0].form, sets[0].applied, sets[0].unusable), (1, Form::Microsoft, None, 1));
    assert_eq!(sets[0].regions[0].name.as_deref(), Some("Ada"));
    assert!(near(sets[0].regions[0].area, [0.2, 0.4, 0.3, 0.6]));
    assert_eq!(sets[0].regions[1].name, None);
}

#[test]
fn acdsee_goes_by_what_the_person_drew() {
    let text = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
      xmlns:acdsee-rs="http://ns.acdsee.com/regions/" xmlns:s="http://ns.acdsee.com/sType/Area#"
      xmlns:t="http://ns.acdsee.com/sType/Dimensions#">
      <acdsee-rs:Regions rdf:parseType="Resource"><acdsee-rs:AppliedToDimensions t:w="40" t:h="30" t:unit="pixel"/>
      <acdsee-rs:RegionList><rdf:Bag>
      <rdf:li acdsee-rs:Type="Face" acdsee-rs:Name="Ada"><acdsee-rs:DLYArea s:x="0.25" s:y="0.5" s:w="0.1" s:h="0.2"/>
      <acdsee-rs:ALGArea s:x="0.5" s:y="0.5" s:w="0.1" s:h="0.2"/></rdf:li>
      <rdf:li acdsee-rs:Type="Face"><acdsee-rs:ALGArea s:x="0.5" s:y="0.5" s:w="0.2" s:h="0.2"/></rdf:li>
      </rdf:Bag></acdsee-rs:RegionList></acdsee-rs:Regions></rdf:Description></rdf:RDF>"#;
    let sets = read_regions(text.as_bytes()).unwrap();
    assert_eq!((sets[0].form, sets[0].applied), (Form::Acdsee, Some([40.0, 30.0])));
    assert!(near(sets[0].regions[0].area, [0.2, 0.4, 0.3, 0.6]));
    assert!(near(sets[0].regions[1].area, [0.4, 0.4, 0.6, 0.6]));
}

#[test]
fn what_is_no_area_or_no_name_is_counted() {
    let with = |name: &str, area: &str| {
        let text = ELEMENTS.replace("Ada &amp; Co", name).replace("<stArea:w>0.1</stArea:w>", area);
        let set = read_regions(text.as_bytes()).unwrap().remove(0);
        (set.regions.len(), set.unusable)
    };
    assert_eq!(with("Ada", "<stArea:w>0.1</stArea:w>"), (1, 0));
    assert_eq!(with("Ada", ""), (0, 1), "a point");
    for width in ["0", "-0.1", "NaN", "inf", "1e300", "x"] {
        assert_eq!(with("Ada", &format!("<stArea:w>{width}</stArea:w>")), (0, 1), "{width}");
    }
    assert_eq!(with(&"A".repeat(501), "<stArea:w>0.1</stArea:w>"), (0, 1));
    let nameless = read_regions(ELEMENTS.replace("Ada &amp; Co", " ").as_bytes()).unwrap();
    assert_eq!(nameless[0].regions[0].name, None);
}

#[test]
fn more_regions_than_a_crowd_has_are_counted_and_not_kept() {
    let item = r#"<rdf:li m:Type="Face"><m:Area a:x="0.5" a:y="0.5" a:w="0.1" a:h="0.1"/></rdf:li>"#;
    let text = format!(
        r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="http://ns.adobe.com/xmp/sType/Area#"
        xmlns:m="http://www.metadataworkinggroup.com/schemas/regions/"><m:Regions><m:RegionList><rdf:Bag>{}</rdf:Bag>
        </m:RegionList></m:Regions></rdf:RDF>"#,
        item.repeat(1500)
    );
    let set = read_regions(text.as_bytes()).unwrap().remove(0);
    assert_eq!((set.regions.len(), set.unusable), (1000, 500));
}

#[test]
fn every_cut_of_a_packet_is_an_error_and_no_panic() {
    for text in [ELEMENTS, ATTRIBUTES] {
        let end = text.rfind("</").unwrap();
        for cut in 1..end {
            assert!(read_regions(&text.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
    }
    assert_eq!(read_regions(b"<a/>").unwrap(), []);
}
