//! What comes in from outside the window: dropped files and folders, and the clipboard.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Align2, Context, Event, Id, LayerId, Order, Stroke, StrokeKind, Ui, vec2};
use image::RgbImage;
use poll_promise::Promise;

use super::dialogs::{WEIGHTS, panic_text};
use super::memory::Paste;
use super::screens::{self, Takes};
use super::{Cx, theme};
use crate::app::{EnrollCommand, ModelsCommand, NoticeLevel, Screen, SearchCommand, WindowCommand};
use crate::{say, words};

/// Turns drops and pastes of this frame into commands.
pub(super) fn take_drops_and_pastes(ctx: &Context, cx: &mut Cx<'_>) {
    finish_paste(ctx, cx);
    let dropped: Vec<PathBuf> =
        ctx.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect());
    if !dropped.is_empty() {
        take_files(cx, dropped);
    }
    if ctx.text_edit_focused() {
        return;
    }
    let mut pasted = Vec::new();
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let ours = matches!(event, Event::Paste(_) | Event::PasteImage(_));
            if ours {
                pasted.push(event.clone());
            }
            !ours
        });
    });
    for event in pasted {
        match event {
            Event::Paste(text) => {
                let files = files_from_text(&text);
                if files.is_empty() {
                    cx.notify(NoticeLevel::Info, say!("intake-no-text"));
                } else {
                    take_files(cx, files);
                }
            }
            Event::PasteImage(image) => begin_paste(ctx, cx, image),
            _ => {}
        }
    }
}

fn holds_weights(file: &Path) -> bool {
    let extension = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    WEIGHTS.contains(&extension.as_str())
}

/// On the search screen the first file is the probe, on the models screen it is the model to import; anywhere else
/// files are enrolled.
fn take_files(cx: &mut Cx<'_>, mut files: Vec<PathBuf>) {
    let (_, takes) = screens::about(cx.state.screen);
    if takes == Takes::Weights {
        take_weights(cx, &files);
    } else if takes == Takes::Probe {
        if files.len() > 1 {
            let text = say!("intake-one-photo", file = super::format::file_name(&files[0]));
            cx.notify(NoticeLevel::Info, text);
        }
        cx.push(SearchCommand::File(files.swap_remove(0)));
    } else if cx.can_change(&say!("intake-not-enrolled")) {
        let subjects_from_folders = cx.memory.enroll.subjects_from_folders;
        cx.push(EnrollCommand::Start { sources: files, subjects_from_folders });
        if cx.state.screen != Screen::Enroll {
            cx.push(WindowCommand::ShowScreen(Screen::Enroll));
        }
    }
}

fn take_weights(cx: &mut Cx<'_>, files: &[PathBuf]) {
    if cx.state.models_view.import.as_ref().is_some_and(|import| import.running) {
        return cx.notify(NoticeLevel::Info, say!("intake-import-running"));
    }
    let Some(file) = files.iter().find(|file| holds_weights(file)) else {
        let endings = WEIGHTS.map(|ending| format!(".{ending}")).join(", ");
        return cx.notify(NoticeLevel::Info, say!("intake-no-weights", endings = endings));
    };
    if !cx.can_change(&say!("intake-not-imported")) {
        return;
    }
    if files.len() > 1 {
        let text = say!("intake-one-model", file = super::format::file_name(file));
        cx.notify(NoticeLevel::Info, text);
    }
    cx.push(ModelsCommand::InspectWeights(file.clone()));
}

/// Absolute paths, one a line, plain or as `file://` addresses, as file managers put them into the clipboard.
fn files_from_text(text: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in text.lines().map(|line| line.trim().trim_matches('"')).filter(|line| !line.is_empty()) {
        if matches!(line, "copy" | "cut" | "x-special/nautilus-clipboard") || line.starts_with('#') {
            continue;
        }
        let path = match line.strip_prefix("file://") {
            Some(rest) => {
                let path = rest.strip_prefix("localhost").unwrap_or(rest);
                percent_decoded(path)
            }
            None => PathBuf::from(line),
        };
        if !path.is_absolute() {
            return Vec::new();
        }
        files.push(path);
    }
    files
}

/// `%20` and its like become the bytes they stand for; what is no such code stays. Names need not be text.
fn percent_decoded(text: &str) -> PathBuf {
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(text).collect();
    #[cfg(unix)]
    let name = <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes);
    #[cfg(not(unix))]
    let name = String::from_utf8_lossy(&bytes).into_owned();
    PathBuf::from(name)
}

/// Large pictures take longer to convert than a frame may.
fn begin_paste(ctx: &Context, cx: &mut Cx<'_>, image: Arc<egui::ColorImage>) {
    let (ctx, language) = (ctx.clone(), words::spoken());
    cx.memory.paste = Some(Paste(Promise::spawn_thread("clipboard-picture", move || {
        words::speak(Some(language));
        let converted =
            catch_unwind(AssertUnwindSafe(|| rgb_from_color(&image))).unwrap_or_else(|panic| Err(panic_text(&*panic)));
        ctx.request_repaint();
        converted
    })));
}

/// Transparent parts become white, as on paper.
fn rgb_from_color(image: &egui::ColorImage) -> Result<RgbImage, String> {
    let [width, height] = image.size.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    let mut raw = Vec::with_capacity(image.pixels.len() * 3);
    for pixel in &image.pixels {
        let [r, g, b, a] = pixel.to_array();
        raw.extend([r, g, b].map(|channel| channel.saturating_add(255 - a)));
    }
    RgbImage::from_raw(width, height, raw).ok_or_else(|| say!("intake-paste-size"))
}

fn finish_paste(ctx: &Context, cx: &mut Cx<'_>) {
    let Some(Paste(promise)) = cx.memory.paste.take() else { return };
    match promise.try_take() {
        Ok(Ok(image)) => {
            cx.push(SearchCommand::Image(Arc::new(image)));
            if cx.state.screen != Screen::Search {
                cx.push(WindowCommand::ShowScreen(Screen::Search));
            }
        }
        Ok(Err(reason)) => {
            cx.notify(NoticeLevel::Error, say!("intake-paste-failed", reason = reason));
        }
        Err(waiting) => {
            cx.memory.paste = Some(Paste(waiting));
            ctx.request_repaint_after_secs(0.02);
        }
    }
}

/// Says what letting go would do while files hover over the window.
pub(super) fn drop_overlay_ui(ui: &Ui, screen: Screen) {
    let hovering = ui.input(|input| input.raw.hovered_files.len());
    if hovering == 0 {
        return;
    }
    let palette = theme::palette(ui);
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Foreground, Id::unique("drop-overlay")));
    let rect = ui.ctx().content_rect();
    painter.rect_filled(rect, 0.0, palette.veil);
    let size = vec2(420.0, 148.0).min(rect.size() - vec2(32.0, 32.0));
    let card = egui::Rect::from_center_size(rect.center(), size);
    painter.rect(card, 12.0, palette.surface, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
    let (title, text) = match screens::about(screen).1 {
        Takes::Probe => (say!("intake-drop-search"), say!("intake-drop-search-about")),
        Takes::Weights => (say!("intake-drop-import"), say!("intake-drop-import-about")),
        Takes::Photos => (say!("intake-drop-enroll"), say!("intake-drop-enroll-about", n = hovering)),
    };
    painter.text(card.center() - vec2(0.0, 14.0), Align2::CENTER_CENTER, title, theme::title(), palette.text);
    painter.text(card.center() + vec2(0.0, 18.0), Align2::CENTER_CENTER, text, theme::body(), palette.text_soft);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_out_of_clipboard_text() {
        let uris = "copy\nfile:///home/a/Summer%20%C3%A9t%C3%A9.jpg\nfile://localhost/b.png\n";
        assert_eq!(files_from_text(uris), [PathBuf::from("/home/a/Summer \u{e9}t\u{e9}.jpg"), PathBuf::from("/b.png")]);
        assert_eq!(files_from_text("\"/with space/a.jpg\"\n"), [PathBuf::from("/with space/a.jpg")]);
        assert!(files_from_text("some words").is_empty());
        assert!(files_from_text("").is_empty());
        assert_eq!(percent_decoded("100%"), PathBuf::from("100%"));
        assert_eq!(percent_decoded("%zz%4"), PathBuf::from("%zz%4"));
    }

    #[cfg(unix)]
    #[test]
    fn names_of_files_that_are_no_text_come_out_as_they_are() {
        let name = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"/old/caf\xe9.jpg");
        assert_eq!(files_from_text("file:///old/caf%E9.jpg"), [PathBuf::from(name)]);
    }

    #[test]
    fn transparent_clipboard_pixels_become_white() {
        let pixels = vec![egui::Color32::TRANSPARENT, egui::Color32::from_rgb(1, 2, 3)];
        let image = rgb_from_color(&egui::ColorImage::new([2, 1], pixels)).unwrap();
        assert_eq!(image.as_raw(), &[255, 255, 255, 1, 2, 3]);
    }
}
