//! A finished sweep as text for other programs: JSON whole, CSV a line for each point.

use std::fmt::Write;

use crate::types::{Estimate, OperatingPoint, SweepRun};

/// First line of the CSV; units stand in the names.
const HEADER: [&str; 39] = [
    "spec",
    "nprobe",
    "ef_search",
    "refine_factor",
    "lsh_candidates",
    "lsh_radius",
    "templates",
    "ntotal",
    "d",
    "k",
    "nq",
    "batch",
    "threads",
    "recall_at_k",
    "recall_at_k_low",
    "recall_at_k_high",
    "one_recall_at_1",
    "one_recall_at_1_low",
    "one_recall_at_1_high",
    "recall_mated",
    "recall_mated_low",
    "recall_mated_high",
    "recall_nonmated",
    "recall_nonmated_low",
    "recall_nonmated_high",
    "one_recall_mated",
    "one_recall_mated_low",
    "one_recall_mated_high",
    "latency_p50_millis",
    "latency_p95_millis",
    "latency_p99_millis",
    "latency_n",
    "probes_per_sec",
    "ram_bytes",
    "disk_bytes",
    "build_secs",
    "model",
    "data_digest",
    "machine",
];

/// The whole run, indented; [`run_from_json`] reads it again.
///
/// # Errors
/// None for runs that were measured; the text of serde for what JSON cannot hold.
pub fn json_from_run(run: &SweepRun) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(run)
}

/// # Errors
/// What is no run, with line and column.
pub fn run_from_json(text: &str) -> Result<SweepRun, serde_json::Error> {
    serde_json::from_str(text)
}

/// A header and a line for each point, with commas between and CR LF behind, as RFC 4180 describes it. What was not
/// measured is empty. Each line also names model, data and machine, so that the lines of several runs can be put
/// together.
pub fn csv_from_run(run: &SweepRun) -> String {
    let mut csv = HEADER.join(",") + "\r\n";
    for point in &run.points {
        let _ = write!(csv, "{}\r\n", csv_line(run, point));
    }
    csv
}

fn csv_line(run: &SweepRun, point: &OperatingPoint) -> String {
    let params = &point.params;
    let mut fields = vec![quoted(&point.spec.to_string())];
    fields
        .extend([params.nprobe, params.ef_search, params.refine_factor, params.lsh_candidates].map(|v| v.to_string()));
    fields.push(params.lsh_radius.map_or_else(String::new, |radius| radius.to_string()));
    fields.push(params.templates.to_string());
    let sizes = [point.ntotal, point.d, point.k, point.nq, point.batch, point.threads];
    fields.extend(sizes.map(|size| size.to_string()));
    fields
        .extend([point.recall_at_k, point.one_recall_at_1].into_iter().flat_map(|share| estimate_fields(Some(share))));
    let of_kinds = [point.recall_mated, point.recall_nonmated, point.one_recall_mated];
    fields.extend(of_kinds.into_iter().flat_map(estimate_fields));
    let latency = &point.latency;
    fields.extend([latency.p50_millis, latency.p95_millis, latency.p99_millis].map(|millis| millis.to_string()));
    fields.push(latency.n.to_string());
    fields.push(point.probes_per_sec.to_string());
    fields.extend([point.ram_bytes, point.disk_bytes].map(|bytes| bytes.to_string()));
    fields.push(point.build_secs.to_string());
    fields.extend([&run.model, &run.data_digest, &run.machine].map(|text| quoted(text)));
    fields.join(",")
}

fn estimate_fields(estimate: Option<Estimate>) -> [String; 3] {
    estimate.map_or_else(Default::default, |it| [it.mean, it.low, it.high].map(|share| share.to_string()))
}

/// A field with a comma, a quote or a line's end stands in quotes, and its own quotes twice.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::eval::pareto::tests::point;
    use crate::types::{ProbeSet, SweepRequest};

    pub(crate) fn run_of(points: Vec<OperatingPoint>) -> SweepRun {
        SweepRun {
            request: SweepRequest {
                specs: points.iter().map(|point| point.spec.clone()).collect(),
                nprobe: vec![16, 64],
                ef_search: vec![64],
                refine_factor: vec![4],
                lsh_candidates: vec![1000],
                templates: vec![10],
                probes: ProbeSet::HeldOut { nq: 100 },
                k: 10,
                batch: 1,
                threads: 1,
            },
            model: "ir50, \"glint\"".to_owned(),
            begun_at: 1_790_000_000_000,
            data_digest: "0f".repeat(32),
            ntotal: 1000,
            d: 512,
            machine: "8 cores, AVX2, Faiss 1.12".to_owned(),
            points,
            problems: Vec::new(),
        }
    }

    /// A reader of RFC 4180, to look at what was written from the other side.
    fn fields(line: &str) -> Vec<String> {
        let (mut fields, mut inside, mut chars) = (vec![String::new()], false, line.chars().peekable());
        while let Some(c) = chars.next() {
            let field = fields.last_mut().unwrap();
            match (c, inside) {
                ('"', true) if chars.peek() == Some(&'"') => field.push(chars.next().unwrap()),
                ('"', _) => inside = !inside,
                (',', false) => fields.push(String::new()),
                _ => field.push(c),
            }
        }
        fields
    }

    #[test]
    fn csv_has_a_field_for_each_name() {
        let mut ivf = point(0.875, 1.5, 4096);
        ivf.spec = "IVF1024,PQ64,Refine(f16)".parse().unwrap();
        ivf.recall_mated = Some(Estimate { mean: 0.9, low: 0.8, high: 1.0 });
        let csv = csv_from_run(&run_of(vec![ivf, point(1.0, 100.0, 1 << 20)]));
        let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
        assert_eq!(lines.len(), 3);
        for line in &lines {
            assert_eq!(fields(line).len(), HEADER.len(), "{line}");
        }
        let first = fields(lines[1]);
        let field = |name: &str| first[HEADER.iter().position(|it| *it == name).unwrap()].as_str();
        assert_eq!(field("spec"), "IVF1024,PQ64,Refine(f16)");
        assert_eq!(field("nprobe"), "32");
        assert_eq!(field("lsh_radius"), "");
        assert_eq!(field("recall_at_k"), "0.875");
        assert_eq!(field("recall_mated_low"), "0.8");
        assert_eq!(field("recall_nonmated"), "");
        assert_eq!(field("latency_p50_millis"), "1.5");
        assert_eq!(field("latency_p99_millis"), "4.5");
        assert_eq!(field("ram_bytes"), "4096");
        assert_eq!(field("build_secs"), "1");
        assert_eq!(field("model"), "ir50, \"glint\"");
        assert_eq!(field("machine"), "8 cores, AVX2, Faiss 1.12");
    }

    #[test]
    fn json_goes_round() {
        let mut run = run_of(vec![point(0.5, 2.0, 3), point(1.0, 1.0, 1)]);
        run.problems.push(("PQ7".parse().unwrap(), "512 does not divide by 7".to_owned()));
        assert_eq!(run_from_json(&json_from_run(&run).unwrap()).unwrap(), run);
        assert!(run_from_json("{\"points\": 3}").is_err());
    }
}
