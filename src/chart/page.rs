//! The little of SVG that a chart needs.

use std::fmt::Write;

/// Colours of one appearance, each as SVG takes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Colours {
    pub page: &'static str,
    pub plot: &'static str,
    pub grid: &'static str,
    pub text: &'static str,
    pub faint_text: &'static str,
    pub front: &'static str,
    /// Of the specs in turn. Told apart also by those who see red and green alike; shapes help.
    pub series: [&'static str; 8],
}

pub(super) const LIGHT: Colours = Colours {
    page: "#ffffff",
    plot: "#f7f8fa",
    grid: "#dfe3e8",
    text: "#1c2127",
    faint_text: "#5a6572",
    front: "#1c2127",
    series: ["#0b62c4", "#c4500b", "#0a7f5a", "#a3218e", "#8a6a00", "#c0213a", "#0e7c91", "#5b4bc4"],
};

pub(super) const DARK: Colours = Colours {
    page: "#15181c",
    plot: "#1c2026",
    grid: "#343b45",
    text: "#eceff3",
    faint_text: "#a3adb9",
    front: "#eceff3",
    series: ["#6db3ff", "#ff9d5c", "#4fd1a1", "#f08be0", "#e3c04d", "#ff8394", "#5fd3ea", "#b3a6ff"],
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// A page that is written from top to bottom; what comes later lies above.
#[derive(Debug)]
pub(super) struct Page {
    svg: String,
}

impl Page {
    pub(super) fn new([width, height]: [f64; 2], colour: &str, title: &str) -> Self {
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"Inter, sans-serif\" \
             style=\"font-feature-settings: 'calt' 0\">\n<title>{}</title>\n",
            escaped(title)
        );
        let _ = writeln!(svg, "<rect width=\"{width}\" height=\"{height}\" fill=\"{colour}\"/>");
        Self { svg }
    }

    /// One element, or several, as they stand.
    pub(super) fn raw(&mut self, element: &str) {
        self.svg.push_str(element);
        self.svg.push('\n');
    }

    pub(super) fn line(&mut self, from: [f64; 2], to: [f64; 2], style: &str) {
        let ([x1, y1], [x2, y2]) = (from, to);
        let _ = writeln!(self.svg, "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" fill=\"none\" {style}/>");
    }

    pub(super) fn path(&mut self, points: &[[f64; 2]], style: &str) {
        let mut d = String::new();
        for (at, [x, y]) in points.iter().enumerate() {
            let _ = write!(d, "{}{x:.1} {y:.1}", if at == 0 { 'M' } else { 'L' });
        }
        let _ = writeln!(self.svg, "<path d=\"{d}\" fill=\"none\" {style}/>");
    }

    /// `at` is on the text's base line.
    pub(super) fn text(&mut self, at: [f64; 2], size: f64, anchor: Anchor, style: &str, text: &str) {
        let [x, y] = at;
        let _ = writeln!(
            self.svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{}\" {style}>{}</text>",
            anchor.name(),
            escaped(text)
        );
    }

    pub(super) fn finish(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }
}

/// The marker of series `series` around `[x, y]`, with a tooltip where there is one.
pub(super) fn marker([x, y]: [f64; 2], series: usize, colours: &Colours, tooltip: &str) -> String {
    let colour = colours.series[series % colours.series.len()];
    // Shapes go by another cycle than colours, so that 40 specs look different.
    let shape = match series % 5 {
        0 => format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\""),
        1 => format!("<path d=\"M{:.1} {:.1}h9v9h-9z\"", x - 4.5, y - 4.5),
        2 => format!("<path d=\"M{x:.1} {:.1}l6 6l-6 6l-6 -6z\"", y - 6.0),
        3 => format!("<path d=\"M{x:.1} {:.1}l6 10h-12z\"", y - 6.0),
        _ => format!("<path d=\"M{x:.1} {:.1}l6 -10h-12z\"", y + 6.0),
    };
    let title = if tooltip.is_empty() { String::new() } else { format!("<title>{}</title>", escaped(tooltip)) };
    format!("{shape} fill=\"{colour}\" stroke=\"{}\" stroke-width=\"1\">{title}</{}>", colours.page, element(&shape))
}

fn element(shape: &str) -> &'static str {
    if shape.starts_with("<circle") { "circle" } else { "path" }
}

/// How wide a text is, pixels: an estimate over the shapes of Inter, a little more rather than less.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let ems = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | '\'' | '|' | ' ' | '·' | '(' | ')' => 0.34,
        'm' | 'w' | 'M' | 'W' | '%' | '–' | '×' | '@' => 0.92,
        'A'..='Z' | '0'..='9' => 0.68,
        _ => 0.59,
    };
    text.chars().map(ems).sum::<f64>() * size
}

/// Lines no wider than `width`, broken behind commas and spaces; a piece that is wider stands alone.
pub(super) fn wrapped(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in text.split_inclusive([',', ' ']) {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.is_empty() && text_width(&format!("{line}{}", piece.trim_end()), size) > width {
            lines.push(piece.to_owned());
        } else {
            line.push_str(piece);
        }
    }
    lines
}

/// Text that may stand in SVG; characters that XML does not have become spaces.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push(' '),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_wrapped() {
        assert_eq!(escaped("a<b & \"c\"\u{0}\n"), "a&lt;b &amp; &quot;c&quot;  ");
        assert_eq!(wrapped("Templates,PCA192,HNSW32,Flat", 12.0, 110.0), ["Templates,", "PCA192,HNSW32,", "Flat"]);
        assert_eq!(wrapped("short", 12.0, 200.0), ["short"]);
        assert_eq!(wrapped("unbreakable_and_long", 12.0, 20.0), ["unbreakable_and_long"]);
    }
}
