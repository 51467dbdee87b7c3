//! RDF as XMP writes it: a property is an attribute or an element, a structure stands in an `rdf:Description` or in the
//! property itself. Within a structure properties are told by their local names alone; prefixes mean nothing.

use roxmltree::Node;

pub(super) const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// A property's value as a structure.
pub(super) type Structure<'a> = Node<'a, 'a>;

/// The nodes whose attributes and children are a structure's properties.
fn holders<'a>(structure: Structure<'a>) -> impl Iterator<Item = Structure<'a>> {
    let within = structure.children().filter(|child| child.has_tag_name((RDF, "Description")));
    std::iter::once(structure).chain(within)
}

/// The element of a property.
pub(super) fn element<'a>(structure: Structure<'a>, name: &str) -> Option<Structure<'a>> {
    holders(structure).flat_map(|holder| holder.children()).find(|child| {
        child.is_element() && child.tag_name().name() == name && child.tag_name().namespace() != Some(RDF)
    })
}

/// A property that is text, trimmed; `None` where nothing is left.
pub(super) fn value<'a>(structure: Structure<'a>, name: &str) -> Option<String> {
    let written = holders(structure)
        .flat_map(|holder| holder.attributes())
        .find(|attribute| attribute.name() == name && attribute.namespace().is_some_and(|space| space != RDF));
    let text = match written {
        Some(attribute) => attribute.value().to_owned(),
        None => {
            let element = element(structure, name)?;
            let value = element.children().find(|child| child.has_tag_name((RDF, "value"))).unwrap_or(element);
            value.children().filter_map(|child| child.text().filter(|_| child.is_text())).collect()
        }
    };
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A number, with a point or, as some programs wrote it, a comma.
pub(super) fn number(structure: Structure<'_>, name: &str) -> Option<f64> {
    number_of(&value(structure, name)?)
}

pub(super) fn number_of(text: &str) -> Option<f64> {
    text.trim().replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite())
}

/// The bag of a property that is a list.
pub(super) fn bag<'a>(property: Structure<'a>) -> Option<Structure<'a>> {
    let is_list = |child: &Structure<'a>| ["Bag", "Seq", "Alt"].iter().any(|list| child.has_tag_name((RDF, *list)));
    property.children().find(is_list)
}

/// The items of a list.
pub(super) fn items<'a>(bag: Structure<'a>) -> impl Iterator<Item = Structure<'a>> {
    bag.children().filter(|child| child.has_tag_name((RDF, "li")))
}
