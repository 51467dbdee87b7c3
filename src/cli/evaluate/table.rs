//! The figures of a report as a table of text.

use unicode_width::UnicodeWidthStr;

use crate::cli::output::padded;
use crate::eval::recognition::{Condition, Identification, RecognitionReport, TarPoint, Verification};
use crate::say;
use crate::types::Estimate;

/// A line for each network and condition, with a head line; empty without results.
pub(super) fn table_from_report(report: &RecognitionReport) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    if !report.verification.is_empty() {
        rows.push(
            [
                say!("table-model"),
                say!("table-photos"),
                say!("table-accuracy"),
                say!("threshold").to_lowercase(),
                tar_head("1e-1"),
                tar_head("1e-2"),
                tar_head("1e-3"),
                say!("table-bare-threshold", fmr = "1e-2"),
                say!("table-failures"),
            ]
            .into(),
        );
        rows.extend(report.verification.iter().map(verification_row));
        if report.verification.iter().any(|result| result.all_pairs.is_some()) {
            let empty = std::iter::repeat_n(String::new(), rows[0].len()).collect();
            rows.push(empty);
            rows.push(
                [
                    say!("table-all-pairs"),
                    say!("table-photos"),
                    say!("table-mated"),
                    say!("table-nonmated"),
                    tar_head("1e-2"),
                    tar_head("1e-3"),
                    tar_head("1e-4"),
                    say!("table-bare-threshold", fmr = "1e-3"),
                    String::new(),
                ]
                .into(),
            );
            rows.extend(report.verification.iter().filter_map(all_pairs_row));
        }
    }
    if !report.identification.is_empty() {
        rows.push(
            [
                say!("table-model"),
                say!("table-photos"),
                say!("table-rank", n = "1"),
                say!("table-rank", n = "10"),
                fnir_head("1e-1"),
                fnir_head("1e-2"),
                say!("table-failures"),
            ]
            .into(),
        );
        rows.extend(report.identification.iter().map(identification_row));
    }
    aligned(&rows)
}

fn verification_row(result: &Verification) -> Vec<String> {
    let std = result.accuracy_std.map_or_else(String::new, |std| format!(" ± {:.2}", 100.0 * std));
    vec![
        result.model.clone(),
        condition(result.condition),
        format!("{:.2}{std} %", 100.0 * result.accuracy),
        format!("{:.3}", result.threshold),
        tar_text(&result.tar, 1e-1),
        tar_text(&result.tar, 1e-2),
        tar_text(&result.tar, 1e-3),
        result
            .at_bare_thresholds
            .iter()
            .find(|p| p.fmr_target == 1e-2)
            .map_or_else(dash, |point| at_fmr(point.at.tar.mean, format!("{:.2}", 100.0 * point.at.fmr.mean))),
        say!("table-of", n = result.failures, all = result.mated_pairs + result.nonmated_pairs),
    ]
}

fn all_pairs_row(result: &Verification) -> Option<Vec<String>> {
    let all = result.all_pairs.as_ref()?;
    Some(vec![
        result.model.clone(),
        condition(result.condition),
        all.mated_pairs.to_string(),
        all.nonmated_pairs.to_string(),
        tar_text(&all.tar, 1e-2),
        tar_text(&all.tar, 1e-3),
        tar_text(&all.tar, 1e-4),
        all.at_bare_thresholds
            .iter()
            .find(|p| p.fmr_target == 1e-3)
            .map_or_else(dash, |point| at_fmr(point.at.tar.mean, format!("{:.3}", 100.0 * point.at.fmr.mean))),
        String::new(),
    ])
}

fn identification_row(result: &Identification) -> Vec<String> {
    let fnir = |target: f64| {
        let point = result.at_fpir.iter().find(|point| point.fpir_target == target);
        point.map_or_else(dash, |point| estimate_text(&point.at.fnir))
    };
    vec![
        result.model.clone(),
        condition(result.condition),
        estimate_text(&result.rank_1),
        estimate_text(&result.rank_10),
        fnir(1e-1),
        fnir(1e-2),
        say!("table-of", n = result.failures, all = result.mated_searches + result.nonmated_searches),
    ]
}

fn tar_text(points: &[TarPoint], fmr: f64) -> String {
    points.iter().find(|point| point.fmr_target == fmr).map_or_else(dash, |point| estimate_text(&point.at.tar))
}

fn estimate_text(estimate: &Estimate) -> String {
    let [mean, low, high] = [estimate.mean, estimate.low, estimate.high].map(|share| 100.0 * share);
    format!("{mean:.1} % ({low:.1}–{high:.1})")
}

fn tar_head(fmr: &str) -> String {
    say!("table-tar", fmr = fmr)
}

fn fnir_head(fpir: &str) -> String {
    say!("table-fnir", fpir = fpir)
}

fn at_fmr(tar: f64, fmr: String) -> String {
    say!("table-at-fmr", tar = format!("{:.1}", 100.0 * tar), fmr = fmr)
}

fn condition(condition: Condition) -> String {
    match condition {
        Condition::Bare => say!("table-bare"),
        Condition::Masked => say!("table-masked"),
        Condition::MaskedRedetected => say!("table-masked-again"),
    }
}

fn dash() -> String {
    "–".to_owned()
}

fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| padded(cell, width)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let rows = [vec!["a".to_owned(), "±".to_owned(), "x".to_owned()], vec!["long".to_owned(), "b".to_owned()]];
        assert_eq!(aligned(&rows), "a     ±  x\nlong  b");
        let wide = [vec!["人脸".to_owned(), "x".to_owned()], vec!["a".to_owned(), "y".to_owned()]];
        assert_eq!(aligned(&wide), "人脸  x\na     y");
        assert_eq!(estimate_text(&Estimate { mean: 0.5, low: 0.25, high: 1.0 }), "50.0 % (25.0–100.0)");
    }
}
