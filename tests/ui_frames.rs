//! How long the window takes to build and tessellate a frame while a job brings in faces and 100,000 crops scroll by.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what went wrong by failing

mod ui_support;

use std::sync::Arc;
use std::time::Instant;

use egui::{Context, Event, Modifiers, MouseWheelUnit, RawInput, Rect, TouchPhase, pos2, vec2};
use likeness::app::{Command, JobState, Picture, WindowCommand};
use likeness::types::FaceId;
use likeness::ui::frame_meter::FrameMeter;
use likeness::ui::{UiMemory, install_theme, root_ui};
use ui_support as made_up;

#[test]
fn frames_stay_short_while_faces_come_in_and_a_hundred_thousand_scroll_by() {
    let mut state = made_up::gallery(100_000, 0);
    state.jobs = vec![made_up::job(1, "Enroll Holiday 2019", JobState::Running)];
    let drawn: Vec<Picture> = (0..64).map(made_up::drawn_crop).collect();
    let mut memory = UiMemory::default();
    let ctx = Context::default();
    install_theme(&ctx);
    let mut meter = FrameMeter::default();
    let (mut requested, mut uploaded) = (0usize, 0usize);
    for frame in 0..900u32 {
        // A face every other frame; ten seconds fast down, then up again.
        if frame % 2 == 0 {
            state.faces.push(FaceId(state.faces.len() as i64 + 1));
            state.jobs[0].faces += 1;
        }
        let delta = if frame < 600 { -240.0 } else { 400.0 };
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1920.0, 1080.0))),
            max_texture_side: Some(8192),
            time: Some(f64::from(frame) / 60.0),
            events: vec![
                Event::PointerMoved(pos2(1200.0, 600.0)),
                Event::MouseWheel {
                    unit: MouseWheelUnit::Point,
                    delta: vec2(0.0, delta),
                    phase: TouchPhase::Move,
                    modifiers: Modifiers::NONE,
                    source: egui::MouseWheelSource::Wheel,
                },
            ],
            ..RawInput::default()
        };
        let mut commands = Vec::new();
        let begun = Instant::now();
        let mut output = ctx.run_ui(input, |ui| root_ui(ui, &state, &mut memory, &mut commands));
        let primitives = ctx.tessellate(std::mem::take(&mut output.shapes), output.pixels_per_point);
        meter.record(begun.elapsed());
        assert!(!primitives.is_empty());
        uploaded += output.textures_delta.set.len();
        output.textures_delta.clear();
        for command in commands {
            if let Command::Window(WindowCommand::RequestCrops(faces)) = command {
                requested += faces.len();
                for face in faces {
                    // Pixels of their own, as decoding gives them.
                    let crop = Picture::clone(&drawn[face.0 as usize % drawn.len()]);
                    state.crops.insert(face, Arc::new((*crop).clone()));
                }
            }
        }
    }
    let s = meter.statistics();
    println!(
        "frames {} p50 {:.2} ms p99 {:.2} ms max {:.2} ms over 16 ms {} crops {requested} uploads {uploaded}",
        s.frames, s.p50_millis, s.p99_millis, s.max_millis, s.over_16_millis
    );
    println!("{:?}", s.longest);
    assert!(requested > 5_000, "only {requested} crops came into view");
    assert!(uploaded > 5_000, "only {uploaded} textures were uploaded");
    // Measured 2026-11-23 on two cores at a load of 8, test build: p50 1.6 ms, p99 11 ms, longest 25 ms (one frame).
    // The bound is on the median: a busy machine stretches single frames at will.
    assert!(s.p50_millis < 8.0, "half of the frames take more than {} ms", s.p50_millis);
}
