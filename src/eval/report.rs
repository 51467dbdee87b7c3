//! A finished sweep as text for other programs: JSON whole, CSV a line for each point.

use serde::Serialize;

use crate::types::{Estimate, OperatingPoint, SweepRun};

/// A line of the CSV; units stand in the names. Shares are means with the ends of their 95 % intervals.
#[derive(Default, Serialize)]
struct Line<'a> {
    spec: String,
    nprobe: u32,
    ef_search: u32,
    refine_factor: u32,
    lsh_candidates: u32,
    lsh_radius: Option<u32>,
    templates: u32,
    ntotal: usize,
    d: usize,
    k: usize,
    nq: usize,
    batch: usize,
    threads: usize,
    recall_at_k: f64,
    recall_at_k_low: f64,
    recall_at_k_high: f64,
    one_recall_at_1: f64,
    one_recall_at_1_low: f64,
    one_recall_at_1_high: f64,
    recall_mated: Option<f64>,
    recall_mated_low: Option<f64>,
    recall_mated_high: Option<f64>,
    recall_nonmated: Option<f64>,
    recall_nonmated_low: Option<f64>,
    recall_nonmated_high: Option<f64>,
    one_recall_mated: Option<f64>,
    one_recall_mated_low: Option<f64>,
    one_recall_mated_high: Option<f64>,
    fnir: Option<f64>,
    fnir_low: Option<f64>,
    fnir_high: Option<f64>,
    filter_share: Option<f64>,
    tail_share: f64,
    tombstone_share: f64,
    enrolling: bool,
    latency_p50_millis: f32,
    latency_p95_millis: f32,
    latency_p99_millis: f32,
    latency_n: usize,
    probes_per_sec: f64,
    ram_bytes: u64,
    disk_bytes: u64,
    build_secs: f32,
    model: &'a str,
    data_digest: &'a str,
    machine: &'a str,
}

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
///
/// # Errors
/// None for runs that were measured; the text of the writer.
pub fn csv_from_run(run: &SweepRun) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for point in &run.points {
        writer.serialize(line(run, point))?;
    }
    if run.points.is_empty() {
        // The header comes with the first line only.
        writer.serialize(Line::default())?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match text.find("\r\n") {
        Some(header) if run.points.is_empty() => Ok(text[..header + 2].to_owned()),
        _ => Ok(text),
    }
}

fn line<'a>(run: &'a SweepRun, point: &OperatingPoint) -> Line<'a> {
    let (params, latency) = (&point.params, &point.latency);
    let [mean, low, high] = [|it: Estimate| it.mean, |it: Estimate| it.low, |it: Estimate| it.high];
    Line {
        spec: point.spec.to_string(),
        nprobe: params.nprobe,
        ef_search: params.ef_search,
        refine_factor: params.refine_factor,
        lsh_candidates: params.lsh_candidates,
        lsh_radius: params.lsh_radius,
        templates: params.templates,
        ntotal: point.ntotal,
        d: point.d,
        k: point.k,
        nq: point.nq,
        batch: point.batch,
        threads: point.threads,
        recall_at_k: mean(point.recall_at_k),
        recall_at_k_low: low(point.recall_at_k),
        recall_at_k_high: high(point.recall_at_k),
        one_recall_at_1: mean(point.one_recall_at_1),
        one_recall_at_1_low: low(point.one_recall_at_1),
        one_recall_at_1_high: high(point.one_recall_at_1),
        recall_mated: point.recall_mated.map(mean),
        recall_mated_low: point.recall_mated.map(low),
        recall_mated_high: point.recall_mated.map(high),
        recall_nonmated: point.recall_nonmated.map(mean),
        recall_nonmated_low: point.recall_nonmated.map(low),
        recall_nonmated_high: point.recall_nonmated.map(high),
        one_recall_mated: point.one_recall_mated.map(mean),
        one_recall_mated_low: point.one_recall_mated.map(low),
        one_recall_mated_high: point.one_recall_mated.map(high),
        fnir: point.fnir.map(mean),
        fnir_low: point.fnir.map(low),
        fnir_high: point.fnir.map(high),
        filter_share: point.circumstances.filter,
        tail_share: point.circumstances.tail,
        tombstone_share: point.circumstances.tombstones,
        enrolling: point.circumstances.enrolling,
        latency_p50_millis: latency.p50_millis,
        latency_p95_millis: latency.p95_millis,
        latency_p99_millis: latency.p99_millis,
        latency_n: latency.n,
        probes_per_sec: point.probes_per_sec,
        ram_bytes: point.ram_bytes,
        disk_bytes: point.disk_bytes,
        build_secs: point.build_secs,
        model: &run.model,
        data_digest: &run.data_digest,
        machine: &run.machine,
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
                circumstances: crate::types::Circumstances::default(),
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

    #[test]
    fn csv_has_a_field_for_each_name() {
        let mut ivf = point(0.875, 1.5, 4096);
        ivf.spec = "IVF1024,PQ64,Refine(f16)".parse().unwrap();
        ivf.recall_mated = Some(Estimate { mean: 0.9, low: 0.8, high: 1.0 });
        let text = csv_from_run(&run_of(vec![ivf, point(1.0, 100.0, 1 << 20)])).unwrap();
        assert!(text.ends_with("\r\n"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().clone();
        let lines: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(lines.len(), 2);
        let field = |name: &str| &lines[0][header.iter().position(|it| it == name).unwrap()];
        assert_eq!(field("spec"), "IVF1024,PQ64,Refine(f16)");
        assert_eq!(field("nprobe"), "32");
        assert_eq!(field("lsh_radius"), "");
        assert_eq!(field("recall_at_k"), "0.875");
        assert_eq!(field("recall_mated_low"), "0.8");
        assert_eq!(field("recall_nonmated"), "");
        assert_eq!(field("latency_p50_millis"), "1.5");
        assert_eq!(field("latency_p99_millis"), "4.5");
        assert_eq!(field("ram_bytes"), "4096");
        assert_eq!(field("build_secs"), "1.0");
        assert_eq!(field("model"), "ir50, \"glint\"");
        assert_eq!(field("machine"), "8 cores, AVX2, Faiss 1.12");
    }

    #[test]
    fn json_goes_round() {
        let mut run = run_of(vec![point(0.5, 2.0, 3), point(1.0, 1.0, 1)]);
        run.problems.push(("PQ7".parse().unwrap(), "512 does not divide by 7".into()));
        assert_eq!(run_from_json(&json_from_run(&run).unwrap()).unwrap(), run);
        assert!(run_from_json("{\"points\": 3}").is_err());
    }
}
