//! Families of indexes as they are told apart in charts and lists: by colour and by shape.

use egui::{Color32, Painter, Pos2, Shape, Stroke, Ui, vec2};
use egui_plot::MarkerShape;

use crate::app::Family;
use crate::ui::theme;

pub fn color(ui: &Ui, family: Family) -> Color32 {
    let series = &theme::palette(ui).series;
    match family {
        Family::Flat => series.grey,
        Family::Ivf => series.teal,
        Family::Hnsw => series.orange,
        Family::Lsh => series.violet,
        Family::Templates => series.green,
    }
}

/// In a chart.
pub fn shape(family: Family) -> MarkerShape {
    match family {
        Family::Flat => MarkerShape::Square,
        Family::Ivf => MarkerShape::Circle,
        Family::Hnsw => MarkerShape::Diamond,
        Family::Lsh => MarkerShape::Up,
        Family::Templates => MarkerShape::Down,
    }
}

/// The same as a sign beside words, `radius` points from its middle to its corners.
pub fn paint(ui: &Ui, painter: &Painter, at: Pos2, radius: f32, family: Family) {
    let color = color(ui, family);
    let corners: Vec<_> = match shape(family) {
        MarkerShape::Square => [(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)].to_vec(),
        MarkerShape::Diamond => [(0.0, -1.1), (1.1, 0.0), (0.0, 1.1), (-1.1, 0.0)].to_vec(),
        MarkerShape::Up => [(0.0, -1.0), (1.0, 0.8), (-1.0, 0.8)].to_vec(),
        MarkerShape::Down => [(0.0, 1.0), (-1.0, -0.8), (1.0, -0.8)].to_vec(),
        _ => {
            painter.circle_filled(at, radius, color);
            return;
        }
    };
    let corners = corners.into_iter().map(|(x, y)| at + vec2(x, y) * radius).collect();
    painter.add(Shape::convex_polygon(corners, color, Stroke::NONE));
}
