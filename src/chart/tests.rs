use super::*;
use crate::eval::pareto::tests::point;
use crate::eval::report::tests::run_of;
use crate::types::Estimate;

fn measured(spec: &str, nprobe: u32, recall: f64, p50_millis: f32, ram_bytes: u64) -> OperatingPoint {
    let mut point = point(recall, p50_millis, ram_bytes);
    point.spec = spec.parse().unwrap();
    point.params.nprobe = nprobe;
    point.recall_at_k = Estimate { mean: recall, low: recall - 0.1 * (1.0 - recall), high: (recall + 0.002).min(1.0) };
    point
}

fn sample() -> SweepRun {
    run_of(vec![
        measured("Flat", 32, 1.0, 114.0, 2_048_000_000),
        measured("IVF1024,Flat", 32, 0.758, 3.1, 2_058_000_000),
        measured("IVF1024,Flat", 64, 0.85, 6.0, 2_058_000_000),
        measured("IVF2048,PQ64,Refine(f16)", 64, 0.815, 1.0, 77_000_000),
        measured("IVF2048,PQ64,Refine(f16)", 128, 0.9, 1.9, 77_000_000),
    ])
}

fn all_options() -> impl Iterator<Item = ChartOptions> {
    let costs = [Cost::P50, Cost::P99, Cost::Ram, Cost::Build];
    costs.into_iter().flat_map(|cost| {
        [Spacing::Linear, Spacing::Log].into_iter().flat_map(move |cost_spacing| {
            [RecallScale::Linear, RecallScale::Misses].map(|recall_scale| ChartOptions {
                cost,
                cost_spacing,
                recall_scale,
                dark: recall_scale == RecallScale::Linear,
                ..ChartOptions::default()
            })
        })
    })
}

/// The text of a chart as a reader of SVG sees it; fails where it is no SVG.
fn tree(svg: &str) -> resvg::usvg::Tree {
    resvg::usvg::Tree::from_str(svg, &resvg::usvg::Options::default()).unwrap()
}

#[test]
fn everything_the_figures_depend_on_stands_on_the_chart() {
    let svg = svg_from_run(&sample(), &ChartOptions::default());
    let digest = "0f".repeat(32);
    for said in [
        "k 10",
        "batch 1",
        "1 thread",
        "100 probes",
        "held-out",
        "1,000 faces",
        "512-d",
        "8 cores, AVX2, Faiss 1.12",
        "&quot;glint&quot;",
        digest.as_str(),
        "2026-09-21",
        "IVF1024,Flat",
        "IVF2048,PQ64,Refine(f16)",
        "nprobe 128 ×4",
        "Pareto front",
        "95 % interval",
        "recall@10",
        "[ms]",
        ">exact<",
    ] {
        assert!(svg.contains(said), "{said}\n{svg}");
    }
    assert!(svg.contains("<title>IVF2048,PQ64,Refine(f16) nprobe 64 ×4: recall@10 0.8150"), "{svg}");
}

#[test]
fn every_choice_of_axes_is_sound_svg_with_finite_places() {
    for options in all_options() {
        let svg = svg_from_run(&sample(), &options);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{options:?}\n{svg}");
        let size = tree(&svg).size();
        assert_eq!((size.width(), size.height()), (1200.0, 760.0));
    }
}

#[test]
fn empty_odd_and_hostile_runs_are_drawn() {
    let [nan, nothing] = [point(f64::NAN, 1.0, 1), point(0.0, 0.0, 0)];
    let mut runs = vec![run_of(vec![]), run_of(vec![nan]), run_of(vec![point(1.0, 1.0, 0)])];
    runs.push(run_of(vec![nothing.clone(), nothing]));
    let mut hostile = sample();
    hostile.machine = "<script>\u{0}&\"".to_owned();
    hostile.data_digest = "x".repeat(5000);
    hostile.begun_at = i64::MAX;
    hostile.request.probes = ProbeSet::File { path: "..".into() };
    hostile.problems.push(("PQ7".parse().unwrap(), "no".into()));
    runs.push(hostile);
    for run in &runs {
        for options in all_options() {
            let svg = svg_from_run(run, &options);
            assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("<script"), "{options:?}\n{svg}");
            tree(&svg);
        }
    }
    assert!(svg_from_run(&runs[0], &ChartOptions::default()).contains("No point has been measured"));
}

#[test]
fn a_long_legend_makes_the_chart_higher() {
    let points = (1..=60).map(|n| measured(&format!("IVF{n},Flat"), 1, 0.5, n as f32, 1)).collect();
    let svg = svg_from_run(&run_of(points), &ChartOptions::default());
    assert!(tree(&svg).size().height() > 1200.0);
    assert!(svg.contains("IVF60,Flat"));
}

#[test]
fn better_points_lie_higher_and_dearer_ones_further_right() {
    let run = sample();
    for options in all_options() {
        let shown: Vec<&OperatingPoint> = run.points.iter().collect();
        let specs = specs_of(&shown);
        let layout = Layout::new(&run, &options, &specs);
        let chart = Chart { run: &run, options: &options, colours: &LIGHT, shown, specs, layout };
        let (costs, recalls) = (chart.cost_axis(), chart.recall_axis());
        for a in &run.points {
            for b in &run.points {
                if a.recall_at_k.mean > b.recall_at_k.mean {
                    let [a, b] = [a, b].map(|p| chart.recall_pixel(&recalls, p.recall_at_k.mean));
                    assert!(a < b, "{options:?}");
                }
                if options.cost.of(a) > options.cost.of(b) {
                    assert!(costs.pixel_of(chart.cost_of(a)) > costs.pixel_of(chart.cost_of(b)), "{options:?}");
                }
            }
        }
    }
}
