use likeness::app::{
    AppState, JobKind, JobState, LiveStream, Load, PresetView, SavedSweep, Screen, StreamInfo, SweepView, TuneView,
};
use likeness::types::{
    Advice, Circumstances, Estimate, GenerationInfo, IdentificationCurve, IdentificationPoint, IndexOverview,
    IndexSpec, Latency, OperatingPoint, ProbeSet, SearchParams, SweepRequest, SweepRun, TuneSample, TuneSettings,
};

pub const DIGEST: &str = "4f1d09c2b7aa35e8901122334455667788990011aabbccddeeff001122334455";

pub fn spec(text: &str) -> IndexSpec {
    text.parse().expect("a spec")
}

pub fn estimate(mean: f64, half: f64) -> Estimate {
    Estimate { mean, low: (mean - half).max(0.0), high: (mean + half).min(1.0) }
}

pub fn latency(p50_millis: f32) -> Latency {
    Latency { p50_millis, p95_millis: p50_millis * 1.7, p99_millis: p50_millis * 2.9, n: 4_812 }
}

pub fn params() -> SearchParams {
    SearchParams { nprobe: 64, ..SearchParams::default() }
}

pub fn overview(text: &str) -> IndexOverview {
    IndexOverview {
        spec: spec(text),
        params: params(),
        ntotal: 112_903,
        d: 512,
        generation: Some(17),
        ram_bytes: 9_032_240,
        disk_bytes: 240_120_000,
        in_tail: 1_204,
        tombstones: 37,
        grown_since_training: 0.064,
        imbalance: Some(1.38),
        quantisation_error: Some([0.1214, 0.1302]),
        latency: Some(latency(0.92)),
    }
}

pub fn generations() -> Vec<GenerationInfo> {
    let generation = |number, text: &str, is_current, problem: Option<&str>| GenerationInfo {
        number,
        spec: spec(text),
        params: params(),
        ntotal: 111_700 - (17 - number as usize) * 3_000,
        built_at: 1_760_000_000_000 - (17 - number as i64) * 86_400_000,
        build_secs: 48.2,
        disk_bytes: 238_000_000,
        data_digest: DIGEST.to_owned(),
        is_current,
        problem: problem.map(Into::into),
    };
    vec![
        generation(17, "IVF2048,PQ64,Refine(f16)", true, None),
        generation(16, "PCA192,IVF4096,PQ64x4fsr,Refine(f16)", false, None),
        generation(15, "Flat", false, Some("The file of ids is 12 bytes short.")),
    ]
}

pub fn presets() -> Vec<PresetView> {
    let preset = |name: &str, text: &str, useful: &str, not_useful: &str| PresetView {
        name: name.to_owned(),
        spec: spec(text),
        params: params(),
        useful_for: useful.to_owned(),
        not_useful_for: not_useful.to_owned(),
    };
    vec![
        preset(
            "exact",
            "Flat",
            "galleries below 100,000 faces, and whenever nothing may be missed",
            "answers within milliseconds among millions",
        ),
        preset(
            "graph",
            "PCA192,HNSW32,SQfp16,Refine(f16)",
            "the quickest search without names, where memory allows about 0.7 KB a face",
            "galleries that lose many faces: they stay in the graph until it is built again",
        ),
        preset(
            "lean",
            "PCA192,IVF4096,PQ64x4fsr,Refine(f16)",
            "millions of faces in little memory; exact vectors stay on the disk",
            "slow disks, and embeddings that use all their dimensions",
        ),
        preset(
            "honest-impostors",
            "LSH1024,Flat,Refine(f16)",
            "false alarm rates that hold: the nearest strangers are found, too",
            "answers in less than ten milliseconds among a million",
        ),
        preset("ivf-flat", "IVF1024,Flat", "a first look at lists", "recall: faces barely cluster"),
    ]
}

pub fn advice() -> Advice {
    Advice {
        spec: spec("PCA192,HNSW32,SQfp16,Refine(f16)"),
        params: SearchParams { ef_search: 96, ..SearchParams::default() },
        reasons: vec![
            "Exact search would take about 13 ms and 231 MB.".into(),
            "A graph finds 99.7 in 100 of the nearest faces and fits into the memory you allow.".into(),
        ],
        predicted_ram_bytes: 79_000_000,
        predicted_disk_bytes: 195_000_000,
        predicted_build_secs: 84.0,
        predicted_p50_millis: 0.45,
        trial: None,
    }
}

/// A stream that has run for two minutes with one move of a slider.
pub fn stream(samples: usize) -> LiveStream {
    let settings = TuneSettings { params: params(), k: 10, probes: ProbeSet::GallerySample { nq: 1000, noise: 0.3 } };
    let info =
        StreamInfo { request: 1, nq: 1000, threads: 1, data_digest: DIGEST.to_owned(), exact: Some(latency(13.4)) };
    let mut live = LiveStream { settings, running: true, info: Some(info), ..LiveStream::default() };
    for i in 0..samples {
        let is_late = i * 2 > samples;
        let wave = ((i as f64) * 0.7).sin() * 0.004;
        let width = 0.012 + 0.05 / (1.0 + (i % (samples / 2 + 1)) as f64 * 0.4);
        let (recall, one, p50) = if is_late { (0.931, 0.978, 1.62) } else { (0.857, 0.925, 0.88) };
        let at_secs = i as f32 * 0.2;
        let ripple = 1.0 + ((i * 37 % 11) as f32) * 0.02;
        live.push(TuneSample {
            request: if is_late { 2 } else { 1 },
            at_secs,
            recall_at_k: estimate(recall + wave, width),
            one_recall_at_1: estimate(one + wave * 0.6, width * 0.7),
            latency: latency(p50 * ripple),
            millis: (0..2000).map(|j| p50 * (0.6 + ((j * 7919 % 1000) as f32 / 1000.0).powi(3) * 2.6)).collect(),
        });
    }
    live
}

pub fn point(text: &str, params: SearchParams, recall: f64, p50_millis: f32, ram_bytes: u64) -> OperatingPoint {
    OperatingPoint {
        spec: spec(text),
        params,
        ntotal: 112_903,
        d: 512,
        k: 10,
        nq: 1000,
        batch: 1,
        threads: 1,
        recall_at_k: estimate(recall, 0.006),
        one_recall_at_1: estimate((recall + 0.02).min(1.0), 0.004),
        recall_mated: Some(estimate(recall, 0.008)),
        recall_nonmated: Some(estimate(recall * 0.34, 0.02)),
        one_recall_mated: Some(estimate((recall + 0.02).min(1.0), 0.005)),
        fnir: None,
        circumstances: Circumstances::default(),
        latency: latency(p50_millis),
        probes_per_sec: 1000.0 / f64::from(p50_millis),
        ram_bytes,
        disk_bytes: 240_000_000,
        build_secs: 48.0 + p50_millis,
    }
}

pub fn run() -> SweepRun {
    let with = |nprobe, ef_search| SearchParams { nprobe, ef_search, ..SearchParams::default() };
    let mut points = vec![point("Flat", SearchParams::default(), 1.0, 13.4, 231_000_000)];
    for (i, nprobe) in [4, 16, 64, 256, 1024].into_iter().enumerate() {
        let grown = i as f64 / 4.0;
        let recall = 1.0 - 0.45 * (-2.4 * grown).exp();
        points.push(point(
            "IVF2048,PQ64,Refine(f16)",
            with(nprobe, 64),
            recall,
            0.18 * 2.6f32.powi(i as i32),
            9_032_240,
        ));
        let recall = 1.0 - 0.30 * (-3.4 * grown).exp();
        let text = "PCA192,IVF4096,PQ64x4fsr,Refine(f16)";
        points.push(point(text, with(nprobe, 64), recall, 0.11 * 2.4f32.powi(i as i32), 5_300_000));
    }
    for (i, ef) in [16, 64, 256].into_iter().enumerate() {
        let recall = [0.962, 0.9937, 0.9989][i];
        let text = "PCA192,HNSW32,SQfp16,Refine(f16)";
        points.push(point(text, with(32, ef), recall, [0.16, 0.37, 1.1][i], 79_000_000));
    }
    for (i, candidates) in [250, 1000, 4000].into_iter().enumerate() {
        let params = SearchParams { lsh_candidates: candidates, ..SearchParams::default() };
        points.push(point("LSH1024,Flat,Refine(f16)", params, [0.981, 0.9993, 1.0][i], [1.4, 1.6, 2.3][i], 14_600_000));
    }
    let templates = SearchParams { templates: 10, ..SearchParams::default() };
    points.push(point("Templates,PCA192,IVF1024,PQ64x4fsr,Refine(f16)", templates, 0.9985, 0.24, 8_700_000));
    SweepRun {
        request: SweepRequest {
            specs: points.iter().map(|point| point.spec.clone()).collect(),
            nprobe: vec![4, 16, 64, 256, 1024],
            ef_search: vec![16, 64, 256],
            refine_factor: vec![4],
            lsh_candidates: vec![250, 1000, 4000],
            templates: vec![10],
            probes: ProbeSet::HeldOut { nq: 1000 },
            k: 10,
            batch: 1,
            threads: 1,
            circumstances: Circumstances::default(),
        },
        model: "edgeface-xs".to_owned(),
        begun_at: 1_760_000_000_000,
        data_digest: DIGEST.to_owned(),
        ntotal: 112_903,
        d: 512,
        machine: "2 cores, AVX-512, Faiss 1.12".to_owned(),
        points,
        problems: vec![(spec("IVF65536,Flat"), "65,536 lists need at least 65,536 faces to learn from".into())],
    }
}

pub fn curve(nprobe: u32, is_exact: bool, floor: f64, strangers: f64) -> IdentificationCurve {
    let points = (0..60).map(|i| {
        let t = f64::from(i) / 59.0;
        let fnir = (floor + 0.0008 * (t * 6.5).exp()).min(1.0);
        let fpir = strangers * (-9.0 * t).exp();
        let half = |p: f64, n: f64| 1.96 * (p * (1.0 - p).max(0.0) / n).sqrt();
        IdentificationPoint {
            threshold: 0.15 + 0.5 * t as f32,
            fnir: estimate(fnir, half(fnir, 6_200.0)),
            fpir: estimate(fpir, half(fpir, 6_200.0)),
        }
    });
    IdentificationCurve {
        params: SearchParams { nprobe, ..SearchParams::default() },
        is_exact,
        k: 20,
        people: 400,
        mated_searches: 6_204,
        nonmated_searches: 6_204,
        points: points.collect(),
        latency: latency(if is_exact { 13.4 } else { 0.02 * nprobe as f32 }),
    }
}

pub fn curves() -> Vec<IdentificationCurve> {
    vec![
        curve(8, false, 0.16, 0.32),
        curve(32, false, 0.055, 0.48),
        curve(128, false, 0.012, 0.66),
        curve(128, true, 0.0006, 1.0),
    ]
}

/// A gallery with a live index and nothing measured yet.
pub fn ready(text: &str) -> AppState {
    let mut state = super::gallery(300, 0);
    state.screen = Screen::Tune;
    state.search.threshold = 0.32;
    state.tune = TuneView {
        overview: Some(overview(text)),
        generations: generations(),
        presets: presets(),
        ..TuneView::default()
    };
    state.tune.live.settings.params = params();
    state
}

/// The same with everything measured.
pub fn measured() -> AppState {
    let mut state = ready("IVF2048,PQ64,Refine(f16)");
    let saved = |name: &str, days: i64, points| SavedSweep {
        name: name.to_owned(),
        begun_at: 1_760_000_000_000 - days * 86_400_000,
        points,
    };
    state.tune.live = stream(300);
    state.requests.tune = 2;
    state.tune.sweep = SweepView {
        run: Some(run()),
        name: Some("sweep-20251009".to_owned()),
        saved: vec![saved("sweep-20251009", 0, 18), saved("sweep-20251002", 7, 42)],
        problem: None,
    };
    state.tune.advice = Load::Ready(advice());
    state.tune.autotune = Load::Ready(run().points[12].clone());
    state.tune.people = Load::Ready(curves());
    state
}

/// The same with a sweep under way.
pub fn sweeping() -> AppState {
    let mut state = measured();
    let mut job = super::job(7, "Sweep of 5 indexes", JobState::Running);
    job.kind = JobKind::Sweep;
    job.unit = "point";
    job.stage = "Measuring PCA192,HNSW32,SQfp16,Refine(f16)".into();
    (job.done, job.total, job.issues, job.skipped) = (12, Some(42), 0, 0);
    job.per_sec = 0.21;
    state.jobs.push(job);
    state.tune.sweep.name = None;
    if let Some(run) = &mut state.tune.sweep.run {
        run.points.truncate(12);
    }
    state
}
