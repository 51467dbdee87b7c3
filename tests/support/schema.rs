//! Holding JSON lines against the schema that the program tells.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Map, Value};

/// What `likeness --schema` prints.
pub static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let output = Command::new(env!("CARGO_BIN_EXE_likeness")).arg("--schema").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
});

/// The `type`s that the schema knows.
pub fn types() -> BTreeSet<String> {
    branches().iter().map(|branch| type_of(branch).to_owned()).collect()
}

/// Panics where a line is not what the schema says, or has a key that the schema does not name.
pub fn check_line(line: &Value) {
    let kind = line["type"].as_str().unwrap_or_else(|| panic!("a line without a type: {line}"));
    let branch = branches().iter().find(|branch| type_of(branch) == kind);
    let branch = branch.unwrap_or_else(|| panic!("the schema knows no line of type {kind}: {line}"));
    if let Err(problem) = closed(branch, line, "") {
        panic!("{problem}\nin {line}");
    }
}

fn branches() -> &'static [Value] {
    SCHEMA["oneOf"].as_array().unwrap()
}

fn type_of(branch: &Value) -> &str {
    branch["properties"]["type"]["const"].as_str().unwrap()
}

/// Checks a value of its own: every key of an object must have been named by some part of the schema.
fn closed(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let named = fits(schema, value, at)?;
    match value.as_object().and_then(|object| object.keys().find(|key| !named.contains(*key))) {
        Some(key) if schema != &Value::Bool(true) => Err(format!("{at}/{key} is not in the schema")),
        _ => Ok(()),
    }
}

/// The keys of an object that the schema names. Knows the words that our schema uses, and refuses others, so that none is
/// passed over.
fn fits(schema: &Value, value: &Value, at: &str) -> Result<BTreeSet<String>, String> {
    let mut named = BTreeSet::new();
    let Some(words) = schema.as_object() else { return Ok(named) };
    for (word, what) in words {
        match word.as_str() {
            "$schema" | "$defs" | "title" | "description" | "format" | "default" => {}
            "$ref" => {
                let pointer = what.as_str().unwrap().strip_prefix('#').unwrap();
                named.extend(fits(SCHEMA.pointer(pointer).unwrap(), value, at)?);
            }
            "type" => {
                let of_types = |types: &[Value]| types.iter().any(|one| is_of_type(value, one.as_str().unwrap()));
                if !what.as_array().map_or_else(|| of_types(std::slice::from_ref(what)), |types| of_types(types)) {
                    return Err(format!("{at} is not of type {what}: {value}"));
                }
            }
            "const" if what != value => return Err(format!("{at} is not {what}: {value}")),
            "enum" if !what.as_array().unwrap().contains(value) => {
                return Err(format!("{at} is none of {what}: {value}"));
            }
            "const" | "enum" => {}
            "required" => {
                let missing = what.as_array().unwrap().iter().find(|key| value.get(key.as_str().unwrap()).is_none());
                if let (Some(key), true) = (missing, value.is_object()) {
                    return Err(format!("{at} lacks {key}"));
                }
            }
            "properties" => named.extend(properties(what.as_object().unwrap(), value, at)?),
            "additionalProperties" => {
                let listed = words.get("properties").and_then(Value::as_object);
                for (key, value) in value.as_object().into_iter().flatten() {
                    if !listed.is_some_and(|listed| listed.contains_key(key)) {
                        closed(what, value, &format!("{at}/{key}"))?;
                        named.insert(key.clone());
                    }
                }
            }
            "propertyNames" => {
                for key in value.as_object().into_iter().flat_map(Map::keys) {
                    fits(what, &Value::String(key.clone()), at)?;
                }
            }
            "prefixItems" => {
                for (n, (schema, value)) in what.as_array().unwrap().iter().zip(items(value)).enumerate() {
                    closed(schema, value, &format!("{at}/{n}"))?;
                }
            }
            "items" => {
                for (n, value) in items(value).iter().enumerate() {
                    closed(what, value, &format!("{at}/{n}"))?;
                }
            }
            "minItems" if items(value).len() >= what.as_u64().unwrap() as usize || !value.is_array() => {}
            "maxItems" if items(value).len() <= what.as_u64().unwrap() as usize || !value.is_array() => {}
            "minimum" if value.as_f64().is_none_or(|value| value >= what.as_f64().unwrap()) => {}
            "maximum" if value.as_f64().is_none_or(|value| value <= what.as_f64().unwrap()) => {}
            "minItems" | "maxItems" | "minimum" | "maximum" => {
                return Err(format!("{at} breaks {word} {what}: {value}"));
            }
            "allOf" => {
                for schema in what.as_array().unwrap() {
                    named.extend(fits(schema, value, at)?);
                }
            }
            "anyOf" | "oneOf" => {
                let ways: Vec<_> = what.as_array().unwrap().iter().map(|schema| fits(schema, value, at)).collect();
                if !ways.iter().any(Result::is_ok) {
                    return Err(format!("{at} fits no choice: {value}; {ways:?}"));
                }
                named.extend(ways.into_iter().flatten().flatten());
            }
            other => panic!("this test knows no “{other}”, which the schema uses: {schema}"),
        }
    }
    Ok(named)
}

fn properties(schemas: &Map<String, Value>, value: &Value, at: &str) -> Result<BTreeSet<String>, String> {
    let mut named = BTreeSet::new();
    for (key, schema) in schemas {
        if let Some(value) = value.get(key) {
            closed(schema, value, &format!("{at}/{key}"))?;
            named.insert(key.clone());
        }
    }
    Ok(named)
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn is_of_type(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("unknown type {other}"),
    }
}
