//! The sentences of a Fluent file.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;

/// Each key with the arguments that its sentence speaks of.
pub fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = parse(text).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
    let mut found = BTreeMap::new();
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                let mut arguments = BTreeSet::new();
                pattern(message.value.as_ref().expect("a sentence for each key"), &mut arguments);
                let twice = found.insert(message.id.name.to_owned(), arguments);
                assert!(twice.is_none(), "{} stands twice", message.id.name);
            }
            Entry::Junk { content } => panic!("no Fluent: {content}"),
            _ => {}
        }
    }
    found
}

fn pattern(of: &Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &of.elements {
        if let PatternElement::Placeable { expression } = element {
            self::expression(expression, arguments);
        }
    }
}

fn expression(of: &Expression<&str>, arguments: &mut BTreeSet<String>) {
    match of {
        Expression::Inline(inline) => self::inline(inline, arguments),
        Expression::Select { selector, variants } => {
            inline(selector, arguments);
            for variant in variants {
                pattern(&variant.value, arguments);
            }
        }
    }
}

fn inline(of: &InlineExpression<&str>, arguments: &mut BTreeSet<String>) {
    match of {
        InlineExpression::VariableReference { id } => {
            arguments.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => self::expression(expression, arguments),
        InlineExpression::FunctionReference { arguments: given, .. } => {
            given.positional.iter().for_each(|one| inline(one, arguments));
        }
        _ => {}
    }
}
