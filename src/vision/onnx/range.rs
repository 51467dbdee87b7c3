use super::plan::{Plan, ValueId};

/// What pixels of 0…255 have to become before they go in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueRange {
    /// They go in as they are: the graph itself brings them to its range.
    Bytes,
    /// 0…1.
    Unit,
}

/// Looks at what the graph does first. `None` where that says nothing, as in a network that takes −1…1.
pub(super) fn detect(plan: &Plan) -> Option<ValueRange> {
    let mut value = plan.input;
    let first = loop {
        // A network that uses its input in two places does not begin with a change of its range.
        let mut users = plan.steps.iter().filter(|step| step.inputs.contains(&Some(value)));
        let (step, None) = (users.next()?, users.next()) else { return None };
        match step.op_type.as_str() {
            "Transpose" | "Cast" => value = step.output,
            _ => break step,
        }
    };
    let number = |id: Option<ValueId>| {
        let tensor = plan.constants.get(&id?)?.as_tensor();
        if !tensor.is_floating_point() || !matches!(tensor.numel(), 1 | 3) {
            return None;
        }
        tensor.f_mean(tch::Kind::Float).and_then(|mean| mean.f_double_value(&[])).ok().map(f64::abs)
    };
    let other = if first.inputs.first() == Some(&Some(value)) { first.inputs.get(1) } else { first.inputs.first() };
    let constant = number(other.copied().flatten())?;
    match (first.op_type.as_str(), constant) {
        ("Sub" | "Add", 90.0..=140.0) | ("Div", 50.0..=256.0) | ("Mul", 0.003..=0.02) => Some(ValueRange::Bytes),
        ("Sub" | "Add", 0.3..=0.6) | ("Div", 0.2..=0.6) | ("Mul", 1.6..=5.0) => Some(ValueRange::Unit),
        _ => None,
    }
}
